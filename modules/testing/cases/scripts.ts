// Cases of whole programs: when they end, and what their workers do then. Rows 123, 124, 127.
import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { type Applies, withProcesses, withScripts, withWorkerScripts } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { isAlive } from "../is_alive.ts";
import { runScript, scriptPath } from "../run_script.ts";
import type { ScriptCommand, Subject } from "../subject.ts";

// Long for any of them on a machine that is busy, short of the time after which a script is ended.
const GENEROUS_MS = 15_000;

/** A promise about programs that a shell starts processes of. */
const withShell: Applies = (subject) => {
  const processes = withProcesses(subject);
  if (processes !== true) return processes;
  return process.platform === "win32" ? "Windows has no such shell" : withScripts(subject);
};

/** With 100 bytes each, some 300 kB: several times what a pipe holds. */
const PRINTED_LINES = 3000;

/** What a terminal or a supervisor sends to a program and its processes together. */
const GROUP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/** How a program ends: what it prints, with which code, and what it complains of. */
interface Ending {
  readonly way: string;
  readonly title: string;
  readonly applies: Applies;
  readonly stdout: string;
  readonly code?: number;
  readonly stderr?: RegExp;
}

const ENDINGS: readonly Ending[] = [
  {
    way: "await-using",
    title: "a program that leaves the block of its executor waits for what runs, and goes on",
    applies: withScripts,
    stdout: "block over\ndone 9\ndisposed\n",
  },
  {
    way: "exit-in-callback",
    title: "process.exit() in a done callback ends the program with its code, whatever is queued",
    applies: withScripts,
    stdout: "done 9\n",
    code: 5,
  },
  {
    way: "throw-in-callback",
    title:
      "an error thrown by a done callback is printed, and the program ends as if it had not been",
    applies: withScripts,
    stdout: "callback\n",
    stderr: /the callback breaks/,
  },
  {
    way: "throw-at-top-level",
    title: "an error at a program's top level ends it although a task runs",
    applies: withWorkerScripts,
    stdout: "throws\n",
    code: 1,
    stderr: /the program breaks/,
  },
  {
    way: "never-awaited",
    title:
      "failures nobody awaits do not end a program, nor keep it, nor print a word while somebody has the pool",
    applies: withScripts,
    stdout: "main over\n",
  },
  {
    way: "two-pools",
    title: "a program with two executors, neither shut down, ends by itself",
    applies: withScripts,
    stdout: "done 4\nboth\n",
  },
  {
    way: "retry-pause",
    title: "a task that pauses before it is run again keeps its program alive",
    applies: withWorkerScripts,
    stdout: "main over\nsaved\n",
  },
  {
    way: "loop-inside",
    title: "a task may have an executor of its own",
    applies: withScripts,
    stdout: "inside 9\n",
  },
  {
    way: "pool-inside",
    title: "a task may have a pool of its executor's own kind; it ends with its worker",
    applies: withWorkerScripts,
    stdout: "inside 9\n",
  },
  {
    way: "shutdown-twice",
    title: "a program that awaits two shutdowns at once goes on after both",
    applies: withScripts,
    stdout: "done\nshut down\n",
  },
];

