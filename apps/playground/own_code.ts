// OwnCode: runs what a visitor typed, where the playground was started for that (--allow-code): in a sandbox, each call in a
// process of its own that may do nothing (docs/sandbox.md), as jobs like any other.

import { readFileSync } from "node:fs";
import type { Executor, Future } from "@concurrent/futures";
import { Problem, quote } from "../../modules/dashboard/problem.ts";
import type { Asked } from "../../modules/dashboard/record/job.ts";
import type { Recorder } from "../../modules/dashboard/record/recorder.ts";
import { CODE_QUEUE, CODE_TIMEOUT, type OwnCodeBody } from "./contract.ts";
import { withLibrary } from "./page/here/typed_code.ts";
import type { Batch } from "./submitter.ts";

/** The name of the sandbox among the executors. */
export const SANDBOX = "sandbox";

/** What its jobs are called. */
export const CODE_KIND = "code";

/** Runs whose code is kept, to be run again as a whole: the last ones. */
const KEPT_RUNS = 50;

/** Longer arguments are cut where they are shown. */
const SHOWN_ARGUMENTS = 200;

/** A full queue has room again as soon as a piece of code is done, which takes so many seconds at most. */
const RETRY_AFTER = CODE_TIMEOUT / 1000;

/** What pieces of code are run in. */
export interface CodeSandbox {
  readonly executor: Executor;
  /** Runs the default export of a module. */
  submit(code: string, ...args: unknown[]): Future<unknown>;
}

/** What runs a function in this page's workers does so here, too: it hears the console, and has the library in it. */
const RUNNER = new URL("./page/dist/task_runner.js", import.meta.url);

/** Has visitors' code run, as jobs like any others. */
export class OwnCode {
  readonly #recorder: Recorder;
  readonly #sandbox: CodeSandbox;
  /** Its address, and the module that has it run others. */
  readonly #library: string;
  readonly #main: string;
  /** What the last runs were, by their batches. */
  readonly #runs = new Map<string, OwnCodeBody>();

  constructor(recorder: Recorder, sandbox: CodeSandbox) {
    this.#recorder = recorder;
    this.#sandbox = sandbox;
    this.#library = `data:text/javascript;base64,${readFileSync(RUNNER).toString("base64")}`;
    this.#main = `export { run as default } from ${JSON.stringify(this.#library)};`;
  }

  /** Whether it has a run that can be run again. */
  has(batch: string): boolean {
    return this.#runs.has(batch);
  }

  /** Runs a run anew. */
  again(batch: string): Batch {
    const body = this.#runs.get(batch);
    if (body === undefined) throw new Problem(404, `Cannot run again: ${quote(batch)} is not kept`);
    return this.run(body);
  }

  /** Submits all calls, or, where there is no room for all, none. */
  run(body: OwnCodeBody): Batch {
    const { code, name, calls } = body;
    const { queued } = this.#sandbox.executor.stats();
    if (queued + calls.length > CODE_QUEUE) {
      const detail = `${queued} calls wait, and ${CODE_QUEUE} may`;
      throw new Problem(429, `Cannot run code: ${detail}`, { retryAfter: RETRY_AFTER });
    }
    const text = encodeURIComponent(withLibrary(code, this.#library));
    const module = `data:application/typescript,${text}`;
    const id = crypto.randomUUID();
    const jobs = calls.map((args) =>
      this.#recorder.submit(askedOf(id, name, args), () => {
        const future = this.#sandbox.submit(this.#main, module, name, args);
        // It is shown here how they end: nobody has to be told of failures at the end of the program.
        future.addDoneCallback(() => {});
        return future;
      }),
    );
    this.#runs.set(id, body);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > KEPT_RUNS) this.#runs.delete(oldest as string);
    return { id, jobs };
  }
}

function askedOf(batch: string, name: string, args: readonly unknown[]): Asked {
  const shown = args.map((arg) => JSON.stringify(arg)).join(", ");
  const call = `${name}(${shown.slice(0, SHOWN_ARGUMENTS)}${shown.length > SHOWN_ARGUMENTS ? "…" : ""})`;
  const parameters = { call };
  const options = { timeout: CODE_TIMEOUT };
  return { kind: CODE_KIND, batch, parameters, options, file: null, againOf: null };
}
