// Checks the manifests: exact versions everywhere, deno.json and package.json agree, a lock file free of addresses.

/** The part of deno.json that is checked. */
export interface DenoManifest {
  readonly version: string;
  readonly exports: Record<string, string>;
  readonly imports: Record<string, string>;
}

/** One entry as npm's tools see it: Bun runs the source, all others what scripts/build_package.ts makes of it. */
export interface NodeEntry {
  readonly bun: string;
  readonly types: string;
  readonly default: string;
}

/** The part of package.json that is checked. */
export interface NodeManifest {
  readonly version: string;
  readonly exports: Record<string, NodeEntry>;
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

const EXACT_VERSION = /^\d+\.\d+\.\d+$/;

/** Finds what is wrong with the manifests, as sentences. */
export function findProblems(deno: DenoManifest, node: NodeManifest, lock: string): string[] {
  return [
    ...differences("version", deno.version, node.version),
    ...differences("exports", builtEntries(deno.exports), node.exports),
    ...unpinned(node),
    ...Object.entries(deno.imports).flatMap(([name, target]) => importProblem(name, target, node)),
    ...(/https?:\/\//.test(lock) ? ["deno.lock names the address of a registry"] : []),
  ];
}

/** Both runtimes must see one package. */
function differences(field: string, deno: unknown, node: unknown): string[] {
  if (JSON.stringify(deno) === JSON.stringify(node)) return [];
  return [`deno.json and package.json differ in "${field}"`];
}

/** What package.json must say of the entries of deno.json. */
function builtEntries(exports: Record<string, string>): Record<string, NodeEntry> {
  return Object.fromEntries(
    Object.entries(exports).map(([name, source]) => {
      const built = source.replace(/^\.\/(.*)\.ts$/, "./dist/$1");
      return [name, { bun: source, types: `${built}.d.ts`, default: `${built}.js` }];
    }),
  );
}

function unpinned({ dependencies, devDependencies }: NodeManifest): string[] {
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !EXACT_VERSION.test(version))
    .map(([name, version]) => `package.json: "${name}" is not pinned: "${version}"`);
}

function importProblem(name: string, target: string, { dependencies }: NodeManifest): string[] {
  const [, packageName, version] = /^npm:(.+)@([^@/]+)\//.exec(target) ?? [];
  if (!packageName || !version) return [`deno.json: import "${name}" is no file of an npm package`];
  if (!EXACT_VERSION.test(version)) return [`deno.json: import "${name}" is not pinned`];
  if (dependencies[packageName] === version) return [];
  return [`deno.json: import "${name}" is not the version of package.json: "${version}"`];
}

function main(): void {
  const [deno, node] = ["deno.json", "package.json"].map((path) =>
    JSON.parse(Deno.readTextFileSync(path)),
  );
  const problems = findProblems(deno, node, Deno.readTextFileSync("deno.lock"));
  for (const problem of problems) console.error(problem);
  console.log(`Manifests: ${problems.length} problems`);
  if (problems.length > 0) Deno.exit(1);
}

if (import.meta.main) main();
