// Finds what of the package's types an entry leads to: which declarations, and which of them a user reads the comments of.
// Half of a file's types are often for its neighbours, and where no name leads to them no compiler looks at them either.

import ts from "typescript";

/** What an entry leads to. */
export interface ReachedTypes {
  /** The files that an entry leads to, and the statements of each that are needed, in their order. */
  readonly files: ReadonlyMap<
    string,
    { readonly text: string; readonly statements: readonly ts.Statement[] }
  >;
  /** Of these, what a user names, what that extends, and what a type is put together of. */
  readonly told: ReadonlySet<ts.Statement>;
}

/**
 * Follows the names from the entries on.
 *
 * @param entries the files of the entries.
 * @param texts all files of types, by their paths from one folder; what they import of others is not looked at.
 */
export function reachedTypes(
  entries: readonly string[],
  texts: ReadonlyMap<string, string>,
): ReachedTypes {
  const program = programOf(entries, texts);
  const checker = program.getTypeChecker();
  const statements = new Map<string, Set<ts.Statement>>();
  const told = new Set<ts.Statement>();

  const enter = (file: ts.SourceFile): Set<ts.Statement> => {
    const path = file.fileName.slice(ROOT.length);
    const known = statements.get(path);
    if (known !== undefined) return known;
    const kept = new Set<ts.Statement>();
    statements.set(path, kept);
    for (const statement of file.statements) if (isKeptAnyway(statement)) keep(statement);
    return kept;
  };
  const keep = (statement: ts.Statement): void => {
    const kept = enter(statement.getSourceFile());
    if (kept.has(statement)) return;
    kept.add(statement);
    followNames(statement);
  };
  const followNames = (node: ts.Node): void => {
    // A file is named by a text, and meant whole unless names of it are listed.
    const symbol =
      ts.isIdentifier(node) || ts.isStringLiteral(node)
        ? checker.getSymbolAtLocation(node)
        : undefined;
    const file = symbol?.declarations?.find(ts.isSourceFile);
    if (file !== undefined) enter(file);
    if (symbol && !(file && listsNames(node.parent))) follow(symbol);
    ts.forEachChild(node, followNames);
  };
  const follow = (symbol: ts.Symbol): void => {
    for (const declaration of declarationsOf(symbol)) {
      if (!ts.isSourceFile(declaration)) keep(statementOf(declaration));
      else for (const part of checker.getExportsOfModule(symbol)) follow(part);
    }
  };
  const tell = (symbol: ts.Symbol): void => {
    for (const declaration of declarationsOf(symbol)) {
      if (ts.isSourceFile(declaration)) continue;
      const statement = statementOf(declaration);
      if (told.has(statement)) continue;
      told.add(statement);
      // What a class extends, and what a type is put together of, is read at the class and the type.
      if (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement))
        statement.heritageClauses?.forEach(tellNames);
      if (ts.isTypeAliasDeclaration(statement)) tellNames(statement.type);
    }
  };
  const tellNames = (node: ts.Node): void => {
    const symbol = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
    if (symbol !== undefined) tell(symbol);
    ts.forEachChild(node, tellNames);
  };
  const declarationsOf = (symbol: ts.Symbol): readonly ts.Declaration[] => {
    const { declarations = [] } =
      symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return declarations;
  };
  const moduleSymbol = (file: ts.SourceFile) => checker.getSymbolAtLocation(file);

  for (const path of entries) {
    const file = program.getSourceFile(ROOT + path);
    if (file === undefined)
      throw new Error(`Cannot build package: there are no types in "${path}"`);
    enter(file);
    const symbol = moduleSymbol(file);
    for (const exported of symbol ? checker.getExportsOfModule(symbol) : []) {
      follow(exported);
      tell(exported);
    }
  }
  const files = [...statements].map(([path, kept]) => {
    const file = program.getSourceFile(ROOT + path) as ts.SourceFile;
    const isNeeded = (statement: ts.Statement) =>
      ts.isImportDeclaration(statement) || kept.has(statement);
    return [path, { text: file.text, statements: file.statements.filter(isNeeded) }] as const;
  });
  return { files: new Map(files), told };
}

/** An import with the names that are used, or nothing if it has none. */
export function usedImport(statement: ts.ImportDeclaration, used: ReadonlySet<string>): string {
  const { importClause: clause } = statement;
  const bindings = clause?.namedBindings;
  if (bindings === undefined || !ts.isNamedImports(bindings)) return statement.getText();
  const names = bindings.elements.filter(({ name }) => used.has(name.text));
  if (names.length === 0 && clause?.name === undefined) return "";
  const first = bindings.elements[0]?.getStart() ?? bindings.end;
  const [start, text] = [statement.getStart(), statement.getText()];
  const listed = names.map((name) => name.getText()).join(", ");
  return (
    text.slice(0, first - start) + listed + text.slice((bindings.elements.end || first) - start)
  );
}

/** The names in some statements, and more: a name that is used under another is kept for nothing. */
export function namesIn(statements: Iterable<ts.Statement>): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.add(node.text);
    ts.forEachChild(node, visit);
  };
  for (const statement of statements) if (!ts.isImportDeclaration(statement)) visit(statement);
  return names;
}

/** Where the files seem to lie. */
const ROOT = "/types/";

/** Only the files given, without libraries: names are followed, and no types are judged. */
function programOf(entries: readonly string[], texts: ReadonlyMap<string, string>): ts.Program {
  const read = (path: string) =>
    path.startsWith(ROOT) ? texts.get(path.slice(ROOT.length)) : undefined;
  const host: ts.CompilerHost = {
    fileExists: (path) => read(path) !== undefined,
    readFile: read,
    getSourceFile: (path, version) => {
      const text = read(path);
      return text === undefined ? undefined : ts.createSourceFile(path, text, version, true);
    },
    getDefaultLibFileName: () => "",
    getCurrentDirectory: () => ROOT,
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    writeFile: () => {},
  };
  const options: ts.CompilerOptions = {
    noLib: true,
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: [],
  };
  return ts.createProgram(
    entries.map((path) => ROOT + path),
    options,
    host,
  );
}

/** Exports of other files, what is said of the whole world, and an import for the sake of what it does. */
function isKeptAnyway(statement: ts.Statement): boolean {
  if (ts.isImportDeclaration(statement)) return statement.importClause === undefined;
  return ts.isExportDeclaration(statement) || ts.isModuleDeclaration(statement);
}

/** Whether what names a file says which parts of it are meant: `export { … } from`, and `import("…").Name`. */
function listsNames(node: ts.Node): boolean {
  if (ts.isExportDeclaration(node)) return node.exportClause !== undefined;
  return ts.isImportTypeNode(node.parent) && node.parent.qualifier !== undefined;
}

function statementOf(node: ts.Node): ts.Statement {
  return ts.isSourceFile(node.parent) ? (node as ts.Statement) : statementOf(node.parent);
}
