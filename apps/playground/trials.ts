// Trials: experiments that break something on purpose, and what is seen of it: the outcome, and how soon all is well.

import { poll } from "deno-std/async/poll.js";
import type { Trial } from "../../modules/dashboard/contract.ts";
import type { Executors } from "../../modules/dashboard/executors.ts";
import { Problem, quote } from "../../modules/dashboard/problem.ts";
import { type Job, rowOf } from "../../modules/dashboard/record/job.ts";
import type { Recorder } from "../../modules/dashboard/record/recorder.ts";
import { allDone } from "./comparison.ts";
import type { ExperimentView } from "./contract.ts";
import { KINDS, whyNot } from "./kinds.ts";
import { checkSubmission } from "./submission.ts";
import type { Submitter } from "./submitter.ts";

/** Workers that the recovery is looked for on, at most. */
const PROBES = 32;

/** How long a probe sleeps: if all probes run at once, every worker is there. */
const PROBE_MS = 30;

/** How often it is looked whether a job runs, in ms. */
const STRIKE_LOOK_MS = 20;

/** An experiment, as people are told of it, and what is submitted for it. */
export interface Experiment {
  readonly name: string;
  readonly title: string;
  readonly expect: string;
  readonly kind: string;
  readonly parameters?: Record<string, unknown>;
  readonly count?: number;
  readonly timeout?: number;
  /** Milliseconds that all of them have together, as one group. */
  readonly deadline?: number;
  readonly retries?: number;
  /** On which executor alone. Default: on each that offers its kind. */
  readonly executor?: string;
  /** What is done to it when the first of its jobs runs. Default: its jobs do it themselves. */
  strike?(): Promise<void>;
}

const EXPERIMENTS: readonly Experiment[] = [
  {
    name: "throw",
    title: "Throw an error",
    expect: "Its job fails with the error, cause and all. Its worker goes on.",
    kind: "fail",
  },
  {
    name: "exit",
    title: "Exit the worker",
    expect: "Its job fails as worker-lost, with the exit code. Another worker takes over.",
    kind: "exit",
  },
  {
    name: "spin",
    title: "Spin for ever",
    expect: "Its job times out after 300 ms. A worker that hears nothing is ended and replaced.",
    kind: "spin",
    parameters: { ms: 30_000 },
    timeout: 300,
  },
  {
    name: "memory",
    title: "Run out of memory",
    expect: "Its job fails as worker-lost. The server and the other workers go on.",
    kind: "exhaust",
    timeout: 60_000,
  },
  {
    name: "uncloneable",
    title: "Return a function",
    expect: "Its job fails: a function cannot travel. Its worker goes on.",
    kind: "uncloneable",
  },
  {
    name: "lock",
    title: "Die inside of a lock",
    expect:
      "The first of two jobs ends its worker with the lock in its hands. The second has it then, and is told.",
    kind: "lock",
    count: 2,
  },
  {
    name: "deadlock",
    title: "Wait for oneself",
    expect: "Its job fails at once with a DeadlockError, which names the lock. Its worker goes on.",
    kind: "deadlock",
  },
  {
    name: "group",
    title: "Run out of time in a group",
    expect:
      "A hundred naps have one second together. Then those that run are interrupted, and the others never begin.",
    kind: "sleep",
    parameters: { ms: 300 },
    count: 100,
    deadline: 1000,
  },
  {
    name: "flood",
    title: "Flood with 10,000 jobs",
    expect: "All of them finish, and the page stays in step.",
    kind: "echo",
    count: 10_000,
  },
];

export class Trials {
  readonly #recorder: Recorder;
  readonly #executors: Executors;
  readonly #submitter: Submitter;
  readonly #known: readonly Experiment[];
  #latest: Trial | null = null;

  /** Takes further experiments: those for which more is at hand than executors. */
  constructor(recorder: Recorder, submitter: Submitter, further: readonly Experiment[] = []) {
    this.#known = [...EXPERIMENTS, ...further];
    this.#recorder = recorder;
    this.#executors = submitter.executors;
    this.#submitter = submitter;
  }

  get latest(): Trial | null {
    return this.#latest;
  }

