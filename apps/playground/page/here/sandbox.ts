// The sandbox's own script: a pool for the calls of one run, in a frame without an origin.
//
// The page opens one for each run and takes it away afterwards (run.ts). All that runs here came as text, and got its
// addresses here: the frame can reach no server, not even its own.

import { type Future, importTasks } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/browser";
import type { ErrorView, OutputLine } from "../../../../modules/dashboard/contract.ts";
import { viewError } from "../../../../modules/dashboard/record/error_view.ts";
import { OUTPUT } from "../../../../modules/dashboard/record/printed.ts";
import { LEVELS } from "../../printer.ts";
import type { FromSandbox, SandboxStart, ToSandbox } from "./messages.ts";
import { withLibrary } from "./typed_code.ts";

addEventListener(
  "message",
  ({ data, ports: [port] }: MessageEvent<SandboxStart>) => {
    if (port !== undefined) serve(data, port);
  },
  { once: true },
);

/** Runs what is submitted by the port, until the page takes the frame away. */
function serve(start: SandboxStart, port: MessagePort): void {
  const tell = (message: FromSandbox) => port.postMessage(message);
  // In a function, so that its names are not those of what it runs. Chromium loads no module as a worker here.
  const worker = addressOf(`(() => {${start.worker}\n})()`);
  const runner = addressOf(start.runner);
  const module = addressOf(withLibrary(start.module, runner));
  const known = new Map([
    [worker, "task_worker.js"],
    [runner, "task_runner.js"],
    [module, "blob:code"],
  ]);
  const { run } = importTasks<typeof import("./task_runner.ts")>(runner);
  const jobs = new Map<Future<unknown>, number>();
  const pool = new ThreadPoolExecutor({
    name: "browser",
    // What fails is told beside the job.
    onError: () => {},
    createWorker: ({ name }) => new Worker(worker, { name }),
  });

  pool.observe((event) => {
    if (event.type === "worker-started" || event.type === "worker-exited") {
      const { type, at, worker } = event;
      tell({
        what: "worker",
        lives: type === "worker-started",
        at,
        worker: { id: worker.id, name: worker.name },
      });
      return;
    }
    if (event.type !== "started" && event.type !== "settled") return;
    const { future, at } = event;
    const job = future && jobs.get(future);
    if (future === undefined || job === undefined) return;
    if (event.type === "settled") return tellEnd(job, future, at);
    const { id, name } = event.worker;
    tell({ what: "started", job, at, worker: { id, name } });
  });

  function tellEnd(job: number, future: Future<unknown>, at: number): void {
    const { state, value, error } = future.snapshot();
    const failed = state !== "cancelled" && error !== undefined;
    if (state !== "cancelled" && !failed) tell({ what: "result", job, value });
    tell({
      what: "settled",
      job,
      at,
      state: state === "cancelled" ? state : failed ? "failed" : "finished",
      error: failed ? withNames(viewError(error), known) : undefined,
    });
  }

  port.onmessage = ({ data }: MessageEvent<ToSandbox>) => {
    if (data.what === "cancel") {
      for (const [future, job] of jobs) {
        if (data.job === undefined || data.job === job) future.cancel({ interrupt: true });
      }
      return;
    }
    data.calls.forEach(({ name, args, options }, job) => {
      const set = Object.entries(options).filter(([, value]) => value !== undefined);
      const task = run.with({ ...Object.fromEntries(set), name });
      const future = pool.submit(task, module, name, [...args]);
      jobs.set(future, job);
      future.onProgress(({ fraction, detail }) => {
        const lines = printedIn(detail);
        if (lines === undefined) tell({ what: "progress", job, fraction });
        else tell({ what: "printed", job, lines });
      });
      // Looked at, so that a failure is not reported a second time.
      future.exception().catch(() => {});
    });
  };
  tell({ what: "ready", maxWorkers: pool.maxWorkers });
}

function addressOf(text: string): string {
  return URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
}

/** Says where an error came from by names; addresses that were made here mean nothing to a reader. */
function withNames(error: ErrorView, known: ReadonlyMap<string, string>): ErrorView {
  const named = (text: string | null) =>
    text && [...known].reduce((all, [address, name]) => all.replaceAll(address, name), text);
  return {
    ...error,
    message: named(error.message) ?? "",
    stack: named(error.stack),
    workerStack: named(error.workerStack),
    cause: error.cause && withNames(error.cause, known),
  };
}

/** What a report says was printed. Any task may send one, so nothing of it is taken for granted. */
function printedIn(detail: unknown): OutputLine[] | undefined {
  const lines = (detail as Readonly<Record<string, unknown>> | null | undefined)?.[OUTPUT];
  if (!Array.isArray(lines)) return undefined;
  return lines.filter((line: Partial<OutputLine> | null): line is OutputLine => {
    const isKnown = LEVELS.some((level) => level === line?.level);
    return isKnown && typeof line?.at === "number" && typeof line.text === "string";
  });
}
