// What the source of a module tells of a function's parameters.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readParameters } from "./parameters.ts";
import { argumentsOf } from "./typed_arguments.ts";

function kinds(source: string, name = "f"): string | undefined {
  return readParameters(source, name)
    ?.map(({ name, kind, isRest }) => `${isRest ? "..." : ""}${name}:${kind}`)
    .join(" ");
}

test("readParameters() finds declarations of every kind", () => {
  assert.equal(kinds("export function f(a: number, b?: string) {}"), "a:number b:text");
  assert.equal(kinds("export async function* f<T extends { a: 1 }>(a: bigint) {}"), "a:bigint");
  assert.equal(
    kinds("export const f = async (a: boolean, { b }: X) => a;"),
    "a:boolean { b }:text",
  );
  assert.equal(kinds("const f: F = function (a: Date, u: URL) {}"), "a:date u:url");
  assert.equal(kinds("export default function (n: number) {}", "default"), "n:number");
  assert.equal(
    kinds("export const f = task(import.meta.url, function f(n: number) {})"),
    "n:number",
  );
  assert.equal(kinds("export const g = (a: number) => a;"), undefined);
});

test("readParameters() reads unions with undefined, defaults, rests and JSDoc", () => {
  assert.equal(
    kinds("function f(a: number | undefined, b = 3, c = true, ...d: number[]) {}"),
    "a:number b:number c:boolean ...d:number",
  );
  assert.equal(
    kinds("function f(a: number | string, b: string[], c: { d: number }) {}"),
    "a:text b:json c:json",
  );
  assert.equal(
    kinds("/** Does.\n * @param {number} a how\n */\nexport function f(a, b) {}"),
    "a:number b:text",
  );
});

test("readParameters() is not misled by strings and comments", () => {
  assert.equal(
    kinds('// function f(a: number)\nconst s = "function f(b: number)"; function f(c: string) {}'),
    "c:text",
  );
});

test("readParameters() reads the fields of a row, in place or from the same file", () => {
  const [inPlace] = readParameters("function f(row: { id: number; name: string }) {}", "f") ?? [];
  assert.deepEqual(inPlace?.fields, { id: "number", name: "text" });
  const [declared] =
    readParameters(
      "interface Row {\n  readonly id: number\n  ok?: boolean;\n}\nfunction f(row: Row) {}",
      "f",
    ) ?? [];
  assert.deepEqual(declared?.fields, { id: "number", ok: "boolean" });
});

test("argumentsOf() turns texts into what parameters are, and refuses what they cannot be", () => {
  const parameters = readParameters("function f(a: number, b: boolean, ...c: bigint[]) {}", "f");
  assert.deepEqual(argumentsOf(["1e3", "true", "4", "5"], parameters, true), [1000, true, 4n, 5n]);
  assert.throws(
    () => argumentsOf("one", parameters, true),
    /Cannot use "one" for "a": expected a number/,
  );
  assert.throws(() => argumentsOf("", parameters, true), /expected a number/);
});

test("argumentsOf() leaves values of JSON as they are, lists too", () => {
  assert.deepEqual(argumentsOf([1, "2"], undefined, false), [[1, "2"]]);
  assert.deepEqual(argumentsOf("3", [{ name: "a", kind: "number" }], false), ["3"]);
});
