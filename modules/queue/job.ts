// What a job of ours looks like on the server: its names, its data, its result, its progress. Checked wherever it is read, for
// whoever can write to the server can write anything.

import type { RetryOptions } from "../core/retry.ts";

/** The version of all that is written here. Another one is refused. */
export const WIRE_VERSION = 1;

/** So many calls are in one job at most. */
export const MOST_CALLS = 2048;

/** What goes along for who follows calls is no longer, in letters. */
const MOST_TRACE = 2000;

/** A result that is longer stands beside its job: the stream of events is cut by count, and not by bytes. */
export const LONG_RESULT = 65_536;

/** What a task is given, and how it is to be made. */
export interface JobData {
  readonly v: typeof WIRE_VERSION;
  /** The name of the task's module in the table. */
  readonly m: string;
  /** The name of its export. */
  readonly e: string;
  /** For each call its arguments, encoded. */
  readonly a: readonly string[];
  /** Milliseconds a call may run. */
  readonly t?: number;
  /** How often a call is run again after a loss. */
  readonly r?: number | RetryOptions;
  /** Somebody observes: each call is told of when it begins. */
  readonly o?: 1;
  /** What goes along for who follows its calls (core/call_tracer.ts). Not signed: it says nothing of what is run. */
  readonly p?: string;
  /** The signature of what is asked. */
  readonly s?: string;
}

/** What of a job is signed: all that says what is run, and with what. */
export function signedText({ m, e, a, t, r }: JobData): string {
  return JSON.stringify([m, e, a, t ?? null, r ?? null]);
}

/** How one call ended: 0 with a value, 1 with what was thrown, each encoded; 2 it was given up. */
export type WireOutcome = readonly [how: 0 | 1 | 2, text: string];

/** Who ran a job. */
export interface WireAgent {
  readonly id: string;
  readonly name: string;
}

/** What a job returns. */
export interface JobResult {
  readonly v: typeof WIRE_VERSION;
  readonly w: WireAgent;
  /** Milliseconds that its calls took. */
  readonly ms: number;
  /** For each call; absent where they stand beside the job. */
  readonly c?: readonly WireOutcome[];
  /** The signature of the outcomes. */
  readonly s?: string;
}

/** What an agent tells while a job runs: that a call has begun, or how far it is. */
export interface JobProgress {
  readonly v: typeof WIRE_VERSION;
  /** Which call. */
  readonly at: number;
  /** It has begun there. */
  readonly w?: WireAgent;
  readonly fraction?: number;
  /** Encoded. */
  readonly detail?: string;
}

/** What is published to have a job's calls given up. */
export interface AbortWord {
  readonly v: typeof WIRE_VERSION;
  readonly id: string;
  readonly reason: string;
}

/** The keys of one queue on the server. Those of BullMQ that are read here are as in its version 6. */
export class QueueKeys {
  readonly #base: string;

  constructor(prefix: string, queue: string) {
    this.#base = `${prefix}:${queue}`;
  }

  /** BullMQ's: what has happened to all jobs. */
  get events(): string {
    return `${this.#base}:events`;
  }

  /** BullMQ's: what is known of one job. */
  job(id: string): string {
    return `${this.#base}:${id}`;
  }

  /** BullMQ's: who has a job, for as long as that is known; of the key of the job. */
  lock(job: string): string {
    return `${job}:lock`;
  }

  /** A result that is too long for the stream of events. */
  result(id: string): string {
    return `${this.#base}:result:${id}`;
  }

  /** The channel on which jobs are given up. */
  get aborts(): string {
    return `${this.#base}:aborts`;
  }

  /** The agents there are, each with the time until which it counts as there. */
  get agents(): string {
    return `${this.#base}:agents`;
  }

  /** For how long results are kept, in seconds, each with the time until which that counts. */
  get ages(): string {
    return `${this.#base}:ages`;
  }

  /** What is known of one agent. */
  agent(id: string): string {
    return `${this.#base}:agent:${id}`;
  }
}

const MOST_LETTERS = 200;

