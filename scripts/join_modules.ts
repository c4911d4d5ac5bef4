// Joins built modules: a start pays for each file that it has to find, read and link, 0.3 ms on Bun and Deno and 0.6 on Node,
// and the library has some hundred and thirty.
//
// What programs, workers and bundlers name stays a file in its place; the rest lies in a few parts, each module once. A file
// that is kept as it is may import any module: each of those then has a file, too, which says where it lies.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix, resolve } from "node:path";
import { type BuildResult, buildSync } from "esbuild";
import { condensed } from "./condensed.ts";

/** Where the parts lie: in the folder that a program of Deno gives leave to read. */
const PARTS = "modules/parts";

/** Where that lies which the bundler begins with. No module imports one: it would change the order in which they are run. */
const BEGINNINGS = "beginnings";

/** What a program loads with the library. */
const PROGRAM = "mod.js";

/** What workers of any kind load, at once or for a task. What one of them can do without is less than a file more would cost. */
const OF_WORKERS =
  /(?:^|\/)(worker_thread_main|process_main|worker_main|subprocess_main|for_tasks|worker_side|sync\/mod)\.js$/;

/** What loads only what a page has, on either side. */
const OF_PAGES = /(?:^|\/)browser\//;

/** The command runs on a server only. The library finds what is there by itself, and a page has nothing of it. */
const COMMAND = "modules/cli/";

/** What every start of the command loads. */
const BEGIN_OF_COMMAND = /(?:^|\/)cli\/main\.js$/;

/** The verbs that are to start fast: what they have in common, the command loads at once. */
const FAST_VERBS = /(?:^|\/)cli\/(run|map)\.js$/;

/** What of it is in threads and processes, which need nothing else of it. */
const OF_CALLS = /(?:^|\/)cli\/(map|worker\/call)\.js$/;

/** The pools of these share what starts threads and processes. */
const OF_POOLS = /(?:^|\/)(deno|bun|node)\/mod\.js$/;

const IMPORTED = /\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;
const LOADED = /\bimport\(\s*"(\.[^"]+)"\s*\)/g;
const ADDRESS = /\bnew URL\("(\.[^"]*)",\s*import\.meta\.url\)/g;

/**
 * An import of one of the runtime's own modules, by names or as a whole. Node makes all that such a module would make when it is
 * asked, as streams are, for who imports it: 12 ms for what the command needs, in the program and in each thread.
 */
const BUILTIN = /\bimport\s*(?:\{([^}]*)\}|(\w+))\s*from\s*"(node:[\w/]+)";?/g;

/** An address, as long as nobody knows in which file it will stand. */
const FROM_ROOT = /"root:\/([^"]*)"/g;

/** A class that speaks of itself: the bundler calls it by another name inside, which is what it says when asked for its name. */
const RENAMED = /\bclass _(\w+)/g;

type Joined = BuildResult<{ write: false; metafile: true }>;

/**
 * Joins the modules of a folder.
 *
 * @param folder what is built, file by file. It is of no use then.
 * @param outDir where the joined modules go, with the same paths.
 * @param entries what programs name.
 * @param isKept whether a module stays as it is.
 */
export function joinModules(
  folder: string,
  outDir: string,
  entries: readonly string[],
  isKept: (path: string) => boolean,
): void {
  const texts = new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => path.endsWith(".js"))
      .map((path) => [path, readFileSync(join(folder, path), "utf8")]),
  );
  const named = new Set(entries);
  for (const [path, text] of texts) {
    for (const pattern of isKept(path) ? [IMPORTED, ADDRESS] : [LOADED, ADDRESS])
      for (const [, name = ""] of text.matchAll(pattern)) named.add(beside(path, name));
    if (isKept(path)) write(join(outDir, path), text);
    else
      write(
        join(folder, path),
        fromRoot(path, text, (target) => texts.has(target)),
      );
  }
  const begun = [...named].filter((path) => texts.has(path) && !isKept(path)).sort();
  const begin = (path: string, groups: readonly ReadonlySet<string>[]) =>
    write(join(folder, BEGINNINGS, path), beginning(path, texts.get(path) ?? "", groups));
  for (const path of begun) begin(path, []);
  const groups = groupsOf(closures(begun, bundled(folder, begun).metafile));
  // Twice: with what has to do with one group comes what has to do with another.
  for (let round = 0; round < 2; round++) {
    for (const [path, loaded] of closures(begun, bundled(folder, begun).metafile)) {
      const touches = (group: ReadonlySet<string>) => !group.isDisjointFrom(loaded);
      begin(path, groups.filter(touches));
    }
  }
  writeJoined(bundled(folder, begun), folder, outDir, texts);
}

/** Exports what a module does, and loads more beside it. */
function beginning(path: string, text: string, more: readonly ReadonlySet<string>[]): string {
  const up = posix.relative(posix.dirname(`${BEGINNINGS}/${path}`), ".");
  const others = more.flatMap((group) => [...group].map((other) => `import "${up}/${other}";`));
  const hasDefault = /\bexport default\b|\bas default\b/.test(text);
  const own = hasDefault ? [`export { default } from "${up}/${path}";`] : [];
  return [`export * from "${up}/${path}";`, ...own, ...others].join("\n");
}

/** Joins what is begun with. */
function bundled(folder: string, begun: readonly string[]): Joined {
  const root = resolve(folder);
  return buildSync({
    absWorkingDir: root,
    outdir: root,
    entryPoints: begun.map((path) => ({
      in: `./${BEGINNINGS}/${path}`,
      out: path.replace(/\.js$/, ""),
    })),
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "neutral",
    target: "esnext",
    packages: "external",
    // That of the repository leads to its sources.
    tsconfigRaw: {},
    external: ["node:*", "bun:*"],
    chunkNames: `${PARTS}/[name]-[hash]`,
    metafile: true,
    write: false,
    logLevel: "error",
  });
}

