// Builds what npm needs: plain JavaScript with its types, for Node, bundlers and pages.
//
// Deno has the sources from JSR as they are. Node refuses TypeScript inside node_modules, and a page knows none; Bun, which
// would take both, gets what they get, so that the package has each file once. What is named from outside stays a file in the
// same place, and the rest is joined (join_modules.ts). What is imported by a bare name is copied along: workers of a page
// have no import map. Comments stay in the sources and in the types that an entry leads to, which are all there are.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { buildSync } from "esbuild";
import ts from "typescript";
import { BUILT } from "./built_folder.ts";
import { condensed } from "./condensed.ts";
import { joinModules } from "./join_modules.ts";
import { namesIn, reachedTypes, usedImport } from "./reached_types.ts";
import { isPublished, sourceFiles } from "./source_files.ts";

const ROOT = ts.sys.getCurrentDirectory().replaceAll("\\", "/");

/** What is copied, by the name it is imported by: what lies with it, and which file of the copy is imported. */
const COPIED: Readonly<Record<string, { readonly from: string; readonly file: string }>> = {
  "deno-std/async/abortable.js": {
    from: "deno-std/async/abortable.js",
    file: "deno-std/async/abortable.js",
  },
  // Only the command needs it: who has only the library installs none.
  "csv-parse": { from: "csv-parse/LICENSE", file: "csv-parse/index.js" },
};

/** The dashboard's page, which is bundled before: `deno task page`. */
const PAGE = ["index.html", "icon.svg", "dist"].map((name) => `modules/dashboard/page/${name}`);

/** Where the files lie before they are joined, in the folder that is built. */
const SINGLE = ".modules";

/** The types of every runtime at once: what is inferred across files may name any of them. Checking is done elsewhere. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts", "lib.dom.asynciterable.d.ts"],
  types: ["bun-types"],
  allowImportingTsExtensions: true,
  verbatimModuleSyntax: true,
  strict: true,
  declaration: true,
  noCheck: true,
  rootDir: ".",
  outDir: ".",
};

/**
 * Builds every published source file.
 *
 * @param outDir where to; what lies there is removed first.
 * @returns how many sources were built.
 */
export function buildPackage(outDir: string): number {
  const sources = sourceFiles(["mod.ts", "modules"]).filter(isPublished);
  compile(sources, outDir);
  declare(sources, outDir);
  for (const file of PAGE) cpSync(file, `${outDir}/${file}`, { recursive: true });
  return sources.length;
}

/**
 * Builds source files without types: a third of the work, for tests that only run it.
 *
 * @param outDir where to; what lies there is removed first.
 * @param isKept whether a built file is to have what its source has, and nothing else.
 */
export function compile(
  sources: readonly string[],
  outDir: string,
  isKept: (path: string) => boolean = isOfSuite,
): void {
  rmSync(outDir, { recursive: true, force: true });
  const single = join(outDir, SINGLE);
  compileSingle(sources, single);
  joinModules(single, outDir, entryScripts(), isKept);
  rmSync(single, { recursive: true });
  for (const { from } of Object.values(COPIED))
    if (!from.endsWith(".js")) cpSync(`node_modules/${from}`, `${outDir}/${from}`);
}

/** Whether a file is of the suite, which gets a package of its own, and imports nothing but entries. */
export function isOfSuite(path: string): boolean {
  return path.startsWith("modules/testing/");
}

/** Builds each source file to a file in the same place. */
function compileSingle(sources: readonly string[], outDir: string): void {
  const { types: _, ...compilerOptions } = OPTIONS;
  for (const fileName of sources) {
    const { outputText } = ts.transpileModule(readFileSync(fileName, "utf8"), {
      fileName,
      compilerOptions: { ...compilerOptions, declaration: false },
      transformers: { after: [(context) => (file) => renamed(file, context)] },
    });
    const script = condensed(outputText);
    // Of a file that has only types nothing is left, and nobody imports it.
    if (/^(export\{\};?)?\s*$/.test(script)) continue;
    const built = join(outDir, fileName.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(built), { recursive: true });
    writeFileSync(built, script);
  }
  copyImported(outDir);
}

