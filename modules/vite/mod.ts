/**
 * Keeps modules of tasks files of their own where a bundler makes one file of many: a plugin for Vite, Rollup and rolldown.
 *
 * A worker finds a task by the address of its module. The plugin finds `importTasks(new URL("./jobs.ts", import.meta.url))`,
 * makes that module an entry of the build with all its exports, and puts its address there, whatever its name becomes.
 *
 * @example A configuration of Vite
 * ```ts ignore
 * import { taskModules } from "@concurrent/futures/vite";
 *
 * export default { plugins: [taskModules()] };
 * ```
 *
 * @module
 */

/** What of the bundler is used here: Vite, Rollup and rolldown have it in common. */
export interface BundlerContext {
  /** Parses a module into a tree as ESTree describes it, with the places of its nodes. */
  parse(code: string, options?: { lang?: "js" | "ts" | "tsx" }): unknown;
  /** Finds the file that a module means by a name. */
  resolve(name: string, importer: string): Promise<{ readonly id: string } | null>;
  /** Adds an entry to the build. */
  emitFile(file: {
    type: "chunk";
    id: string;
    name?: string;
    preserveSignature?: "strict";
  }): string;
  /** Ends the build. */
  error(message: string): never;
}

/** The plugin, as bundlers know one. */
export interface TaskModulesPlugin {
  /** Who it is, in what the bundler prints. */
  readonly name: string;
  /** Has Vite build workers as modules: they import those of tasks. */
  config(): { worker: { format: "es" } };
  /** Learns what Vite is about to do. */
  configResolved(config: {
    readonly command: "build" | "serve";
    readonly build?: { readonly ssr?: boolean | string };
  }): void;
  /** Puts addresses into a module of the program. */
  transform(
    this: BundlerContext,
    code: string,
    id: string,
  ): Promise<{ code: string; map: null } | undefined>;
  /** Says where an entry lies, in a build for a server. Elsewhere the bundler knows better: a page may lie below any path. */
  readonly resolveFileUrl: {
    /** Before Vite's own, which knows only paths. */
    readonly order: "pre";
    handler(file: {
      readonly referenceId: string;
      readonly relativePath: string;
    }): string | undefined;
  };
}

/**
 * Makes the plugin.
 *
 * While Vite serves a program that is developed, modules are files, and it does nothing. A build ends with an error where the
 * name of a module is not written out.
 *
 * @example In a build by Rollup or rolldown, too
 * ```ts
 * import assert from "node:assert/strict";
 * import { taskModules } from "@concurrent/futures/vite";
 *
 * assert.equal(taskModules().name, "@concurrent/futures");
 * ```
 */
export function taskModules(): TaskModulesPlugin {
  let tool: "vite build" | "vite serve" | undefined;
  let isForServer = false;
  const entries = new Set<string>();
  return {
    name: "@concurrent/futures",
    config: () => ({ worker: { format: "es" } }),
    configResolved({ command, build }) {
      tool = `vite ${command}`;
      isForServer = Boolean(build?.ssr);
    },
    resolveFileUrl: {
      order: "pre",
      handler({ referenceId, relativePath }) {
        if (!isForServer || !entries.has(referenceId)) return undefined;
        return `new URL(${JSON.stringify(relativePath)}, import.meta.url).href`;
      },
    },
    async transform(code, id) {
      // Vite finds workers by itself.
      const isOwn = tool === undefined && OWN_WORKER.test(id);
      if (tool === "vite serve" || !(isOwn || code.includes("importTasks"))) return undefined;
      const addresses = findAddresses(this.parse(code, { lang: languageOf(id) }), isOwn);
      let changed = code;
      // From the back: what stands in front keeps its place.
      for (const { start, end, name } of addresses.reverse()) {
        if (name === undefined) {
          this.error(
            `Cannot find a module of tasks in ${id}: write its name out, as importTasks(new URL("./jobs.ts", import.meta.url))`,
          );
        }
        const found = await this.resolve(name, id);
        if (found === null) this.error(`Cannot find the module of tasks "${name}" of ${id}`);
        const entry = this.emitFile({
          type: "chunk",
          id: found.id,
          name: /([^/\\]+?)(\.\w+)?$/.exec(name)?.[1] ?? "tasks",
          preserveSignature: "strict",
        });
        entries.add(entry);
        // By Vite it is only a path.
        const address = `new URL(import.meta.ROLLUP_FILE_URL_${entry}, import.meta.url)`;
        changed = `${changed.slice(0, start)}${address}${changed.slice(end)}`;
      }
      return addresses.length === 0 ? undefined : { code: changed, map: null };
    },
  };
}

/** The file of this package that starts a worker of a page: the source, and what it is a part of when it is built. */
const OWN_WORKER = /\/browser\/(spawn_worker\.ts|mod\.js)$/;

/** What is read as JavaScript by some is still TypeScript for rolldown. */
function languageOf(id: string): "js" | "ts" | "tsx" {
  const [, extension = ""] = /\.([a-z]+)(?:\?.*)?$/.exec(id) ?? [];
  if (extension.endsWith("x")) return "tsx";
  return extension.endsWith("ts") ? "ts" : "js";
}

/** A node of the tree. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [part: string]: unknown;
}

/** An address of a module that is to be an entry, as it is written. */
interface Address {
  readonly start: number;
  readonly end: number;
  /** Nothing if it is not written out. */
  readonly name: string | undefined;
}

/** Finds them, in the order in which they stand. */
function findAddresses(tree: unknown, isOwn: boolean): Address[] {
  const nodes = [...nodesIn(tree)];
  const names = new Set(nodes.flatMap(localName));
  return nodes
    .filter((node) => (isOwn ? isNew(node, "Worker") : namesTasks(node, names)))
    .flatMap(({ arguments: args }) => addressIn((args as Node[])[0]))
    .sort((one, other) => one.start - other.start);
}

function* nodesIn(part: unknown): Generator<Node> {
  if (typeof part !== "object" || part === null) return;
  if (!Array.isArray(part) && typeof (part as Node).type === "string") yield part as Node;
  for (const inner of Object.values(part)) yield* nodesIn(inner);
}

/** What a module calls `importTasks`. */
function localName({ type, imported, local }: Node): string[] {
  if (type !== "ImportSpecifier") return [];
  const { name, value = name } = imported as { name?: string; value?: string };
  return value === "importTasks" ? [(local as { name: string }).name] : [];
}

function namesTasks({ type, callee }: Node, names: ReadonlySet<string>): boolean {
  if (type !== "CallExpression") return false;
  const { type: kind, name, property } = callee as Node;
  if (kind === "MemberExpression") return (property as { name?: string }).name === "importTasks";
  return kind === "Identifier" && names.has(name as string);
}

function isNew({ type, callee }: Node, name: string): boolean {
  return type === "NewExpression" && (callee as { name?: string }).name === name;
}

/** The address, if it is `new URL(…, import.meta.url)`. Others are no file of the program's. */
function addressIn(argument: Node | undefined): Address[] {
  if (argument === undefined || !isNew(argument, "URL")) return [];
  const [name, base] = argument.arguments as Node[];
  const isOfFile =
    base?.type === "MemberExpression" && (base.object as Node).type === "MetaProperty";
  if (!isOfFile) return [];
  const { start, end } = argument;
  return [{ start, end, name: typeof name?.value === "string" ? name.value : undefined }];
}
