// Builds what npm needs: plain JavaScript with its types, in dist, for Node, bundlers and pages.
//
// Deno has the sources from JSR as they are. Node refuses TypeScript inside node_modules, and a page knows none; Bun, which
// would take both, gets what they get, so that the package has each file once. A file becomes one file, in the same place, so
// what finds its neighbours by `import.meta.url` still does. What is imported by a bare name is copied along: workers of
// a page have no import map. Comments stay in the sources and in the types that an entry leads to, which are all there are.

import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, posix } from "node:path";
import ts from "typescript";
import { condensed } from "./condensed.ts";
import { isPublished, sourceFiles } from "./source_files.ts";

const ROOT = ts.sys.getCurrentDirectory().replaceAll("\\", "/");

/** Where the built files go, from the root of the repository. */
const DIST = "dist";

/** What is copied, by the name it is imported by: where it lies, and which file of it is imported. */
const COPIED: Readonly<
  Record<string, { readonly from: readonly string[]; readonly file: string }>
> = {
  "deno-std/async/abortable.js": {
    from: ["deno-std/async/abortable.js"],
    file: "deno-std/async/abortable.js",
  },
  // Only the command needs it: who has only the library installs none.
  "csv-parse": {
    from: ["lib/index.js", "lib/api", "lib/utils", "LICENSE"].map((name) => `csv-parse/${name}`),
    file: "csv-parse/lib/index.js",
  },
};

/** The dashboard's page, which is bundled before: `deno task page`. */
const PAGE = ["index.html", "icon.svg", "dist"].map((name) => `modules/dashboard/page/${name}`);

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
export function buildPackage(outDir: string = DIST): number {
  const sources = sourceFiles(["mod.ts", "modules"]).filter(isPublished);
  compile(sources, outDir);
  declare(sources, outDir);
  for (const file of PAGE) cpSync(file, `${outDir}/${file}`, { recursive: true });
  return sources.length;
}

/**
 * Builds source files, each to a file in the same place, without types: a third of the work, for tests that only run it.
 *
 * @param outDir where to; what lies there is removed first.
 */
export function compile(sources: readonly string[], outDir: string): void {
  rmSync(outDir, { recursive: true, force: true });
  const { types: _, ...compilerOptions } = OPTIONS;
  for (const fileName of sources) {
    const { outputText } = ts.transpileModule(readFileSync(fileName, "utf8"), {
      fileName,
      compilerOptions: { ...compilerOptions, declaration: false },
      transformers: { after: [(context) => (file) => renamed(file, context)] },
    });
    // Of a file that has only types nothing is left, and nobody imports it.
    if (outputText.trim() === "export {};") continue;
    const built = join(outDir, fileName.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(built), { recursive: true });
    writeFileSync(built, condensed(outputText));
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
  const told = publicNodes(program);
  for (const [path, text] of leadTo(entryTypes(), declarations)) {
    mkdirSync(dirname(join(outDir, path)), { recursive: true });
    writeFileSync(join(outDir, path), withComments(text, told.get(sourceOf(path)) ?? new Set()));
  }
}

/** The names, file by file, whose comments users read: those that entries have, and what these are made of. */
function publicNodes(program: ts.Program): Map<string, Set<string>> {
  const checker = program.getTypeChecker();
  const told = new Map<string, Set<string>>();
  const tell = (symbol: ts.Symbol): void => {
    const { declarations = [] } =
      symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    for (const declaration of declarations) {
      const path = posix.relative(ROOT, declaration.getSourceFile().fileName);
      const name = ts.getNameOfDeclaration(declaration)?.getText();
      const names = told.get(path) ?? new Set();
      told.set(path, names);
      if (path.startsWith("..") || path.includes("node_modules/") || name === undefined) continue;
      if (names.has(name)) continue;
      names.add(name);
      tellParts(declaration);
    }
  };
  // What a class extends, and what a type is put together of, is read at the class and the type.
  const tellParts = (node: ts.Node): void => {
    if (ts.isClassLike(node) || ts.isInterfaceDeclaration(node))
      return node.heritageClauses?.forEach(tellNames);
    if (ts.isTypeAliasDeclaration(node)) tellNames(node.type);
  };
  const tellNames = (node: ts.Node): void => {
    const symbol = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
    if (symbol !== undefined) tell(symbol);
    ts.forEachChild(node, tellNames);
  };
  for (const path of entryTypes()) {
    const file = program.getSourceFile(sourceOf(path));
    const symbol = file && checker.getSymbolAtLocation(file);
    if (symbol) for (const exported of checker.getExportsOfModule(symbol)) tell(exported);
  }
  return told;
}

/** Types with the comments of the file and of what has one of the names, and no others. */
function withComments(text: string, names: ReadonlySet<string>): string {
  const file = ts.createSourceFile("types.d.ts", text, ts.ScriptTarget.Latest, true);
  const nameOf = (node: ts.Node) =>
    ts.getNameOfDeclaration(node as unknown as ts.Declaration)?.getText(file) ?? "";
  const isTold = (node: ts.Node): boolean =>
    ts.isVariableStatement(node)
      ? node.declarationList.declarations.some(isTold)
      : names.has(nameOf(node));
  return file.statements
    .map((node, index) => {
      const part = text.slice(node.pos, node.end);
      const ofFile = index === 0 && nameOf(node) === "";
      return ofFile || isTold(node) ? part : `\n${condensed(part)}`;
    })
    .join("")
    .concat(text.slice(file.statements.at(-1)?.end ?? 0))
    .replaceAll(/\n[ \t]+(?! *\*)/g, "\n")
    .replaceAll(/\n[ \t]+(?=\*)/g, "\n ");
}

function sourceOf(types: string): string {
  return types.replace(/\.d\.ts$/, ".ts");
}

/** The types of every entry, from the root of the repository. */
function entryTypes(): string[] {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
  return Object.values<{ types: string }>(exports).map(({ types }) =>
    posix.relative(`./${DIST}`, types),
  );
}

/** The files that some files import, and those that these import, and so on. */
function leadTo(
  starts: readonly string[],
  declarations: ReadonlyMap<string, string>,
): Map<string, string> {
  const found = new Map<string, string>();
  const open = [...starts];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const text = declarations.get(path);
    if (text === undefined)
      throw new Error(`Cannot build package: there are no types in "${path}"`);
    if (found.has(path)) continue;
    found.set(path, text);
    for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles)
      if (fileName.startsWith("."))
        open.push(posix.join(posix.dirname(path), fileName).replace(/\.js$/, ".d.ts"));
  }
  return found;
}

function copyImported(outDir: string): void {
  for (const path of Object.values(COPIED).flatMap(({ from }) => from)) {
    const copy = `${outDir}/${path}`;
    cpSync(`node_modules/${path}`, copy, { recursive: true });
    const files = statSync(copy).isFile()
      ? [copy]
      : readdirSync(copy, { encoding: "utf8" }).map((name) => `${copy}/${name}`);
    for (const file of files)
      if (file.endsWith(".js")) writeFileSync(file, condensed(readFileSync(file, "utf8")));
  }
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

if (import.meta.main) console.log(`Built ${buildPackage()} files into ${DIST}`);
