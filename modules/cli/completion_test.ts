// The completion scripts of zsh and fish, in the shells they are for: what is typed is completed there.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import { fish, zsh } from "./completion.ts";
import { Command, SCRIPT, until, Workshop } from "./fixture.ts";

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(`${folder}/${program}`));
}

/** Names a test that cannot be made here, and says why: it is told as ignored, and not as passed. */
function onlyWith(programs: readonly string[], name: string, fn: () => Promise<void> | void): void {
  const missing = programs.filter((program) => !isInstalled(program));
  const why = missing.length === 0 ? "" : ` (there is no ${missing.join(", no ")} here)`;
  Deno.test({ name: `${name}${why}`, ignore: missing.length > 0, fn });
}

onlyWith(["fish"], "fish completes verbs, flags and their values by its completion", () => {
  const complete = (line: string) => {
    const script = `${fish()}\ncomplete -C '${line}'`;
    const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", script], {
      encoding: "utf8",
    });
    assert.equal(stderr, "");
    return stdout.split("\n").map((word) => word.split("\t")[0]);
  };
  assert.deepEqual(complete("futures ma").slice(0, 2).sort(), ["man", "map"]);
  assert.ok(complete("futures map --keep").includes("--keep-order"));
  assert.ok(!complete("futures run --mem").includes("--memory-limit"), "a flag of map alone");
  assert.ok(complete("futures map --permissions n").includes("none"));
});

onlyWith(["zsh", "script"], "zsh completes verbs and flags by its completion", async () => {
  using workshop = new Workshop();
  const file = workshop.path("_futures");
  writeFileSync(file, zsh());
  assert.equal(spawnSync("zsh", ["-n", file], { encoding: "utf8" }).stderr, "");
  // It completes only what somebody types. Without files of the user's, and without a dump of what it finds.
  const env = { PATH: process.env.PATH, HOME: workshop.folder, TERM: "xterm", PS1: "ready> " };
  const shell = new Command(
    spawn(SCRIPT, ["-qec", "zsh -fi", "/dev/null"], { cwd: workshop.folder, env }),
  );
  const seen = (text: string) =>
    until(() => stripVTControlCharacters(shell.stdout).includes(text), text);
  const type = (text: string) => shell.child.stdin?.write(text);
  await seen("ready> ");
  type(`autoload -Uz compinit; compinit -u -D; source ${file}; echo so"urced"\n`);
  await seen("sourced");
  type("futures compl\t");
  await seen("futures completion");
  type("\x15futures map --keep\t");
  await seen("--keep-order");
  type("\x15futures map --perm\t");
  await seen("--permissions");
  type("\x15exit\n");
  assert.doesNotMatch((await shell.ended).stdout, /_arguments:|_futures:|invalid/);
});