/** Cases of whole programs. */
export const scriptCases: readonly ConformanceCase[] = [
  ...ENDINGS.map(
    ({ way, title, applies, stdout, code = 0, stderr }): ConformanceCase => ({
      id: `cf-end-${way}`,
      title,
      applies,
      async run(context) {
        const args = [way, context.log().path];
        const outcome = await runScript(context, "ways_to_end.ts", args);
        assert.deepEqual(
          { stdout: outcome.stdout, code: outcome.code, signal: outcome.signal },
          { stdout, code, signal: null },
          outcome.stderr,
        );
        if (stderr === undefined) assert.equal(outcome.stderr, "");
        else assert.match(outcome.stderr, stderr);
        // Each has some tenths of a second to do; what waits for nothing waits until it is ended.
        assert.ok(outcome.elapsed < GENEROUS_MS, `it took ${outcome.elapsed} ms`);
      },
    }),
  ),
  {
    id: "py-123",
    title: "a program that submits and falls off its end still completes the task",
    applies: withScripts,
    run: (context) => expectOutput(context, "fall_off.ts", "main over\ntask done 9\n"),
  },
  {
    id: "py-124",
    title: "submit() from an exit handler throws ShutdownError",
    applies: withWorkerScripts,
    run: (context) => expectOutput(context, "submit_at_exit.ts", "done 9\nShutdownError\n"),
  },
  {
    id: "py-127",
    title: "a program that called shutdown({ wait: false }) ends by itself after its task",
    applies: withScripts,
    run: (context) => expectOutput(context, "no_wait.ts", "main over\ntask done 9\n"),
  },
  {
    id: "cf-task-unguarded",
    title: "a script that uses a pool unguarded, and holds a task, is told to guard itself",
    applies: withWorkerScripts,
    async run(context) {
      const { stdout, stderr, code } = await runScript(context, "unguarded.ts");
      // In any order: on Node what a thread prints goes through its host, which has printed meanwhile.
      assert.deepEqual(
        { lines: stdout.split("\n").sort(), stderr, code },
        {
          lines: ["", "9", "InvalidStateError: guard it by import.meta.main"],
          stderr: "",
          code: 0,
        },
      );
    },
  },
  {
    id: "cf-exit-idle",
    title: "an idle executor, never shut down, does not keep its program alive",
    applies: withScripts,
    run: (context) => expectOutput(context, "idle.ts", "done 9\n"),
  },
  {
    id: "cf-exit-unused",
    title: "an executor that was never used does not keep its program alive",
    applies: withScripts,
    run: (context) => expectOutput(context, "idle.ts", "unused\n", ["unused"]),
  },
  {
    id: "cf-exit-idle-timers",
    title: "an idle executor with every kind of timer set does not keep its program alive",
    applies: withScripts,
    run: (context) => expectOutput(context, "idle.ts", "done 9\n", ["timers"]),
  },
  {
    id: "cf-exit-queued",
    title:
      "a program that falls off its end runs all that is queued, map() without a reader included",
    applies: withScripts,
    run: (context) => expectOutput(context, "queued.ts", "main over\nsubmitted 20 mapped 20\n"),
  },
  {
    id: "cf-exit-unref",
    title: "a running task keeps its program alive although it waits on nothing that does",
    applies: withScripts,
    run: (context) => expectOutput(context, "unref.ts", "main over\ntask done\n"),
  },
  {
    id: "cf-exit-unseen-failure",
    title: "a failure nobody looks at does not end the program",
    applies: withScripts,
    async run(context) {
      const { stdout, code } = await runScript(context, "unseen_failure.ts");
      assert.deepEqual({ stdout, code }, { stdout: "still here\n", code: 0 });
    },
  },
  {
    id: "cf-exit-busy",
    title: "process.exit() ends a program at once although its workers are busy",
    applies: withWorkerScripts,
    async run(context) {
      const { stdout, code } = await runScript(context, "host_exits.ts", ["exit"]);
      assert.match(stdout, /^worker \d+\n$/);
      assert.equal(code, 7);
      if (context.subject.traits.processes) await assertGone(context, stdout);
    },
  },
  ...["starts_itself", "only_library"].map(
    (script): ConformanceCase => ({
      id: `cf-start-${script.replace("_", "-")}`,
      title: `a program started in place of its worker ends with one error, ${script === "only_library" ? "whatever it imports of the library" : "and starts none itself"}`,
      applies: withShell,
      async run(context) {
        const { flags } = context.subject.script as ScriptCommand;
        const [launcher, log] = [join(context.directory, "launcher"), context.log()];
        const args = [launcher, log.path, scriptPath(`${script}.ts`), ...flags];
        const { stdout, stderr, code } = await runScript(context, "starts_itself.ts", args);
        const lines = stdout.trimEnd().split("\n");
        assert.equal(lines.length, 8, stdout);
        for (const line of lines)
          assert.match(line, /^BrokenExecutorError: .*starts a program, not a runtime/);
        assert.match(stderr, /^Cannot go on: this program was started as a worker[^\n]*\n$/);
        assert.equal(code, 0);
        assert.deepEqual(log.lines(), ["started"]);
      },
    }),
  ),
  ...["by-itself", "shutdown", "idle", "recycled"].map(
    (ending): ConformanceCase => ({
      id: `cf-print-${ending}`,
      title: `what a task prints arrives whole, more than a pipe holds, when its program or worker ends: ${ending}`,
      applies: withWorkerScripts,
      async run(context) {
        for (const timer of ["timer", ""]) {
          const args = [ending, `${PRINTED_LINES}`, timer];
          const { stdout, stderr, code } = await runScript(context, "prints.ts", args);
          for (const text of [stdout, stderr]) {
            // It may come in the midst of a line: what a process prints on Node goes out by and by.
            const [before, after, ...more] = text.split("the host prints on\n");
            assert.ok(after !== undefined && more.length === 0, "and what its program prints");
            const lines = `${before}${after}`.split("\n");
            assert.equal(lines.pop(), "");
            assert.equal(lines.length, 2 * PRINTED_LINES, lines.slice(-4).join("|"));
            assert.ok(lines.every((line) => line.length === 99));
          }
          assert.equal(code, 0);
        }
      },
    }),
  ),
  ...["busy", "starting"].map(
    (moment): ConformanceCase => ({
      id: `cf-signal-${moment}`,
      title: `a signal for the whole group costs no task of a program that heeds it, while workers are ${moment}`,
      applies: withSignals,
      async run(context) {
        for (const signal of moment === "busy" ? GROUP_SIGNALS : GROUP_SIGNALS.slice(0, 1)) {
          const args = [signal, moment, context.directory];
          const outcome = await runScript(context, "heeds_signal.ts", args, { group: true });
          const { stdout, stderr, code } = outcome;
          // What a task has started is ended by it, as everything at a terminal is.
          const expected = `heeded\nvalues 1 2 ${signal}\n`;
          assert.deepEqual({ stdout, code }, { stdout: expected, code: 0 }, `${signal}: ${stderr}`);
        }
      },
    }),
  ),
  {
    id: "cf-signal-heard",
    title: "a task hears a signal for the whole group that it listens to",
    applies: withSignals,
    async run(context) {
      const args = ["SIGTERM", "heard", context.directory];
      const { stdout, stderr } = await runScript(context, "heeds_signal.ts", args, { group: true });
      assert.equal(stdout, "heeded\nheard SIGTERM\n", stderr);
    },
  },
  {
    id: "cf-signal-default",
    title: 'with signals: "default", a signal for the whole group costs the tasks that run',
    applies: withSignals,
    async run(context) {
      const args = ["SIGTERM", "default", context.directory];
      const { stdout, stderr } = await runScript(context, "heeds_signal.ts", args, { group: true });
      assert.equal(stdout, "heeded\nlost SIGTERM\n", stderr);
    },
  },
  {
    id: "cf-signal-dies",
    title: "a program that dies of a signal for the whole group takes its workers along",
    applies: withSignals,
    async run(context) {
      for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"]) {
        const args = [signal, "dies", context.directory];
        const outcome = await runScript(context, "heeds_signal.ts", args, { group: true });
        await assertGone(context, outcome.stdout);
      }
    },
  },
  {
    id: "cf-exit-killed",
    title: "no worker process outlives a host that is killed, busy or not",
    applies: withProcessScripts,
    async run(context) {
      for (const deed of ["kill-busy", "kill-idle", "throw-busy"]) {
        const { stdout } = await runScript(context, "host_exits.ts", [deed]);
        await assertGone(context, stdout);
      }
    },
  },
];

function withProcessScripts(subject: Subject): true | string {
  const processes = withProcesses(subject);
  return processes === true ? withScripts(subject) : processes;
}

function withSignals(subject: Subject): true | string {
  if (process.platform === "win32") return "Windows has no signals for a group of processes";
  return withProcessScripts(subject);
}

async function expectOutput(
  context: CaseContext,
  name: string,
  stdout: string,
  args: readonly string[] = [],
): Promise<void> {
  const outcome = await runScript(context, name, args);
  assert.deepEqual(
    { stdout: outcome.stdout, stderr: outcome.stderr, code: outcome.code },
    { stdout, stderr: "", code: 0 },
  );
}

/** Waits until the process named in the script's output is gone; ends it itself before it fails. */
async function assertGone(context: CaseContext, stdout: string): Promise<void> {
  const pid = Number(/worker (\d+)/.exec(stdout)?.[1]);
  assert.ok(pid > 0, stdout);
  const deadline = performance.now() + 20_000;
  await context.until(() => !isAlive(pid) || performance.now() > deadline);
  if (!isAlive(pid)) return;
  process.kill(pid, "SIGKILL");
  assert.fail(`worker process ${pid} outlived its host`);
}
