// The names of the library, for the page's editor: what a task's code may import, and what each of that has. They are read from
// its own sources when the page is bundled, with the first sentence of what the reference says of them.

import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

/** What is imported in the page under the library's name (page/here/task_runner.ts). */
const ENTRIES = ["core/mod.ts", "sync/mod.ts"].map((file) =>
  fileURLToPath(new URL(`../../modules/${file}`, import.meta.url)),
);

export const LIBRARY_NAMES: Plugin = {
  name: "library-names",
  setup(build) {
    build.onResolve({ filter: /^library-names$/ }, ({ path }) => ({ path, namespace: path }));
    build.onLoad({ filter: /./, namespace: "library-names" }, async () => ({
      contents: JSON.stringify(await readNames()),
      loader: "json",
    }));
  },
};

async function readNames() {
  const { default: ts } = await import("typescript");
  // Without the platform's own types: only what the library declares is asked for.
  const program = ts.createProgram(ENTRIES, {
    noLib: true,
    noEmit: true,
    types: [],
    allowImportingTsExtensions: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ESNext,
  });
  const checker = program.getTypeChecker();
  type Symbol = import("typescript").Symbol;
  const about = (symbol: Symbol) =>
    ts.displayPartsToString(symbol.getDocumentationComment(checker)).split(/(?<=\.)\s/)[0] ?? "";
  function membersOf(symbol: Symbol) {
    const [declaration] = symbol.declarations ?? [];
    // Of a function, those of what it gives.
    const called =
      declaration === undefined
        ? undefined
        : checker.getTypeOfSymbolAtLocation(symbol, declaration).getCallSignatures()[0];
    const type = called?.getReturnType() ?? checker.getDeclaredTypeOfSymbol(symbol);
    return type
      .getProperties()
      .filter(({ name }) => /^[A-Za-z]\w*$/.test(name))
      .map((member) => ({ name: member.name, about: about(member) }));
  }
  const found = new Map(
    ENTRIES.flatMap((entry) => {
      const source = program.getSourceFile(entry);
      const module = source && checker.getSymbolAtLocation(source);
      return module ? checker.getExportsOfModule(module) : [];
    }).map((exported) => {
      const symbol =
        exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const isType = (symbol.flags & ts.SymbolFlags.Value) === 0;
      const { name } = exported;
      return [name, { name, isType, about: about(symbol), members: membersOf(symbol) }] as const;
    }),
  );
  return [...found.values()];
}
