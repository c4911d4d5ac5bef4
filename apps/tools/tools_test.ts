// The tools do what they say: from their sources, built into one file for Bun and for Node, and by Ctrl-C in a terminal.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { ThreadPoolExecutor } from "@concurrent/futures/deno";
import { buildSync } from "esbuild";
import { decode, encode } from "fast-png";
import { bunPath } from "../../scripts/bun.ts";
import { nodePath } from "../../scripts/node.ts";
import { run } from "../../scripts/run_program.ts";
import { countLog } from "./count_log.ts";

/** A folder that is removed at the end. */
function workshop() {
  const folder = mkdtempSync(join(tmpdir(), "tools-"));
  return {
    folder,
    path: (name: string) => join(folder, name),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const LINES = Array.from({ length: 5000 }, (_, at) => {
  const status = at % 10 === 0 ? 404 : 200;
  return `127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET /${"x".repeat(at % 37)} HTTP/1.1" ${status} ${at}\n`;
});
const COUNTS = { lines: 5000, bytes: (5000 * 4999) / 2, status: { 200: 4500, 404: 500 } };

Deno.test("countLog() counts each line once, wherever the file is cut", async () => {
  using own = workshop();
  const log = own.path("access.log");
  writeFileSync(log, LINES.join(""));
  await using pool = new ThreadPoolExecutor();
  // The length of the first lines, too: then a part begins where a line does.
  for (const part of [1 << 20, 10_007, 100 * (LINES[0] as string).length])
    assert.deepEqual(await countLog(pool, log, part), COUNTS);
});

/** How the tools are started: from their sources, and from builds that lie alone in an empty folder. */
const PROGRAMS: Readonly<Record<string, (folder: string) => readonly string[]>> = {
  "from their sources": () => [
    Deno.execPath(),
    "run",
    "-A",
    "--quiet",
    resolve("apps/tools/on_deno.ts"),
  ],
  "as an executable of Bun": (folder) => {
    const program = join(folder, "tools");
    run(bunPath(), ["build", "--compile", "apps/tools/on_bun.ts", "--outfile", program]);
    return [program];
  },
  "as a bundle for Node": (folder) => {
    const outfile = join(folder, "tools.mjs");
    buildSync({
      entryPoints: ["apps/tools/on_node.ts"],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      logLevel: "error",
    });
    return [nodePath(), outfile];
  },
};

for (const [how, make] of Object.entries(PROGRAMS)) {
  // esbuild leaves a port for the next time.
  const left = { sanitizeResources: false };
  Deno.test(`each tool works ${how}`, left, async () => {
    using place = workshop();
    using own = workshop();
    const [program = "", ...args] = make(place.folder);
    const tool = (...more: string[]) => run(program, [...args, ...more], own.folder);

    mkdirSync(own.path("tree/deep"), { recursive: true });
    for (const [name, text] of Object.entries({
      a: "same",
      "deep/b": "same",
      c: "more",
      d: "longer",
    }))
      writeFileSync(own.path(`tree/${name}`), text);
    assert.equal(tool("duplicates", "tree"), "tree/a\ntree/deep/b\n\n");

    writeFileSync(own.path("access.log"), LINES.join(""));
    assert.match(
      stripVTControlCharacters(tool("count-log", "access.log")).replaceAll(/['"\s]/g, ""),
      /lines:5000,bytes:12497500,status:\{200:4500,404:500,?\}/,
    );

    const white = new Uint8Array(40 * 20 * 4).fill(255);
    writeFileSync(
      own.path("good.png"),
      encode({ width: 40, height: 20, channels: 4, data: white }),
    );
    writeFileSync(own.path("bad.png"), "no picture");
    tool("resize", "10", "small", "good.png", "bad.png");
    const { width, height, data } = decode(readFileSync(own.path("small/good.png")));
    assert.deepEqual([width, height, data[0]], [10, 5, 255]);
    assert.equal(existsSync(own.path("small/bad.png")), false);

    await interruptInTerminal([program, ...args], own.folder);
  });
}

/** Starts the tool with a bar in a terminal, presses Ctrl-C there, and sees that it tells what it has found. */
async function interruptInTerminal(program: readonly string[], folder: string): Promise<void> {
  if (Deno.build.os !== "linux" || !existsSync("/usr/bin/script"))
    return console.log("Ctrl-C in a terminal is not tried: there is no /usr/bin/script of Linux");
  // Files without contents: only their reading takes its time. All in all, minutes of it.
  mkdirSync(join(folder, "large"));
  for (let at = 0; at < 2000; at++) {
    const file = join(folder, `large/${String(at).padStart(4, "0")}`);
    writeFileSync(file, "");
    truncateSync(file, 32 << 20);
  }
  const command = [...program, "duplicates", "large"].map((word) => `'${word}'`).join(" ");
  const terminal = spawn("/usr/bin/script", ["-qec", command, "/dev/null"], { cwd: folder });
  let screen = "";
  const ended = new Promise((resolve) => terminal.on("close", resolve));
  terminal.stdout.setEncoding("utf8").on("data", (text: string) => {
    // Once: two are found, and far from all are.
    if (!screen.includes(" 2/2000") && `${screen}${text}`.includes(" 2/2000"))
      terminal.stdin.write("\x03");
    screen += text;
  });
  assert.equal(await ended, 130, screen);
  assert.match(screen, /░ 2\/2000/);
  assert.match(screen, /large\/0000\r\nlarge\/0001\r\n/);
  assert.doesNotMatch(screen, /large\/1999/);
}