  experiments(): ExperimentView[] {
    return this.#known.map(({ name, title, expect, kind, executor: only }) => ({
      name,
      title,
      expect,
      executors: this.#executors.names.filter(
        (executor) =>
          executor === (only ?? executor) &&
          whyNot(kindOf(kind), executor, this.#executors) === undefined,
      ),
    }));
  }

  /** Begins a trial; how it goes, the trial itself shows. */
  async start(name: string, executor: string): Promise<Trial> {
    if (this.#latest?.state === "running") {
      throw new Problem(409, "Cannot try: another trial is running");
    }
    const experiment = this.#known.find((known) => known.name === name);
    if (experiment === undefined) {
      const known = this.#known.map((known) => known.name).join(", ");
      const detail = `Cannot try: unknown experiment ${quote(name)}, known are ${known}`;
      throw new Problem(400, detail, { field: "experiment" });
    }
    const { kind, parameters = {}, count = 1, timeout, deadline, retries } = experiment;
    if (experiment.executor !== undefined && experiment.executor !== executor) {
      const detail = `Cannot try: experiment "${name}" is of executor "${experiment.executor}"`;
      throw new Problem(400, detail, { field: "executor" });
    }
    const body = {
      kind,
      executor,
      parameters,
      count,
      ...(timeout === undefined ? {} : { timeout }),
      ...(retries === undefined ? {} : { retries }),
    };
    const checked = checkSubmission(body, this.#submitter);
    const submission = deadline === undefined ? checked : { ...checked, deadline };
    const begin = performance.now();
    const startedAt = performance.timeOrigin + begin;
    const { id: batch, jobs } = await this.#submitter.submit([submission]);
    const trial: Trial = {
      id: crypto.randomUUID(),
      experiment: name,
      executor,
      batch,
      startedAt,
      state: "running",
      expected: experiment.expect,
      happened: null,
      job: null,
      tookMs: null,
      recoveryMs: null,
      lostWorkers: [],
      newWorkers: [],
    };
    this.#latest = trial;
    if (experiment.strike !== undefined) void strikeOnce(experiment.strike, jobs);
    void this.#follow(trial, jobs, begin);
    return trial;
  }

  async #follow(trial: Trial, jobs: readonly Job[], begin: number): Promise<void> {
    this.#tell();
    await allDone(jobs);
    const over = performance.now();
    trial.tookMs = over - begin;
    trial.job = rowOf(jobs[0] as Job);
    trial.happened = sentence(jobs, trial.tookMs);
    this.#tell();
    try {
      await this.#recover(trial, performance.timeOrigin + over);
    } catch (error) {
      trial.happened += ` No job could be run afterwards: ${error instanceof Error ? error.message : error}.`;
    }
    trial.state = "over";
    this.#tell();
  }

  /** Waits until as many jobs run at once as there are workers. */
  async #recover(trial: Trial, over: number): Promise<void> {
    const { executor } = trial;
    const count = Math.min(PROBES, this.#executors.maxWorkers(executor) ?? 1);
    const body = { kind: "sleep", executor, parameters: { ms: PROBE_MS }, count, priority: 100 };
    const { jobs } = await this.#submitter.submit([checkSubmission(body, this.#submitter)]);
    await allDone(jobs);
    const starts = jobs.map(({ startedAt }) => startedAt ?? over);
    trial.recoveryMs = Math.max(0, Math.max(...starts) - over);
    const lanes = this.#recorder.workers.all().filter((lane) => lane.executor === executor);
    const since = (at: number | null) => at !== null && at >= trial.startedAt;
    const named = ({ id, name }: { id: number; name: string }) => ({ id, name });
    trial.lostWorkers = lanes.filter(({ exitedAt }) => since(exitedAt)).map(named);
    trial.newWorkers = lanes.filter(({ startedAt }) => since(startedAt)).map(named);
  }

  #tell(): void {
    this.#recorder.journal.add({ what: "trial" });
  }
}

/** Strikes when there is something to strike: not before a job runs, and not when all are over. */
async function strikeOnce(strike: () => Promise<void>, jobs: readonly Job[]): Promise<void> {
  await poll(
    () => jobs.some(({ state }) => state !== "pending"),
    (hasBegun) => hasBegun,
    { interval: STRIKE_LOOK_MS },
  );
  await strike();
}

/** Says what became of the jobs. */
function sentence(jobs: readonly Job[], ms: number): string {
  const time = `${Math.round(ms)} ms`;
  const [job] = jobs as [Job];
  if (jobs.length > 1) {
    const finished = jobs.filter(({ state }) => state === "finished").length;
    return `${finished} of ${jobs.length} jobs finished within ${time}.`;
  }
  const state = job.state === "cancelled" ? "was cancelled" : job.state;
  if (job.error === null) return `The job ${state} after ${time}.`;
  const why = job.reason === null ? "" : ` as ${job.reason}`;
  const message = job.error.message.replace(/\.$/, "");
  return `The job ${state}${why} after ${time}. ${job.error.name}: ${message}.`;
}

function kindOf(name: string) {
  return KINDS.get(name) as NonNullable<ReturnType<typeof KINDS.get>>;
}
