// The command in a real terminal: what is seen, what Ctrl-C does that somebody presses, and that nothing is left behind.

import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { type Command, sideBySide, until, Workshop } from "./fixture.ts";

const CTRL_C = "\x03";
const CTRL_D = "\x04";

const COLORS = ["\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m"];

/** Takes a view of so many lines away, and leaves the cursor where it began. */
const erased = (lines: number) => `\r\x1b[${lines - 1}A\x1b[J`;

async function inTerminal(
  args: readonly string[],
  env: Record<string, string>,
  use: (command: Command, workshop: Workshop) => Promise<void>,
  columns?: number,
): Promise<void> {
  using workshop = new Workshop();
  const command = workshop.startInTerminal(args, env, columns);
  if (command === undefined) return console.log("skipped: there is no script of Linux here");
  await use(command, workshop);
}

const type = (command: Command, text: string) => command.child.stdin?.write(text);
const seen = (command: Command, text: string) => until(() => command.stdout.includes(text), text);

Deno.test("futures in a terminal", async (test) => {
  await sideBySide(test, {
    "shows a bar, and leaves nothing of it": () =>
      inTerminal(["run", "-j1", "sleep 600; : {}", ":::", "a", "b"], {}, async (command) => {
        await seen(command, "longest");
        const plain = stripVTControlCharacters(command.stdout);
        assert.match(plain, /░{40} {3}0% {2}0\/2 {2}1 running {2}for \d+ms\r\nlongest \d+ms: a/);
        assert.ok(command.stdout.startsWith("\x1b[2m░"));
        // A line that is full would break where the terminal shows the Ctrl-C.
        assert.ok(command.stdout.endsWith("\r"), JSON.stringify(command.stdout.slice(-100)));
        type(command, CTRL_C);
        await seen(command, "stopping; Ctrl-C again interrupts");
        type(command, CTRL_C);
        const { code, stdout } = await command.ended;
        assert.equal(code, 130);
        const [before = "", rest = ""] = stdout.split("futures: ");
        assert.ok(before.endsWith(erased(3)), JSON.stringify(before.slice(-200)));
        assert.match(rest, /^0 done, 0 failed, 1 interrupted in \S+\r\n$/);
      }),

    "takes a terminal that does not know how wide it is for one of 80 columns": () =>
      inTerminal(
        ["run", "-j1", "sleep 0.5; echo {}", ":::", "a", "b"],
        {},
        async (command) => {
          const { code, stdout } = await command.ended;
          assert.equal(code, 0);
          assert.match(stripVTControlCharacters(stdout), /█+░+ {2}50% {2}1\/2/);
          assert.ok(stdout.includes(`${erased(2)}a\r\n`), JSON.stringify(stdout));
        },
        0,
      ),

    "is drawn anew, no wider than its terminal, when that becomes narrow": () =>
      inTerminal(
        ["run", "-j1", "sleep 600; : {}", ":::", "a", "b"],
        {},
        async (command, workshop) => {
          await seen(command, "longest");
          const before = command.stdout.length;
          workshop.resize(30);
          const after = () => command.stdout.slice(before);
          // The line of 72 columns is three by now, and the one below it is there still: all four go.
          const gone = "\r\x1b[3A\x1b[J";
          await until(() => after().split(gone)[1]?.includes("longest") === true, "a new view");
          const [, view = ""] = after().split(gone);
          const [head = ""] = stripVTControlCharacters(view).split("\r\n");
          assert.match(head, /^0\/2 {2}1 running {2}for \S+$/);
          type(command, CTRL_C);
          await seen(command, "stopping");
          type(command, CTRL_C);
          assert.equal((await command.ended).code, 130);
        },
      ),

    "colors nothing if NO_COLOR is set": () =>
      inTerminal(
        ["run", "-j1", "sleep 0.5; echo {}", ":::", "a", "b"],
        { NO_COLOR: "1" },
        async (command) => {
          const { code, stdout } = await command.ended;
          assert.equal(code, 0);
          assert.match(stripVTControlCharacters(stdout), /█+░+ {2}50% {2}1\/2/);
          for (const color of COLORS) assert.equal(stdout.includes(color), false);
          assert.ok(stdout.includes(`${erased(2)}a\r\n`));
        },
      ),

    "draws nothing while arguments are typed": () =>
      inTerminal(["map", "./jobs.ts#reject"], {}, async (command) => {
        await seen(command, "end with Ctrl-D");
        type(command, "one\n");
        await seen(command, "one\r\none\r\n");
        type(command, CTRL_D);
        const { code, stdout } = await command.ended;
        assert.equal(code, 0);
        assert.doesNotMatch(stdout, /running/);
      }),
  });
});
