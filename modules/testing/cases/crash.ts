// The crash matrix: what a task can do to its worker, and what that may cost. Each case ends with a probe.
import assert from "node:assert/strict";
import {
  CancelledError,
  type Executor,
  type Future,
  TimeoutError,
  WorkerLostError,
} from "../../../mod.ts";
import {
  type Applies,
  everywhere,
  withCloning,
  withOwnWorkers,
  withProcesses,
  withRealWorkers,
  withThreads,
  withWorkers,
} from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { runScript } from "../run_script.ts";
import {
  absent,
  arithmetic,
  deaths,
  failures,
  gates,
  missing,
  neverLoads,
  throwsOnImport,
} from "../tasks.ts";
import { timeToStart } from "../time_to_start.ts";

// Short, so that a worker that does not react is ended soon; nothing is asserted about its length.
const GRACE_MS = 10;

interface Crash {
  readonly name: string;
  readonly title: string;
  readonly applies: Applies;
  /** Submits the task that does harm. */
  submit(executor: Executor, context: CaseContext, log: string): Future<unknown>;
  /** Does to it what must be done from outside, once it has written to its log. */
  provoke?(future: Future<unknown>): void;
  /** Looks at the outcome. */
  expect(future: Future<unknown>, context: CaseContext): Promise<void>;
  /** Errors may be reported to `onError`. */
  readonly reports?: true;
}

const CRASHES: readonly Crash[] = [
  {
    name: "throws",
    title: "a task that throws",
    applies: everywhere,
    submit: (executor) => executor.submit(failures.throwRangeError, "thrown"),
    expect: (future) => assert.rejects(future.result(), { name: "RangeError", message: "thrown" }),
  },
  {
    name: "throws-later",
    title: "a task that throws from a timer when it is over",
    applies: withOwnWorkers(withRealWorkers),
    submit: (executor) => executor.submit(failures.throwFromTimer, "too late"),
    expect: async (future) => assert.equal(await future, "returned"),
    reports: true,
  },
  {
    name: "throws-meanwhile",
    title: "a task whose timer throws while it waits",
    applies: withOwnWorkers(withRealWorkers),
    submit: (executor) => executor.submit(failures.throwFromTimerWhileRunning, "meanwhile"),
    expect: async (future) => assert.equal(await future, "returned"),
    reports: true,
  },
  {
    name: "rejects-unhandled",
    title: "a task that leaves a rejection unhandled",
    applies: withOwnWorkers(withRealWorkers),
    submit: (executor) => executor.submit(failures.rejectUnhandled, "unhandled"),
    expect: async (future) => assert.equal(await future, "returned"),
    reports: true,
  },
  {
    name: "process-exit",
    title: "a task that calls process.exit()",
    applies: withWorkers,
    submit: (executor) => executor.submit(deaths.exit, 3),
    expect: (future, context) =>
      assert.rejects(future.result(), isLost({ exitCode: context.exitCode(3) })),
  },
  {
    name: "deno-exit",
    title: "a task that calls Deno.exit()",
    applies: (subject) => {
      const threads = withThreads(subject);
      return threads === true ? "Deno" in globalThis || "this runtime has no Deno.exit()" : threads;
    },
    submit: (executor) => executor.submit(deaths.denoExit, 4),
    expect: (future) => assert.rejects(future.result(), isLost({ exitCode: 4 })),
  },
  {
    name: "self-close",
    title: "a task that calls self.close()",
    applies: withThreads,
    submit: (executor) => executor.submit(deaths.closeSelf),
    expect: (future) => assert.rejects(future.result(), isLost({})),
  },
  {
    name: "self-close-returns",
    title: "a task that calls self.close() and returns",
    applies: withThreads,
    submit: (executor) => executor.submit(deaths.closeAndReturn),
    expect: (future) => assert.rejects(future.result(), isLost({})),
  },
  {
    name: "loop-cancelled",
    title: "a busy loop that is cancelled with interrupt",
    applies: withRealWorkers,
    submit: (executor, context, log) => executor.submit(gates.spinAt, context.gate().path, log),
    provoke: (future) => assert.equal(future.cancel({ interrupt: true }), true),
    expect: async (future) => {
      assert.equal(future.state, "cancelled", "at once");
      await assert.rejects(future.result(), CancelledError);
    },
  },
  {
    name: "loop-timed-out",
    title: "a busy loop that times out",
    applies: withRealWorkers,
    submit: (executor, context) =>
      executor.submit(gates.spinAt.with({ timeout: 20 }), context.gate().path),
    expect: (future) => assert.rejects(future.result(), TimeoutError),
  },
  {
    name: "block-cancelled",
    title: "a thread that sleeps and is cancelled with interrupt",
    applies: withRealWorkers,
    submit: (executor, context, log) =>
      executor.submit(gates.logAndBlockAt, log, context.gate().path),
    provoke: (future) => assert.equal(future.cancel({ interrupt: true }), true),
    expect: (future) => assert.rejects(future.result(), CancelledError),
  },
  {
    name: "argument",
    title: "an argument that cannot be cloned",
    applies: withCloning,
    submit: (executor) => executor.submit(arithmetic.identity, () => {}),
    expect: (future) => assert.rejects(future.result(), { name: "DataCloneError" }),
  },
  {
    name: "result",
    title: "a result that cannot be cloned",
    applies: withCloning,
    submit: (executor) => executor.submit(arithmetic.returnFunction),
    expect: (future) => assert.rejects(future.result(), { name: "DataCloneError" }),
  },
  {
    name: "result-nested",
    title: "a result with a promise inside",
    applies: withCloning,
    submit: (executor) => executor.submit(arithmetic.returnUnlistedPromise),
    expect: (future) => assert.rejects(future.result(), { name: "DataCloneError" }),
  },
  {
    name: "module-missing",
    title: "a task whose module is missing",
    applies: everywhere,
    submit: (executor) => executor.submit(missing.never),
    expect: (future) => assert.rejects(future.result(), /no_such_module/),
  },
  {
    name: "export-missing",
    title: "a task whose export is missing",
    applies: everywhere,
    submit: (executor) => executor.submit(absent.noSuchExport),
    expect: (future) => assert.rejects(future.result(), /noSuchExport/),
  },
  {
    name: "module-throws",
    title: "a task whose module throws on import",
    applies: everywhere,
    submit: (executor) => executor.submit(throwsOnImport.never),
    expect: (future) =>
      assert.rejects(future.result(), ({ cause }: Error) => {
        assert.ok(cause instanceof SyntaxError);
        assert.equal((cause as SyntaxError & { code: string }).code, "E_BROKEN");
        return true;
      }),
  },
  {
    name: "module-hangs",
    title: "a task whose module never finishes loading",
    applies: withRealWorkers,
    submit: (executor) => executor.submit(neverLoads.never),
    expect: (future) => assert.rejects(future.result(), TimeoutError),
  },
  {
    name: "killed",
    title: "a task whose process is killed",
    applies: withProcesses,
    submit: (executor) => executor.submit(deaths.killOwnProcess),
    expect: (future) => assert.rejects(future.result(), isLost({ signal: "SIGKILL" })),
  },
];

