// Tests that every error of the library has a code, that each code is somebody's, and that docs/errors.md tells of each.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import ts from "typescript";
import { isPublished, sourceFiles } from "./source_files.ts";

/** Rooms whose errors users of the library get. What the command, the dashboard and the suites throw stays in them. */
const FILES = sourceFiles(["modules"]).filter(
  (path) => isPublished(path) && !/^modules\/(cli|dashboard|testing)\//.test(path),
);

/** What is thrown and caught within, and becomes another error. */
const INNER = new Set(["GivenBack", "NotBegun", "Refused", "UnmadeInstance"]);

const PAGE = readFileSync("docs/errors.md", "utf8");

/** Every code there is: the members of the type, in order. */
const ERROR_CODES = readCodes();

function readCodes(): string[] {
  const codes: string[] = [];
  ts.forEachChild(sourceOf("modules/core/errors.ts"), (node) => {
    if (!ts.isTypeAliasDeclaration(node) || node.name.text !== "ErrorCode") return;
    for (const match of node.type.getText().matchAll(/"(\w+)"/g)) codes.push(match[1] as string);
  });
  return codes;
}

/** Every class of errors, with the code it is given; and every code that an error of the platform's is given. */
function readSources(): { classes: Map<string, string | undefined>; given: Set<string> } {
  const classes = new Map<string, string | undefined>();
  const given = new Set<string>();
  for (const path of FILES) visit(sourceOf(path));
  return { classes, given };

  function visit(node: ts.Node): void {
    if (ts.isClassDeclaration(node) && isError(node) && node.name !== undefined) {
      if (!INNER.has(node.name.text)) classes.set(node.name.text, codeOf(node));
    }
    if (ts.isCallExpression(node) && node.expression.getText() === "withCode") {
      const [, code] = node.arguments;
      if (code !== undefined && ts.isStringLiteral(code)) given.add(code.text);
    }
    ts.forEachChild(node, visit);
  }
}

function sourceOf(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
}

function isError({ heritageClauses = [] as never }: ts.ClassDeclaration): boolean {
  return [...heritageClauses].some(({ token, types }) => {
    const name = types[0]?.expression.getText() ?? "";
    return token === ts.SyntaxKind.ExtendsKeyword && /(Error|Exception)$/.test(name);
  });
}

/** The code of a class, `cfCode` before `code`: where there are both, that is the platform's. */
function codeOf({ members }: ts.ClassDeclaration): string | undefined {
  const codes = new Map<string, string>();
  for (const member of members) {
    if (!ts.isPropertyDeclaration(member) || member.initializer === undefined) continue;
    if (ts.isStringLiteral(member.initializer))
      codes.set(member.name.getText(), member.initializer.text);
  }
  return codes.get("cfCode") ?? codes.get("code");
}

/** What the page says under each of its codes. */
function readPage(): Map<string, string> {
  const sections = PAGE.split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => {
      const end = section.indexOf("\n");
      return [section.slice(0, end).trim(), section.slice(end).trim()];
    }),
  );
}

Deno.test("every class of errors has a code of its own, which is on the list", () => {
  const { classes } = readSources();
  assert(classes.size > 10, "the classes were found");
  for (const [name, code] of classes)
    assert(
      ERROR_CODES.some((known) => known === code),
      `${name} has no code: ${code}`,
    );
  const codes = [...classes.values()];
  assert.deepEqual(codes.toSorted(), [...new Set(codes)].toSorted());
});

Deno.test("every code is given to somebody, and nobody is given another", () => {
  const { classes, given } = readSources();
  assert.deepEqual(
    [...new Set([...classes.values(), ...given])].toSorted(),
    ERROR_CODES.toSorted(),
  );
});

Deno.test("docs/errors.md has a paragraph for each code, in the same order, which names its class", () => {
  const page = readPage();
  assert.deepEqual([...page.keys()], ERROR_CODES);
  for (const [code, text] of page) assert(text.length > 80, `${code} says what to do`);
  for (const [name, code] of readSources().classes)
    assert(page.get(code as string)?.startsWith(`\`${name}\``), `${code} begins with ${name}`);
});
