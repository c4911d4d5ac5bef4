// Checks the layers and the rooms in them: who may enter which, that the core is runtime-blind, and that classes stay readable.

import { dirname, relative, resolve } from "node:path";
import ts from "typescript";
import { compareRooms } from "./documented_rooms.ts";
import { findCircles } from "./import_circles.ts";
import { isOfTests, sourceFiles } from "./source_files.ts";

const PACKAGE = "@concurrent/futures";

/** Naming one of these in the core would tie it to a runtime. */
const RUNTIME_GLOBALS = new Set(["Bun", "Deno", "process"]);

/** So many lines of code a class may have, comments not counted: one that has more is about two subjects. */
const MOST_LINES_OF_A_CLASS = 340;

/** Longer ones. The packer is loaded by each thread as it starts, and in two files it would take longer to. */
const LONG_CLASSES = new Set(["modules/core/seam/pack.ts"]);

/**
 * What a layer may import besides its own folder. A name that ends in `*` stands for all that begin so, one that ends in `?`
 * for the files of that folder, but not of folders in it.
 */
interface Layer {
  readonly folder: string;
  /** Files of this repository, seen from its root. */
  readonly files: readonly string[];
  /** Packages and built-in modules. */
  readonly packages: readonly string[];
}

/** What a backend may see of the core: its face, the seam, what both ends of a link share, and the worker's end. */
const CORE = [
  "modules/core/?",
  "modules/core/seam/*",
  "modules/core/memory/*",
  "modules/core/serving/*",
];

/** What backends are made of: the core, and what several of them have in common. */
const BELOW_BACKENDS = [...CORE, "modules/workers/*"];

const STD = "deno-std/async/*";

/**
 * The rooms of the core. They look only down: each may enter its face, that is, the files that lie in no room, and the rooms
 * named here. That the executors of the face stand on top of all, and the words of the face below, the circles tell.
 */
const ROOMS_OF_THE_CORE: readonly Layer[] = [
  room("time"),
  room("memory"),
  room("seam", "memory"),
  room("work", "time"),
  room("serving", "time", "memory", "seam"),
  room("handle", "time", "memory", "seam", "work"),
  room("loop", "time", "seam", "work", "serving", "handle"),
  room("scheduling", "time", "memory", "seam", "work", "handle"),
  room("wrappers", "time", "work"),
  { folder: "modules/core/", files: ["modules/core/*"], packages: [STD] },
];

function room(name: string, ...below: string[]): Layer {
  const files = ["modules/core/?", ...below.map((other) => `modules/core/${other}/*`)];
  return { folder: `modules/core/${name}/`, files, packages: [STD] };
}

/** What workers are made of: what threads need, what processes need, and, in no room, what both do. */
const ROOMS_OF_WORKERS: readonly Layer[] = ["threads", "processes"].map((name) => ({
  folder: `modules/workers/${name}/`,
  files: [...CORE, "modules/workers/?"],
  packages: [STD, "node:*"],
}));

/** An engine of its own: the ledger and the works of the core, and the packages of its queue. */
const QUEUE: Layer = {
  folder: "modules/queue/",
  files: [
    ...CORE,
    "modules/core/scheduling/ledger.ts",
    "modules/core/scheduling/observers.ts",
    "modules/core/scheduling/task_queue.ts",
    "modules/core/work/*",
    "modules/core/time/*",
    "modules/workers/tell_runtime.ts",
  ],
  packages: [STD, "node:*", "bullmq", "ioredis", "devalue"],
};

/** The two sides of a queue: neither sees the other, and both see what lies in no room. */
const ROOMS_OF_THE_QUEUE: readonly Layer[] = ["engine", "serving"].map((name) => ({
  ...QUEUE,
  folder: `modules/queue/${name}/`,
  files: [...QUEUE.files, "modules/queue/?"],
}));

/** The folders inside which everything may import everything, although they lie in a module. */
const ROOMS: readonly Layer[] = [...ROOMS_OF_THE_CORE, ...ROOMS_OF_WORKERS, ...ROOMS_OF_THE_QUEUE];

/** What the dashboard's server is made of, which the package's users bring. */
const WEB = ["hono*", "@hono/*", "zod"];

/** What the pages are made of, the tool that bundles them, and what tests drive them with. */
const PAGE = [
  "preact*",
  "@preact/*",
  "uplot*",
  "codemirror",
  "@codemirror/*",
  "@lezer/*",
  "sucrase",
  "esbuild",
  "playwright-core",
];