/** Reads what a job is to do; throws a `TypeError` that says what is wrong with it. */
export function readJobData(given: unknown): JobData {
  const data = record(given);
  if (data?.v !== WIRE_VERSION) throw refusal("it is of another version");
  if (!isName(data.m) || !isName(data.e)) throw refusal("it names no task");
  if (!isList(data.a, MOST_CALLS) || data.a.length === 0 || !data.a.every(isText))
    throw refusal("it has no calls");
  if (data.t !== undefined && !isDuration(data.t)) throw refusal("its timeout is none");
  if (data.r !== undefined && !isRetries(data.r)) throw refusal("its retries are none");
  return {
    v: WIRE_VERSION,
    m: data.m,
    e: data.e,
    a: data.a as string[],
    ...(data.t === undefined ? {} : { t: data.t as number }),
    ...(data.r === undefined ? {} : { r: data.r as number | RetryOptions }),
    ...(data.o === 1 ? { o: 1 } : {}),
    ...traceOf(data.p),
    ...(typeof data.s === "string" ? { s: data.s } : {}),
  };
}

/** What goes along with a job for who follows calls, if it is of a sound length. */
export function traceOf(text: unknown): Pick<JobData, "p"> {
  return isText(text) && text.length <= MOST_TRACE ? { p: text } : {};
}

/** Reads what a job has returned; undefined for what is none of ours. */
export function readJobResult(text: string): JobResult | undefined {
  const data = record(parsed(text));
  if (data?.v !== WIRE_VERSION || typeof data.ms !== "number") return undefined;
  const w = readAgent(data.w);
  if (w === undefined) return undefined;
  const signature = typeof data.s === "string" ? { s: data.s } : {};
  const base = { v: WIRE_VERSION, w, ms: data.ms, ...signature } as const;
  if (data.c === undefined) return base;
  return isOutcomes(data.c) ? { ...base, c: data.c } : undefined;
}

/** Reads the outcomes of a job that stand beside it. */
export function readOutcomes(text: string): readonly WireOutcome[] | undefined {
  const outcomes = parsed(text);
  return isOutcomes(outcomes) ? outcomes : undefined;
}

/** Reads what an agent tells; undefined for what is none of ours. */
export function readJobProgress(text: string): JobProgress | undefined {
  const data = record(parsed(text));
  if (data?.v !== WIRE_VERSION || !isIndex(data.at)) return undefined;
  const w = readAgent(data.w);
  const { fraction, detail } = data;
  return {
    v: WIRE_VERSION,
    at: data.at,
    ...(w === undefined ? {} : { w }),
    ...(typeof fraction === "number" ? { fraction } : {}),
    ...(typeof detail === "string" ? { detail } : {}),
  };
}

/** Reads what is to be given up; undefined for what is none of ours. */
export function readAbortWord(text: string): AbortWord | undefined {
  const data = record(text.length > 10_000 ? undefined : parsed(text));
  if (data?.v !== WIRE_VERSION || typeof data.id !== "string") return undefined;
  return { v: WIRE_VERSION, id: data.id, reason: String(data.reason ?? "") };
}

/** What JSON says; undefined where it says nothing. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A record that was parsed, each of whose fields is its own. */
export function record(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.assign(Object.create(null), value);
}

function readAgent(value: unknown): WireAgent | undefined {
  const data = record(value);
  return isName(data?.id) && isName(data.name) ? { id: data.id, name: data.name } : undefined;
}

function isOutcomes(value: unknown): value is readonly WireOutcome[] {
  return (
    isList(value, MOST_CALLS) &&
    value.every((outcome) => {
      const [how, text] = Array.isArray(outcome) ? outcome : [];
      return (how === 0 || how === 1 || how === 2) && isText(text);
    })
  );
}

function isRetries(value: unknown): boolean {
  if (typeof value === "number") return isIndex(value);
  const { limit, on, delay, factor, maxDelay, jitter } = record(value) ?? {};
  return (
    isIndex(limit) &&
    (on === undefined || on === "lost" || on === "error") &&
    (jitter === undefined || typeof jitter === "boolean") &&
    (delay === undefined || isDuration(delay)) &&
    (factor === undefined || (typeof factor === "number" && factor >= 1)) &&
    (maxDelay === undefined || isDuration(maxDelay))
  );
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= MOST_LETTERS;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isList(value: unknown, most: number): value is unknown[] {
  return Array.isArray(value) && value.length <= most;
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isDuration(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}

function refusal(what: string): TypeError {
  return new TypeError(`Cannot run job: ${what}`);
}
