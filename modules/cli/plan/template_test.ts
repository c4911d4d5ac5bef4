// The places of a command.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Item } from "../input/item.ts";
import { readTemplate } from "./template.ts";

function fill(command: string, item: Item): string {
  return readTemplate(command)({ item, seq: 7, slot: 2 });
}

test("readTemplate() fills places as GNU parallel does", () => {
  assert.equal(
    fill("x {} {.} {/} {//} {/.} {#} {%}", "d/e.f/g.tar.gz"),
    "x d/e.f/g.tar.gz d/e.f/g.tar g.tar.gz d/e.f g.tar 7 2",
  );
  assert.equal(fill("{.} {//}", "d.e/f"), "d.e/f d.e");
  assert.equal(fill("{.} {//} {/}", "/.bashrc"), "/.bashrc / .bashrc");
});

test("readTemplate() puts the argument behind a command without places", () => {
  assert.equal(fill("gzip -9", "a b"), "gzip -9 'a b'");
});

test("readTemplate() quotes whatever a shell would read", () => {
  for (const text of ["it's", "$(rm -rf x)", "a;b", "*", "", "a\nb", "`c`", "~"])
    assert.match(fill("echo {}", text), /^echo '[\s\S]*'$/);
  assert.equal(fill("echo {}", "it's"), "echo 'it'\\''s'");
});

test("readTemplate() fills columns by number and by name, and leaves the shell its braces", () => {
  assert.equal(fill("{2}-{1}", ["a", "b c"]), "'b c'-a");
  assert.equal(fill("{name} {none} {a,b} $HOME", { name: "x" }), "x {none} {a,b} $HOME");
});