/** The crash matrix, inside one program and as programs of their own. */
export const crashCases: readonly ConformanceCase[] = [
  ...CRASHES.map(
    (crash): ConformanceCase => ({
      id: `cf-crash-${crash.name}`,
      title: `${crash.title} costs its own future only`,
      applies: crash.applies,
      async run(context) {
        // Only a module that never loads waits this long.
        const isStuck = crash.name === "module-hangs";
        const startTimeout = isStuck ? await timeToStart(context) : 20_000;
        const executor = context.create({
          maxWorkers: 1,
          interruptGrace: GRACE_MS,
          ...(context.subject.traits.workers ? { startTimeout } : {}),
        });
        const log = context.log();
        await executor.submit(arithmetic.square, 1);
        const future = crash.submit(executor, context, log.path);
        const behind = [1, 2, 3, 4, 5].map((n) => executor.submit(arithmetic.square, n));
        if (crash.provoke !== undefined) {
          await context.until(() => log.lines().length > 0);
          crash.provoke(future);
        }
        await crash.expect(future, context);
        assert.equal(future.done(), true);
        assert.deepEqual(await Promise.all(behind), [1, 4, 9, 16, 25]);
        assert.equal(await executor.submit(arithmetic.square, 9), 81, "the next submit() works");
        if (crash.reports) await context.until(() => context.reports.length > 0);
        assertReportedAsWorker(context, crash.reports === true);
      },
    }),
  ),
  ...["throws", "late", "exit", "spin-cancel", "spin-timeout", "argument", "result", "missing"].map(
    (deed): ConformanceCase => ({
      id: `cf-crash-exit-${deed}`,
      title: `a program whose task does "${deed}" ends by itself without shutdown()`,
      applies: (subject) => {
        const real = withRealWorkers(subject);
        if (real !== true) return real;
        return subject.script !== undefined || "there is no program to run";
      },
      async run(context) {
        const outcome = await runScript(context, "crash.ts", [deed]);
        assert.deepEqual(
          { stdout: outcome.stdout, code: outcome.code },
          { stdout: "settled\nbehind 4 9\nnext 16\nend\n", code: 0 },
          outcome.stderr,
        );
      },
    }),
  ),
];

function isLost(expected: {
  exitCode?: number | undefined;
  signal?: string;
}): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof WorkerLostError, String(error));
    for (const key of ["exitCode", "signal"] as const) {
      if (expected[key] !== undefined) assert.equal(error[key], expected[key]);
    }
    return true;
  };
}

function assertReportedAsWorker({ reports }: CaseContext, expected: boolean): void {
  if (!expected) return assert.deepEqual(reports, []);
  const [first] = reports;
  assert.equal(reports.length, 1, "reported once");
  assert.equal(first?.about.kind, "worker");
  assert.equal(typeof first?.about.workerId, "number");
  assert.ok(first?.error instanceof Error);
  assert.match(first.error.message, /too late|meanwhile|unhandled/);
}
