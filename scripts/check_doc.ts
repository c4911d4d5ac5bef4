// Checks that every public name of every entry is documented, and that what JSR rates is all there: its score, by its published rules.

/** A symbol as `deno doc --json` tells of it. */
interface DocSymbol {
  readonly declarations: readonly {
    readonly declarationKind: string;
    /** A `reference` is what another entry has, too: it is told of there. */
    readonly kind?: string;
    readonly jsDoc?: object;
  }[];
}

/** What `deno doc --json` tells of one entry. */
export interface DocModule {
  readonly module_doc?: {
    readonly doc?: string;
    readonly tags?: readonly { readonly kind: string }[];
  };
  readonly symbols: readonly DocSymbol[];
}

/** What else the score asks. */
export interface Facts {
  readonly readme: string;
  readonly description: string;
  /** Runtimes it is for. */
  readonly runtimes: number;
  readonly hasSlowTypes: boolean;
  readonly hasProvenance: boolean;
}

/** One part of the score. */
export interface Part {
  readonly what: string;
  readonly points: number;
  readonly of: number;
}

/** From here on JSR asks for no more symbols with a comment. */
const ENOUGH_SYMBOLS = 0.8;

/** We do. */
const OWN_SHARE = 0.95;

/** Types of other packages in our signatures: those cannot be made public by us, and are documented there. */
const OF_OTHERS =
  /^error\[private-type-ref\]: public type '(dashboard' references private type 'Hono|TraceOptions\["tracerProvider"\]' references private type 'TracerProvider)'$/;

/** Seventeen make all of it: one of these can be had besides. */
const WHOLE_SCORE = 17;

/**
 * The parts of the score, as https://jsr.io/docs/scoring has them.
 *
 * @param main the entry `.`.
 */
export function scoreOf(main: DocModule, entries: readonly DocModule[], facts: Facts): Part[] {
  const part = (what: string, of: number, isMet: boolean) => ({ what, of, points: isMet ? of : 0 });
  const tags = main.module_doc?.tags ?? [];
  const share = Math.min(shareOfDocumented(entries) / ENOUGH_SYMBOLS, 1);
  return [
    part("a README or a comment of the module", 2, facts.readme !== "" || !!main.module_doc?.doc),
    part(
      "an example in it",
      1,
      facts.readme.includes("```") || tags.some(({ kind }) => kind === "example"),
    ),
    part(
      "a comment of the module in every entry",
      1,
      entries.every((entry) => entry.module_doc),
    ),
    { what: "comments of most symbols", of: 5, points: Math.floor(5 * share) },
    part("no slow types", 5, !facts.hasSlowTypes),
    part("a description", 1, facts.description !== ""),
    part("one runtime", 1, facts.runtimes >= 1),
    part("two runtimes", 1, facts.runtimes >= 2),
    part("provenance", 1, facts.hasProvenance),
  ];
}

/** How many of the public symbols have a comment, of one. */
export function shareOfDocumented(entries: readonly DocModule[]): number {
  const declarations = entries
    .flatMap(({ symbols }) => symbols.flatMap((symbol) => symbol.declarations))
    .filter(({ declarationKind, kind }) => declarationKind !== "private" && kind !== "reference");
  const documented = declarations.filter(({ jsDoc }) => jsDoc !== undefined);
  return declarations.length === 0 ? 1 : documented.length / declarations.length;
}

function main(): void {
  const { exports } = JSON.parse(Deno.readTextFileSync("deno.json"));
  const { description } = JSON.parse(Deno.readTextFileSync("package.json"));
  const sources = Object.values<string>(exports);
  const lint = deno("doc", "--lint", ...sources);
  const publish = deno("publish", "--dry-run", "--allow-dirty", "--quiet", "--no-check");
  const { nodes } = JSON.parse(deno("doc", "--json", ...sources).output);
  const entries = Object.values<DocModule>(nodes);
  const [first = { symbols: [] }] = entries;
  const parts = scoreOf(first, entries, {
    readme: Deno.readTextFileSync("README.md"),
    description,
    runtimes: 4,
    hasSlowTypes: !publish.success,
    // It is had by whoever publishes from the forge (.github/workflows/publish.yml), and is judged only there.
    hasProvenance: false,
  });
  const share = shareOfDocumented(entries);
  const points = parts.reduce((sum, part) => sum + part.points, 0);
  const missing = parts.filter((part) => part.points < part.of).map(({ what }) => what);
  const undocumented = lint.errors.match(/^error\[.*$/gm) ?? [];
  const isLinted = lint.success || undocumented.every((line) => OF_OTHERS.test(line));
  if (!isLinted) console.error(lint.errors);
  if (!publish.success) console.error(publish.errors);
  console.log(
    `Documented: ${(100 * share).toFixed(1)} % of the symbols of ${entries.length} entries. ` +
      `JSR would rate it ${Math.min(100, Math.floor((100 * points) / WHOLE_SCORE))} %; missing: ${missing.join(", ") || "nothing"}`,
  );
  const isBad = missing.some((what) => what !== "provenance") || share < OWN_SHARE;
  if (isBad || !isLinted) Deno.exit(1);
}

function deno(...args: string[]) {
  const { success, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args,
    env: { NO_COLOR: "1" },
  }).outputSync();
  const [output = "", errors = ""] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes),
  );
  return { success, output, errors };
}

if (import.meta.main) main();
