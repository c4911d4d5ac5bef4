// Checks the manifests: exact versions everywhere, deno.json, package.json and tsconfig.json agree, a lock file free of
// addresses; and that npm gets what was built, once, and nothing of its developers.

import { BUILT } from "./built_folder.ts";

/** The part of deno.json that is checked. */
export interface DenoManifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Record<string, string>;
  readonly imports: Record<string, string>;
}

/**
 * One entry of a checkout: what is built where Node and pages need it, and the source where that will do. The compiler goes on
 * to the source when there is nothing built. What npm gets says only what is built: see scripts/pack_package.ts.
 */
export interface NodeEntry {
  readonly types: string;
  readonly bun: string;
  readonly node: string;
  readonly browser: string;
  readonly default: string;
}

/** The part of package.json that is checked. */
export interface NodeManifest {
  readonly version: string;
  readonly exports: Record<string, NodeEntry>;
  /** The command: a program and no entry. */
  readonly bin?: Record<string, string>;
  readonly files: readonly string[];
  /** What a checkout needs that nobody has built; npm gets it copied. */
  readonly dependencies?: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

/** The part of tsconfig.json that is checked: what Bun and the bundler of the page take for the package. */
export interface TypeScriptManifest {
  readonly compilerOptions: { readonly paths: Record<string, readonly string[]> };
}

/** What is kept of a checkout that is installed by an address of git, beside its manifest, README and LICENSE. */
const FILES = [BUILT];

/** The entry of deno.json that is the command: for npm it is a program of its own. */
const COMMAND = "./cli";

const EXACT_VERSION = /^\d+\.\d+\.\d+$/;

/** Finds what is wrong with the manifests, as sentences. */
export function findProblems(
  deno: DenoManifest,
  node: NodeManifest,
  { compilerOptions }: TypeScriptManifest,
  lock: string,
): string[] {
  return [
    ...differences("version", deno.version, node.version),
    ...differences("exports", builtEntries(deno.exports), node.exports),
    ...differences("paths", sourcePaths(deno), compilerOptions.paths),
    ...differences("files", FILES, node.files),
    ...differences("bin", builtCommand(deno.exports), node.bin),
    ...unpinned(node),
    ...Object.entries(deno.imports).flatMap(([name, target]) => importProblem(name, target, node)),
    ...(/https?:\/\//.test(lock) ? ["deno.lock names the address of a registry"] : []),
  ];
}

/** All must see one package: says which parts of a field are not as deno.json has them. */
function differences(field: string, wanted: unknown, found: unknown): string[] {
  if (JSON.stringify(wanted) === JSON.stringify(found)) return [];
  const all = Object.entries({ ...Object(wanted), ...Object(found) }).map(([name]) => name);
  const parts = all.filter(
    (name) => JSON.stringify(Object(wanted)[name]) !== JSON.stringify(Object(found)[name]),
  );
  return [`"${field}" is not as deno.json has it: ${parts.join(", ") || "the order differs"}`];
}

/** What package.json must say of the entries of deno.json. */
function builtEntries(exports: Record<string, string>): Record<string, NodeEntry> {
  return Object.fromEntries(
    entriesOf(exports).map(([name, source]) => {
      const built = builtPath(source);
      const types = `${built}.d.ts`;
      const script = `${built}.js`;
      return [name, { types, bun: source, node: script, browser: script, default: source }];
    }),
  );
}

/** What tsconfig.json must say of the entries of deno.json. */
function sourcePaths({ name, exports }: DenoManifest): Record<string, readonly string[]> {
  return Object.fromEntries(
    entriesOf(exports).map(([entry, source]) => [`${name}${entry.slice(1)}`, [source]]),
  );
}

/** What package.json must say of the command, if there is one. */
function builtCommand({ [COMMAND]: source }: Record<string, string>) {
  return source === undefined ? undefined : { futures: `${builtPath(source)}.js` };
}

/** What programs import. */
function entriesOf(exports: Record<string, string>): [name: string, source: string][] {
  return Object.entries(exports).filter(([name]) => name !== COMMAND);
}

function builtPath(source: string): string {
  return source.replace(/^\.\/(.*)\.ts$/, `./${BUILT}/$1`);
}

function unpinned({ dependencies, devDependencies }: NodeManifest): string[] {
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !EXACT_VERSION.test(version))
    .map(([name, version]) => `package.json: "${name}" is not pinned: "${version}"`);
}

function importProblem(name: string, target: string, node: NodeManifest): string[] {
  const [, packageName, version] = /^npm:(.+?)@([^@/]+)(?:\/|$)/.exec(target) ?? [];
  if (!packageName || !version) return [`deno.json: import "${name}" is no npm package`];
  if (!EXACT_VERSION.test(version)) return [`deno.json: import "${name}" is not pinned`];
  if ({ ...node.dependencies, ...node.devDependencies }[packageName] === version) return [];
  return [`deno.json: import "${name}" is not the version of package.json: "${version}"`];
}

function main(): void {
  const [deno, node, types] = ["deno.json", "package.json", "tsconfig.json"].map((path) =>
    JSON.parse(Deno.readTextFileSync(path).replaceAll(/^ *\/\/.*$/gm, "")),
  );
  const problems = findProblems(deno, node, types, Deno.readTextFileSync("deno.lock"));
  for (const problem of problems) console.error(problem);
  console.log(`Manifests: ${problems.length} problems`);
  if (problems.length > 0) Deno.exit(1);
}

if (import.meta.main) main();