/** Writes the types of what programs import, and of all that those lead to: of each file that is a quarter. */
function declare(sources: readonly string[], outDir: string): void {
  const program = ts.createProgram([...sources, ...sourceFiles(["types"])], OPTIONS);
  const declarations = new Map<string, string>();
  const keep = (path: string, text: string) => declarations.set(posix.relative(ROOT, path), text);
  const { diagnostics, emitSkipped } = program.emit(undefined, keep, undefined, true, {
    afterDeclarations: [(context) => (file) => renamed(file as ts.SourceFile, context)],
  });
  if (emitSkipped || diagnostics.length > 0) {
    const texts = diagnostics.map(({ messageText }) =>
      ts.flattenDiagnosticMessageText(messageText, "\n"),
    );
    throw new Error(`Cannot build package: ${texts.join("\n") || "nothing was written"}`);
  }
  const entries = entryTypes();
  const { files, told } = reachedTypes(entries, declarations);
  for (const [path, { text, statements }] of files) {
    mkdirSync(dirname(join(outDir, path)), { recursive: true });
    writeFileSync(join(outDir, path), typesText(text, statements, told, entries.includes(path)));
  }
}

/** The types that are needed, with the comments of an entry and of what users read. */
function typesText(
  text: string,
  statements: readonly ts.Statement[],
  told: ReadonlySet<ts.Statement>,
  isEntry: boolean,
): string {
  const used = namesIn(statements);
  const parts = statements.map((node, index) => {
    const part = ts.isImportDeclaration(node)
      ? usedImport(node, used)
      : text.slice(node.pos, node.end);
    const isRead = told.has(node) || (index === 0 && isEntry);
    return isRead ? part : `\n${condensed(part)}`;
  });
  return parts
    .join("")
    .replaceAll(/\n[ \t]+(?! *\*)/g, "\n")
    .replaceAll(/\n[ \t]+(?=\*)/g, "\n ")
    .trimStart()
    .concat("\n");
}

/** The types of every entry, from the root of the repository. */
function entryTypes(): string[] {
  return entries().map(({ types }) => posix.relative(`./${BUILT}`, types));
}

/** The scripts of every entry, and that of the command. */
function entryScripts(): string[] {
  const { bin } = JSON.parse(readFileSync("package.json", "utf8"));
  const scripts = [...entries().map(({ node }) => node), ...Object.values<string>(bin)];
  return scripts.map((script) => posix.relative(`./${BUILT}`, script));
}

function entries(): { readonly types: string; readonly node: string }[] {
  return Object.values(JSON.parse(readFileSync("package.json", "utf8")).exports);
}

function copyImported(outDir: string): void {
  for (const { from } of Object.values(COPIED)) {
    if (from.endsWith(".js")) cpSync(`node_modules/${from}`, `${outDir}/${from}`);
  }
  // One file of eleven, and a fifth smaller: nobody debugs a reader of tables in the stack of a task.
  buildSync({
    entryPoints: ["node_modules/csv-parse/lib/index.js"],
    outfile: `${outDir}/${COPIED["csv-parse"]?.file}`,
    platform: "node",
    format: "esm",
    target: "es2022",
    bundle: true,
    minify: true,
  });
}

/** The same file with every name of a neighbour changed from `.ts` to `.js`, and the dependency named by its path. */
function renamed(file: ts.SourceFile, context: ts.TransformationContext): ts.SourceFile {
  const { factory } = context;
  const visit = (node: ts.Node): ts.Node => {
    if (namesNeighbour(node)) return ts.visitEachChild(node, rename, context);
    return ts.visitEachChild(node, visit, context);
  };
  const rename = (node: ts.Node): ts.Node => {
    if (ts.isStringLiteral(node)) return factory.createStringLiteral(built(node.text, file));
    if (ts.isTemplateTail(node)) return factory.createTemplateTail(built(node.text, file));
    // The literal of a type, the parts of a template, or the body of what is exported.
    return namesNeighbour(node) ? visit(node) : ts.visitEachChild(node, rename, context);
  };
  return ts.visitEachChild(file, visit, context);
}

/** Imports of every kind, and `new URL("…", import.meta.url)`. */
function namesNeighbour(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return true;
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isCallExpression(node)) return node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return (
    ts.isNewExpression(node) &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === "URL" &&
    node.arguments?.length === 2
  );
}

function built(name: string, file: ts.SourceFile): string {
  const copied = COPIED[name];
  if (copied === undefined) return name.replace(/^(?=\.|\/)(.*)\.ts$/, "$1.js");
  const path = posix.relative(posix.dirname(posix.relative(ROOT, file.fileName)), copied.file);
  return path.startsWith(".") ? path : `./${path}`;
}

if (import.meta.main) console.log(`Built ${buildPackage(BUILT)} files into ${BUILT}`);
