// openChecker: TypeScript's own service over one text, the library's declarations and the platform's. It touches no file.

import ts from "typescript";
import type { Name, TypeFault, Where } from "./messages.ts";

/** What is typed; a module, whatever stands in it. */
const CODE = "/code.ts";

/**
 * What the server's sandbox has besides: it is a process of Deno. Known as names and no more, so that nothing is called wrong
 * that runs there; Deno's own declarations are as large as the platform's, and most of them are of what a sandbox refuses.
 */
const SANDBOX = "/sandbox.d.ts";
const IN_SANDBOX = `declare const Deno: any;
declare const process: any;
declare const Buffer: any;
declare module "node:*";
`;

/** What the library's names lead to. Others of the package are not there for a task that runs in the page. */
const ENTRIES: Readonly<Record<string, string>> = {
  "@concurrent/futures": "/library/core/mod.d.ts",
  "@concurrent/futures/sync": "/library/sync/mod.d.ts",
  "@concurrent/futures/task": "/library/core/for_tasks.d.ts",
};

/** What is told of one text: more is not read. */
const MOST_FAULTS = 50;

const OPTIONS: ts.CompilerOptions = {
  lib: ["lib.esnext.d.ts", "lib.webworker.d.ts", "lib.webworker.iterable.d.ts"],
  types: [],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  moduleDetection: ts.ModuleDetectionKind.Force,
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
};

export interface Checker {
  /** Says where what is asked about is to run. At first: in the page. */
  runsIn(where: Where): void;
  /** What is wrong with a text, types and all, in its order. */
  faults(code: string): TypeFault[];
  /** What may stand at a place of it. */
  names(code: string, at: number): Name[];
  /** What the reference says, in a sentence, of one of these. */
  about(code: string, at: number, name: string): string;
}

/** @param files the declarations, by name (../../library_types.ts). */
export function openChecker(files: Readonly<Record<string, string>>): Checker {
  let typed = "";
  let version = 0;
  let roots = [CODE];
  const textOf = (file: string) =>
    file === CODE ? typed : file === SANDBOX ? IN_SANDBOX : files[file];
  const service = ts.createLanguageService({
    getCompilationSettings: () => OPTIONS,
    getScriptFileNames: () => roots,
    getScriptVersion: (file) => (file === CODE ? String(version) : "0"),
    getScriptSnapshot(file) {
      const text = textOf(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => "/",
    getDefaultLibFileName: () => "/platform/lib.esnext.d.ts",
    fileExists: (file) => textOf(file) !== undefined,
    readFile: textOf,
    resolveModuleNameLiterals: (literals, from) =>
      literals.map(({ text }) => ({ resolvedModule: resolve(text, from) })),
  });

  function resolve(name: string, from: string): ts.ResolvedModuleFull | undefined {
    const file = name.startsWith(".")
      ? new URL(name.replace(/\.ts$/, ".d.ts"), `file://${from}`).pathname
      : ENTRIES[name];
    if (file === undefined || files[file] === undefined) return undefined;
    return { resolvedFileName: file, extension: ts.Extension.Dts, isExternalLibraryImport: true };
  }

  function take(code: string): void {
    if (code === typed) return;
    typed = code;
    version++;
  }

  return {
    runsIn(where) {
      roots = where === "sandbox" ? [CODE, SANDBOX] : [CODE];
    },
    faults(code) {
      take(code);
      const syntax = service.getSyntacticDiagnostics(CODE);
      // Of what cannot be read, the types are guesses.
      const found = syntax.length > 0 ? syntax : service.getSemanticDiagnostics(CODE);
      return found.slice(0, MOST_FAULTS).map(({ start = 0, length = 0, messageText }) => ({
        from: start,
        to: start + length,
        message: ts.flattenDiagnosticMessageText(messageText, "\n"),
      }));
    },
    names(code, at) {
      take(code);
      const found = service.getCompletionsAtPosition(CODE, at, {});
      return (found?.entries ?? []).map(({ name, kind }) => ({
        name,
        kind: KINDS[kind] ?? "variable",
      }));
    },
    about(code, at, name) {
      take(code);
      const details = service.getCompletionEntryDetails(
        CODE,
        at,
        name,
        {},
        undefined,
        {},
        undefined,
      );
      return ts.displayPartsToString(details?.documentation).split(/(?<=\.)\s/)[0] ?? "";
    },
  };
}

/** The editor's words for TypeScript's kinds; what stands in none is a variable. */
const KINDS: Readonly<Record<string, Name["kind"]>> = {
  [ts.ScriptElementKind.functionElement]: "function",
  [ts.ScriptElementKind.memberFunctionElement]: "function",
  [ts.ScriptElementKind.memberVariableElement]: "property",
  [ts.ScriptElementKind.memberGetAccessorElement]: "property",
  [ts.ScriptElementKind.classElement]: "class",
  [ts.ScriptElementKind.interfaceElement]: "type",
  [ts.ScriptElementKind.typeElement]: "type",
  [ts.ScriptElementKind.keyword]: "keyword",
};
