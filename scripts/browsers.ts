// Prints which browsers have what the library needs, of MDN's tables: deno task browsers. Nobody but who writes docs/runtimes.md needs
// it, so the tables are no dependency; they are fetched when it is run.

/** Where the tables come from. */
const TABLES = "npm:@mdn/browser-compat-data@8.1.9";

const BROWSERS = ["chrome", "edge", "firefox", "safari", "safari_ios"] as const;

/** The newest that it cannot do without: older things come with these. By their names in the tables. */
const NEEDED: Readonly<Record<string, string>> = {
  "modules as workers": "api.Worker.Worker.options_type_parameter",
  "`navigator.locks`": "api.LockManager.request",
  "`Promise.withResolvers`": "javascript.builtins.Promise.withResolvers",
  "`toSorted` and `toReversed`": "javascript.builtins.Array.toSorted",
  "`Object.hasOwn`": "javascript.builtins.Object.hasOwn",
  "`structuredClone`": "api.structuredClone",
  "private fields": "javascript.classes.private_class_fields",
  "blocks of `static`": "javascript.classes.static.initialization_blocks",
  "`WeakRef`": "javascript.builtins.WeakRef",
  "`signal.throwIfAborted`": "api.AbortSignal.throwIfAborted",
};

/** What only some programs need. */
const USEFUL: Readonly<Record<string, string>> = {
  "an import map, without a bundler": "html.elements.script.type.importmap",
  "top-level `await` in your modules": "javascript.operators.await.top_level",
  "`Array.fromAsync` in your code": "javascript.builtins.Array.fromAsync",
  "shared memory, where the page is isolated": "javascript.builtins.SharedArrayBuffer",
  "`@concurrent/futures/record`": "javascript.builtins.DisposableStack",
  "`await using` in your code, unbuilt": "javascript.statements.await_using",
};

interface Support {
  readonly version_added?: string | boolean | null;
  readonly partial_implementation?: boolean;
  readonly flags?: unknown;
}

type Table = { readonly [name: string]: Table } & {
  readonly __compat?: { readonly support: Record<string, Support | readonly Support[]> };
};

/** The first version of a browser that has a feature, or why there is none. */
function since(table: Table, path: string, browser: string): string {
  const feature = path.split(".").reduce<Table | undefined>((part, name) => part?.[name], table);
  if (feature?.__compat === undefined) throw new Error(`Cannot find ${path} in the tables`);
  const entries = [feature.__compat.support[browser] ?? []].flat().filter(({ flags }) => !flags);
  const whole = entries.find(({ partial_implementation: isPart }) => !isPart)?.version_added;
  const part = entries.find(({ partial_implementation: isPart }) => isPart)?.version_added;
  const version = typeof whole === "string" ? whole.replace("≤", "") : "–";
  return typeof part === "string" ? `${version} (in part ${part})` : version;
}

const newestFirst = (a: string, b: string) => Number.parseFloat(b) - Number.parseFloat(a);

if (import.meta.main) {
  const { default: table } = await import(TABLES, { with: { type: "json" } });
  const line = (cells: readonly string[]) => console.log(`| ${cells.join(" | ")} |`);
  line(["", "Chrome", "Edge", "Firefox", "Safari", "Safari on iOS"]);
  line(["---", ...BROWSERS.map(() => "--:")]);
  const row = (path: string) => BROWSERS.map((browser) => since(table, path, browser));
  const rows = Object.values(NEEDED).map(row);
  const least = BROWSERS.map(
    (_, column) => rows.map((cells) => cells[column] ?? "–").sort(newestFirst)[0],
  );
  line(["**all that is needed**", ...least.map((version) => `**${version}**`)]);
  for (const [what, path] of Object.entries({ ...NEEDED, ...USEFUL })) line([what, ...row(path)]);
}