/** The first layer whose folder holds a file is the file's layer. A folder is its own layer's inside. */
const LAYERS: readonly Layer[] = [
  ...ROOMS,
  {
    folder: "modules/workers/",
    // Of threads their words only, what the entry of one is given, and how either side listens.
    files: [...CORE, "modules/workers/threads/link_thread.ts", "modules/workers/threads/hear.ts"],
    packages: [STD, "node:*"],
  },
  { folder: "modules/deno/", files: BELOW_BACKENDS, packages: [STD, "node:*"] },
  { folder: "modules/node/", files: BELOW_BACKENDS, packages: [STD, "node:*"] },
  { folder: "modules/bun/", files: BELOW_BACKENDS, packages: [STD, "node:*", "bun"] },
  {
    folder: "modules/browser/",
    files: [...BELOW_BACKENDS, "modules/sync/mod.ts"],
    packages: [STD],
  },
  // Of the core its face, and what waits and words are made of there.
  {
    folder: "modules/sync/",
    files: ["modules/core/?", "modules/core/seam/*", "modules/core/time/*"],
    packages: [STD],
  },
  // Of the core what an engine of its own needs, and the packages of its queue.
  { ...QUEUE, files: [...QUEUE.files, "modules/queue/*"] },
  // It watches, as users do.
  { folder: "modules/record/", files: ["modules/core/?"], packages: [] },
  { folder: "modules/otel/", files: ["modules/core/?"], packages: ["@opentelemetry/api"] },
  // It stands outside of programs, and needs nothing of them nor of any bundler.
  { folder: "modules/vite/", files: [], packages: [] },
  { folder: "modules/testing/fake_channel.ts", files: CORE, packages: ["node:*"] },
  // Entries only, and words of the seam, which are types: on npm the suite is a package of its own (scripts/pack_package.ts).
  {
    folder: "modules/testing/",
    files: [
      "mod.ts",
      "modules/core/for_tasks.ts",
      "modules/sync/mod.ts",
      "modules/record/mod.ts",
      "modules/core/seam/*",
    ],
    packages: [STD, "node:*"],
  },
  // The command: the core's face, and by address, for each is of its own runtime, the backends' public entries.
  {
    folder: "modules/cli/",
    files: ["modules/core/?", "modules/record/trace.ts"],
    packages: ["node:*", "csv-parse"],
  },
  // A second engine beside the core's own, which only proves that there can be one.
  {
    folder: "modules/proofs/engine/",
    files: ["mod.ts", "modules/core/*", "modules/testing/*"],
    packages: [STD, "node:*"],
  },
  {
    folder: "modules/proofs/",
    files: ["mod.ts", "modules/sync/*", ...CORE, "modules/testing/*"],
    packages: [STD, "node:*"],
  },
  {
    folder: "modules/dashboard/",
    files: [],
    packages: [PACKAGE, `${PACKAGE}/record`, STD, "node:*", ...WEB, ...PAGE],
  },
  {
    folder: "mod.ts",
    files: ["modules/core/?", "modules/workers/async_context.ts", "modules/workers/worker_mark.ts"],
    packages: [],
  },
  {
    // The playground is the dashboard and what submits: it is made of the same parts.
    folder: "apps/playground/",
    files: [
      "modules/dashboard/*",
      "modules/core/serving/plain_format.ts",
      "scripts/chromium.ts",
      "scripts/animation.ts",
    ],
    packages: [
      PACKAGE,
      `${PACKAGE}/*`,
      STD,
      "node:*",
      "bun",
      "bullmq",
      "ioredis",
      "@bull-board/*",
      ...WEB,
      ...PAGE,
      // Read when the page is bundled: the names of the library, for its editor.
      "typescript",
      "library-types",
    ],
  },
  {
    // The site is built by our tools, of our pages; what is tried in it runs as what is typed into the playground.
    folder: "apps/docs/",
    files: ["scripts/*", "apps/playground/page/here/*"],
    packages: [STD, "node:*", "esbuild", "sucrase"],
  },
  {
    // The playground with what it needs to be tried over a queue: its server, and agents.
    folder: "apps/queue/",
    files: ["apps/playground/*", "scripts/redis_server.ts", "scripts/bun.ts"],
    packages: [PACKAGE, `${PACKAGE}/*`, STD, "node:*"],
  },
  {
    folder: "apps/",
    files: [],
    packages: [`${PACKAGE}*`, STD, "node:*", "bun", "fast-png", "@opentelemetry/*", ...WEB],
  },
  { folder: "scripts/", files: ["*"], packages: ["*"] },
];

/** One broken rule, at one line. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/**
 * Finds the broken layer rules of one file.
 *
 * Tests may import what they need to bind a suite.
 *
 * @param path from the root of the repository, with forward slashes.
 * @param text the file's content.
 */
