// Help, man page and completion: made of one table, and read by the shells they are for.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readCommandLine } from "./command_line.ts";
import { bash, fish, zsh } from "./completion.ts";
import { FLAGS, VERBS } from "./flags.ts";
import { EXAMPLES, helpOf, overview } from "./help.ts";
import { manPage } from "./man.ts";
import { VERSION } from "./version.ts";

test("every flag and verb is in the help, the man page and every completion", () => {
  const help = VERBS.map(({ name }) => helpOf(name)).join("\n");
  for (const { name, verbs } of FLAGS) {
    if (name !== "version") assert.ok(help.includes(`--${name}`), `${name} in the help`);
    assert.ok(
      manPage().includes(`\\-\\-${name.replaceAll("-", "\\-")}`),
      `${name} in the man page`,
    );
    assert.ok(
      bash().includes(`--${name}`) && zsh().includes(`--${name}`) && fish().includes(`-l ${name}`),
      name,
    );
    assert.ok(verbs.length > 0);
  }
  for (const { name } of VERBS) assert.ok(overview().includes(`  ${name}`), name);
  // It would be an empty line of the page.
  assert.doesNotMatch(manPage(), /\n\n/);
});

test("every example of the help and of the guide is a command line", () => {
  const page = readFileSync(new URL("../../docs/guide/command_line.md", import.meta.url), "utf8");
  const [, block = ""] = /```sh\n(.*?)```/s.exec(page) ?? [];
  const told = block.split("\n").filter((line) => line.includes("futures "));
  assert.ok(told.length >= 4, "examples in the guide");
  const helped = Object.values(EXAMPLES).flatMap((examples) => examples.map((one) => one.command));
  for (const command of [...helped, ...told.map((line) => line.replace(/ +# .*/, ""))]) {
    const [, line = ""] = /futures (.*?)(?: [<>] ?\S+)*$/.exec(command) ?? [];
    const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(
      ([, quoted, plain]) => quoted ?? plain ?? "",
    );
    assert.ok(["map", "run", "agent"].includes(readCommandLine(words).verb), command);
  }
});

test("bash reads its completion, and completes verbs and flags by it", () => {
  const complete = (...words: string[]) => {
    const script = `${bash()}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _futures; echo "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
    assert.equal(stderr, "");
    return stdout.trim();
  };
  assert.equal(complete("futures", "ma"), "map man");
  assert.equal(complete("futures", "map", "--keep"), "--keep-order");
  assert.equal(complete("futures", "map", "--permissions", "n"), "none");
});

test("VERSION is the package's", () => {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  assert.equal(VERSION, JSON.parse(manifest).version);
});
