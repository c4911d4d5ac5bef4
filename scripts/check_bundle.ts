// Checks what a bundler makes of a program that uses one thing of this library: gzipped, and without what it does not use.

import { gzipSync } from "node:zlib";
import { build, type Plugin, stop } from "esbuild";

/** A program, and how large it may be. Sizes only go down: what needs more room is imported by who needs it. */
interface Program {
  readonly name: string;
  readonly source: string;
  /** Kilobytes gzipped of what is loaded first, and of that and what is loaded when there is need of it. */
  readonly most: { readonly first: number; readonly all: number };
}

const PROGRAMS: readonly Program[] = [
  {
    name: "EventLoopExecutor",
    source: `import { EventLoopExecutor } from "./mod.ts";
      const executor = new EventLoopExecutor();
      console.log(await executor.submit((n) => n + 1, 1));
      for await (const n of executor.map((n) => n + 1, [1, 2])) console.log(n);
      await executor.shutdown();`,
    most: { first: 42, all: 44 },
  },
];

/** Of modules that pack, check and write values for workers behind channels: nothing of them is of use on one event loop. */
const NOT_FOR_A_LOOP =
  /modules\/core\/(seam\/(pack|link_items|message_check)|memory\/bulk|handle\/worker_handle)\.ts$/;

/** So many bytes of a module are no more than its constants. */
const CONSTANTS = 100;

/** Leaves out what is loaded when there is need of it. */
const LATER: Plugin = {
  name: "later",
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    );
  },
};

/** Bundles a program into one file, and tells how large it is, gzipped, and what is in it of each module. */
async function bundle(source: string, plugins: Plugin[]) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: Deno.cwd(), sourcefile: "main.js" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    external: ["node:*"],
    outdir: "temp/bundle",
    write: false,
    metafile: true,
    logLevel: "error",
    plugins,
  });
  const size = outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0) / 1000;
  return {
    size,
    inputs: Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs)),
  };
}

/** Finds what is wrong with a program's bundle, as sentences. */
async function check({ name, source, most }: Program): Promise<string[]> {
  const first = await bundle(source, [LATER]);
  const all = await bundle(source, []);
  console.log(
    `${name}: ${first.size.toFixed(1)} kB gzipped, ${all.size.toFixed(1)} with what is loaded later`,
  );
  const alien = all.inputs.filter(
    ([path, { bytesInOutput }]) => NOT_FOR_A_LOOP.test(path) && bytesInOutput > CONSTANTS,
  );
  return [
    ...(first.size > most.first ? [`${name}: more than ${most.first} kB is loaded first`] : []),
    ...(all.size > most.all ? [`${name}: more than ${most.all} kB in all`] : []),
    ...alien.map(([path]) => `${name}: ${path} is in it, and of no use to it`),
  ];
}

async function main(): Promise<void> {
  const problems: string[] = [];
  for (const program of PROGRAMS) problems.push(...(await check(program)));
  await stop();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) Deno.exit(1);
}

if (import.meta.main) await main();