export function findViolations(path: string, text: string): Violation[] {
  const layer = LAYERS.find(({ folder }) => path.startsWith(folder));
  if (!layer) return [{ path, line: 1, message: "belongs to no layer; name its folder in LAYERS" }];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const runtimeBlind = path.startsWith("modules/core/") && !isOfTests(path);
  const violations: Violation[] = [];
  visit(file);
  return violations;

  function visit(node: ts.Node): void {
    const specifier = importedSpecifier(node);
    const message = specifier
      ? importProblem(path, layer as Layer, specifier.text)
      : (runtimeBlind && runtimeName(node)) || classProblem(path, node);
    if (message) violations.push({ path, line: lineOf(node), message });
    ts.forEachChild(node, visit);
  }

  function lineOf(node: ts.Node): number {
    return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
  }
}

/** The module a node imports: static, dynamic, re-exported, or in a type. */
function importedSpecifier(node: ts.Node): ts.StringLiteralLike | undefined {
  let specifier: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    specifier = node.moduleSpecifier;
  } else if (ts.isImportTypeNode(node)) {
    specifier = ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    specifier = node.arguments[0];
  }
  return specifier && ts.isStringLiteralLike(specifier) ? specifier : undefined;
}

/** The files that a file imports, types included, seen from the root of the repository. */
function importedFiles(path: string): string[] {
  const text = Deno.readTextFileSync(path);
  const imported: string[] = [];
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return imported;

  function visit(node: ts.Node): void {
    const specifier = importedSpecifier(node)?.text;
    if (specifier?.startsWith(".")) imported.push(targetOf(path, specifier));
    ts.forEachChild(node, visit);
  }
}

/** The file that a relative specifier means, seen from the root of the repository. */
function targetOf(path: string, specifier: string): string {
  return relative(".", resolve(dirname(path), specifier)).replaceAll("\\", "/");
}

function importProblem(path: string, layer: Layer, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) {
    if (isOfTests(path) || matches(specifier, layer.packages)) return undefined;
    return `may not import "${specifier}"`;
  }
  const target = targetOf(path, specifier);
  if (homeOf(target) === homeOf(path)) return undefined;
  if (isOfTests(path) || matches(target, layer.files)) return undefined;
  return `may not import "${target}"`;
}

/** The folder inside which everything may import everything: a room, a module or an app. */
function homeOf(path: string): string {
  const room = ROOMS.find(({ folder }) => path.startsWith(folder));
  if (room) return room.folder;
  const [top, name] = path.split("/");
  return name && (top === "modules" || top === "apps") ? `${top}/${name}/` : `${dirname(path)}/`;
}

function matches(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const folder = pattern.slice(0, -1);
    if (pattern.endsWith("*")) return name.startsWith(folder);
    if (pattern.endsWith("?")) return name.startsWith(folder) && !name.includes("/", folder.length);
    return name === pattern;
  });
}

/** Why a node names a runtime, if it does: as an identifier, as `globalThis.Deno` or as `"Deno" in globalThis`. */
function runtimeName(node: ts.Node): string | undefined {
  const isName = ts.isIdentifier(node) || ts.isStringLiteralLike(node);
  if (!isName || !RUNTIME_GLOBALS.has(node.text)) return undefined;
  if (node.text === "process" && !isGlobalReference(node)) return undefined;
  return `may not name the runtime's "${node.text}"`;
}

/** Tells the global `process` from a property, a key or a plain word of that name. */
function isGlobalReference(node: ts.Node): boolean {
  if (!ts.isIdentifier(node)) return false;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
    return parent.expression.getText() === "globalThis";
  }
  const isKey =
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isMethodSignature(parent);
  return !(isKey && parent.name === node);
}

/** Why a class is too long, if it is. */
function classProblem(path: string, node: ts.Node): string | undefined {
  if (!ts.isClassDeclaration(node) || LONG_CLASSES.has(path)) return undefined;
  const code = node.getText().replaceAll(/^\s*(\/\*\*[\s\S]*?\*\/|\/\/.*)?$\n?/gm, "");
  const lines = code.split("\n").length;
  if (lines <= MOST_LINES_OF_A_CLASS) return undefined;
  return `has a class of ${lines} lines of code, and may have ${MOST_LINES_OF_A_CLASS}`;
}

function main(): void {
  const files = sourceFiles(["mod.ts", "modules", "apps", "scripts"]);
  const violations = files.flatMap((path) => findViolations(path, Deno.readTextFileSync(path)));
  for (const { path, line, message } of violations) console.error(`${path}:${line}: ${message}`);
  const modules = files.filter((path) => path.startsWith("modules/"));
  const circles = findCircles(new Map(modules.map((path) => [path, importedFiles(path)])));
  for (const circle of circles) console.error(`a circle, types included: ${circle.join(", ")}`);
  const rooms = compareRooms(Deno.readTextFileSync("docs/architecture.md"), files);
  for (const room of rooms) console.error(`docs/architecture.md: ${room}`);
  console.log(
    `Layers: ${files.length} files, ${violations.length} violations, ${circles.length} circles`,
  );
  if (violations.length + circles.length + rooms.length > 0) Deno.exit(1);
}

if (import.meta.main) main();
