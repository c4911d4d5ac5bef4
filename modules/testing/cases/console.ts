// Cases of what tasks print, where their executor captures it.
import assert from "node:assert/strict";
import { type Executor, type TaskEvent, UnsupportedRuntimeError, wait } from "../../../mod.ts";
import { type Applies, withOwnWorkers, withRealWorkers } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { printing } from "../tasks.ts";

type Printed = TaskEvent & { readonly type: "console" };

const LEVELS = ["debug", "info", "log", "warn", "error"];
const LINES = 200;

/** Where there is a console of its own, or the platform tells who prints. */
const withConsoles: Applies = ({ traits }) =>
  traits.isolated || !traits.workers || "a fake worker has the console of the suite itself";

/** Cases of what tasks print. */
export const consoleCases: readonly ConformanceCase[] = [
  {
    id: "cf-console",
    title: "what a task prints is told in order, by its level, before the task settles",
    applies: withOwnWorkers(withConsoles),
    async run(context) {
      const executor = capturing(context);
      if (executor === undefined) return;
      const events: TaskEvent[] = [];
      using _ = executor.observe((event) => events.push(event));
      const future = executor.submit(printing.printAll, "word");
      await future;
      const printed = events.filter((event) => event.type === "console");
      assert.deepEqual(
        printed.map(({ level }) => level),
        [...LEVELS, ...LEVELS],
      );
      for (const [index, { text, task, taskId, future: of, worker }] of printed.entries()) {
        assert.match(text, index < LEVELS.length ? /^word 1 .*at/ : /^word 2$/);
        assert.deepEqual([task, taskId, of === future, worker.id], ["printAll", 0, true, 0]);
      }
      assert.equal(events.at(-1)?.type, "settled");
    },
  },
  {
    id: "cf-console-whose",
    title: "of tasks that run at once each is told what it has printed itself",
    applies: withOwnWorkers(withConsoles),
    async run(context) {
      const executor = capturing(context, 2);
      if (executor === undefined) return;
      const printed: Printed[] = [];
      using _ = executor.observe((event) => event.type === "console" && printed.push(event));
      const gate = context.gate();
      const futures = ["one", "two"].map((word) =>
        executor.submit(printing.printAround, gate.path, word),
      );
      await context.until(() => printed.length === 2);
      gate.open();
      await wait(futures);
      await futures[0];
      for (const [taskId, word] of ["one", "two"].entries()) {
        const own = printed.filter((event) => event.taskId === taskId);
        assert.deepEqual(
          own.map(({ text }) => text),
          [`${word} before`, `${word} after`],
        );
      }
    },
  },
  {
    id: "cf-console-left",
    title: "what a task has left behind prints for nobody, and is told all the same",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, captureConsole: true });
      const printed: Printed[] = [];
      using _ = executor.observe((event) => event.type === "console" && printed.push(event));
      await executor.submit(printing.printLater, "late");
      await context.until(() => printed.length === 1);
      const [{ text, taskId, worker } = assert.fail()] = printed;
      assert.deepEqual([text, taskId, worker.id], ["late", undefined, 0]);
    },
  },
  {
    id: "cf-console-failure",
    title: "what a task printed before it failed comes before its failure",
    applies: withOwnWorkers(withConsoles),
    async run(context) {
      const executor = capturing(context);
      if (executor === undefined) return;
      const events: TaskEvent[] = [];
      using _ = executor.observe((event) => events.push(event));
      await executor.submit(printing.printAndFail, LINES).exception();
      assert.deepEqual(numbersIn(events), counted());
      assert.equal(events.at(-1)?.type, "settled");
    },
  },
  {
    id: "cf-console-exit",
    title: "what a task printed before it ended its worker is all there before that is told",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, captureConsole: true });
      const events: TaskEvent[] = [];
      using _ = executor.observe((event) => events.push(event));
      await executor.submit(printing.printAndExit, LINES, 3).exception();
      const end = events.findIndex(({ type }) => type === "worker-exited");
      assert.ok(end > 0);
      assert.deepEqual(numbersIn(events.slice(0, end)), counted());
    },
  },
  {
    id: "cf-console-kill",
    title: "what a task printed that never returned is told, although its worker was killed",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, captureConsole: true, interruptGrace: 50 });
      const events: TaskEvent[] = [];
      using _ = executor.observe((event) => events.push(event));
      const future = executor.submit(printing.printAndSpin, LINES);
      await context.until(() => numbersIn(events).length === LINES);
      future.cancel({ interrupt: true });
      assert.deepEqual(numbersIn(events), counted());
    },
  },
  {
    id: "cf-console-unobserved",
    title: "what is printed while nobody observes is printed by the program itself",
    applies: withOwnWorkers(withConsoles),
    async run(context) {
      const lines: unknown[][] = [];
      const { log } = console;
      console.log = (...args) => void lines.push(args);
      context.defer(() => {
        console.log = log;
      });
      const executor = capturing(context);
      if (executor === undefined) return;
      const gate = context.gate();
      gate.open();
      await executor.submit(printing.printAround, gate.path, "word");
      const own = () => lines.filter(([text]) => /^word (before|after)$/.test(String(text)));
      await context.until(() => own().length === 2);
      assert.deepEqual(own(), [["word before"], ["word after"]]);
    },
  },
];

/** Makes an executor that captures, if the platform can tell who prints; if not, it has to say so. */
function capturing(context: CaseContext, maxWorkers = 1): Executor | undefined {
  try {
    return context.create({ maxWorkers, captureConsole: true });
  } catch (error) {
    assert.ok(error instanceof UnsupportedRuntimeError && !context.subject.traits.workers);
    assert.match(error.message, /nothing tells on this platform which task prints; use threads/);
    return undefined;
  }
}

function numbersIn(events: readonly TaskEvent[]): number[] {
  return events.flatMap((event) => (event.type === "console" ? [Number(event.text)] : []));
}

function counted(): number[] {
  return Array.from({ length: LINES }, (_, n) => n);
}