/** All that is loaded at once with each module that is begun with. */
function closures(
  begun: readonly string[],
  { inputs }: Joined["metafile"],
): Map<string, ReadonlySet<string>> {
  return new Map(
    begun.map((path) => {
      const beginning = `${BEGINNINGS}/${path}`;
      const found = new Set([beginning]);
      for (const module of found) {
        for (const { path, kind, external } of inputs[module]?.imports ?? [])
          if (kind === "import-statement" && !external) found.add(path);
      }
      return [path, found.difference(new Set([beginning]))];
    }),
  );
}

/** What is loaded together or not at all, from what all need to what few do. */
function groupsOf(loadedWith: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string>[] {
  const program = loadedWith.get(PROGRAM) ?? new Set();
  const loadedBy = (pattern: RegExp) =>
    [...loadedWith].filter(([path]) => pattern.test(path)).map(([, loaded]) => loaded);
  const inWorkers = new Set(loadedBy(OF_WORKERS).flatMap((loaded) => [...loaded]));
  const inPages = new Set(loadedBy(OF_PAGES).flatMap((loaded) => [...loaded]));
  const shared = (sets: readonly ReadonlySet<string>[]) => {
    const all = [...new Set(sets.flatMap((set) => [...set]))];
    const twice = all.filter((module) => sets.filter((set) => set.has(module)).length > 1);
    return new Set(twice).difference(program).difference(inPages);
  };
  const ofWorkers = shared(loadedBy(OF_WORKERS));
  const ofCalls = shared(loadedBy(OF_CALLS));
  const [begin = "", atOnce = new Set<string>()] =
    [...loadedWith].find(([path]) => BEGIN_OF_COMMAND.test(path)) ?? [];
  const ofCommand = shared(loadedBy(FAST_VERBS))
    .union(atOnce)
    .difference(new Set([begin]));
  return [
    program.intersection(inWorkers),
    program.difference(inWorkers),
    ofWorkers,
    shared(loadedBy(OF_POOLS)).difference(inWorkers),
    ofCalls,
    ofCommand.difference(ofCalls),
  ];
}

/** Writes the parts by names that tell what is in them, and stay the same when something in them changes. */
function writeJoined(
  { outputFiles, metafile }: Joined,
  folder: string,
  outDir: string,
  texts: ReadonlyMap<string, string>,
): void {
  const names = new Map<string, string>();
  for (const [path, { inputs }] of Object.entries(metafile.outputs)) {
    if (!path.startsWith(`${PARTS}/`)) continue;
    const [largest = path] = Object.entries(inputs)
      .sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)
      .map(([module]) => module);
    const name = posix.basename(largest, ".js");
    const taken = new Set(names.values());
    let free = name;
    for (let count = 2; taken.has(`${free}.js`); count++) free = `${name}_${count}`;
    names.set(posix.basename(path), `${free}.js`);
  }
  for (const { path: absolute, text } of outputFiles) {
    const found = posix.relative(resolve(folder), absolute);
    const path = posix.join(
      posix.dirname(found),
      names.get(posix.basename(found)) ?? posix.basename(found),
    );
    const [shebang = ""] = /^#!.*\n/.exec(texts.get(path) ?? "") ?? [];
    const script = withClassNames(text)
      .replaceAll(
        /(?<=")(\.[^"]*\/)([\w-]+\.js)(?=")/g,
        (_, folder, name) => folder + (names.get(name) ?? name),
      )
      .replaceAll(FROM_ROOT, (_, target) => JSON.stringify(relative(path, target)));
    write(join(outDir, path), shebang + condensed(script));
  }
}

/**
 * The module with each address of a neighbour said from the root, and each that is loaded later by its beginning. What is no
 * module stands in a text for people.
 */
function fromRoot(path: string, text: string, isModule: (path: string) => boolean): string {
  const later = relative(path, BEGINNINGS);
  return text
    .replace(/^#!.*\n/, "")
    .replaceAll(ADDRESS, (all, name) => {
      const target = beside(path, name);
      const isThere = isModule(target) || target.endsWith("/");
      return isThere ? `new URL("root:/${target}", import.meta.url)` : all;
    })
    .replaceAll(LOADED, (all, name) => {
      const target = beside(path, name);
      return isModule(target) ? `import("${later}/${target}")` : all;
    })
    .replaceAll(BUILTIN, (all, names, whole, module) => {
      if (!path.startsWith(COMMAND)) return all;
      if (whole === "process") return "";
      const bound = whole ?? `{${names.replaceAll(/\s+as\s+/g, ":")}}`;
      return `const ${bound}=process.getBuiltinModule("${module}");`;
    });
}

/** The script with each class called inside as it is outside. */
function withClassNames(script: string): string {
  const names = [...script.matchAll(RENAMED)].map(([, name = ""]) => name);
  return names.reduce(
    (changed, name) => changed.replaceAll(new RegExp(`(?<![\\w$.#])_${name}\\b`, "g"), name),
    script,
  );
}

function beside(path: string, name: string): string {
  return posix.join(posix.dirname(path), name);
}

function relative(from: string, to: string): string {
  const path = posix.join(posix.relative(posix.dirname(from), to), to.endsWith("/") ? "/" : "");
  return path.startsWith(".") ? path : `./${path}`;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
