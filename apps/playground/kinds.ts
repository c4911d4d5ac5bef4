// The job kinds: the fixed table of what a client may ask for, and the only place where tasks are named.
//
// A client sends a kind's name and parameters. The name is looked up here and the parameters are checked
// here; nothing else it sends reaches a worker, so no request can choose a module or an export.

import { type Executor, type Future, importTasks, type TaskOptions } from "@concurrent/futures";
import { z } from "zod";

const jobs = importTasks<typeof import("./jobs.ts")>(new URL("./jobs.ts", import.meta.url));

/** A file a client sent, or a text it sent in a file's place. */
export interface Upload {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** What a client may ask of a job beside its parameters. */
export type JobOptions = Pick<TaskOptions, "timeout" | "priority" | "retries">;

/** Starts one job, once its parameters are known to be good. */
type Start<R> = (executor: Executor, options: JobOptions) => Future<R>;

export interface JobKind {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** What the file is, for kinds that need one. */
  readonly file?: string;
  /** Why an executor that shares the server's event loop must not run it. */
  readonly needsWorker?: string;
  /** Checks the parameters; its JSON Schema is what the page builds the form from. */
  readonly parameters: z.ZodObject;
  /** Binds checked parameters, and the file where the kind needs one. */
  bind(parameters: unknown, file: Upload): Start<unknown>;
  /** Says a job's result in a few words. */
  summarise(result: unknown): string;
}

/** Every kind by name, in the order of the page. A Map, because names come from outside. */
export const KINDS: ReadonlyMap<string, JobKind> = new Map(
  [
    define({
      name: "wordFrequency",
      title: "Word frequencies",
      description: "Counts the words of a UTF-8 text and lists the most frequent.",
      file: "a UTF-8 text",
      parameters: z.strictObject({
        top: z.int().min(1).max(100).default(10).meta({ title: "Most frequent", unit: "words" }),
      }),
      bind:
        ({ top }, file) =>
        (executor, options) =>
          executor.submit(jobs.wordFrequency.with(options), file.bytes, top),
      summarise: ({ top, words }) =>
        top.length === 0
          ? "no words"
          : `${top.map(({ word, count }) => `${word} ${count}`).join(", ")} (of ${words} words)`,
    }),
    define({
      name: "sha256",
      title: "SHA-256",
      description: "Computes the SHA-256 digest of a file.",
      file: "any file",
      parameters: z.strictObject({}),
      bind: (_, file) => (executor, options) =>
        executor.submit(jobs.sha256.with(options), file.bytes),
      summarise: ({ hex }) => hex,
    }),
    define({
      name: "primes",
      title: "Primes",
      description: "Counts the primes below a number and shows the largest.",
      parameters: z.strictObject({
        n: z.int().min(2).max(200_000_000).default(20_000_000).meta({ title: "Below" }),
      }),
      bind:
        ({ n }) =>
        (executor, options) =>
          executor.submit(jobs.primes.with(options), n),
      summarise: ({ below, count }) =>
        `${count.toLocaleString("en")} primes below ${below.toLocaleString("en")}`,
    }),
    define({
      name: "mandelbrot",
      title: "Mandelbrot tile",
      description: "Draws a square tile of the Mandelbrot set.",
      parameters: z.strictObject({
        x: z.number().min(-2.5).max(2.5).default(-0.7436).meta({ title: "Centre, real" }),
        y: z.number().min(-2.5).max(2.5).default(0.1318).meta({ title: "Centre, imaginary" }),
        span: z.number().min(1e-12).max(5).default(0.02).meta({ title: "Width in the plane" }),
        size: z.int().min(16).max(512).default(256).meta({ title: "Side", unit: "pixels" }),
        iterations: z.int().min(10).max(5000).default(800).meta({ title: "Iterations" }),
      }),
      bind: (tile) => (executor, options) => executor.submit(jobs.mandelbrot.with(options), tile),
      summarise: ({ width, height }) => `${width} × ${height} pixels`,
    }),
    define({
      name: "sleep",
      title: "Sleep",
      description: "Waits, and tells how far it is.",
      parameters: z.strictObject({
        ms: z.int().min(0).max(60_000).default(3000).meta({ title: "For", unit: "ms" }),
      }),
      bind:
        ({ ms }) =>
        (executor, options) =>
          executor.submit(jobs.sleep.with(options), ms),
      summarise: ({ slept }) => `slept ${slept} ms`,
    }),
    define({
      name: "fail",
      title: "Fail",
      description: "Throws an error that has a cause. Only its own job fails.",
      parameters: z.strictObject({
        message: z
          .string()
          .max(200)
          .default("this job fails on purpose")
          .meta({ title: "Message" }),
      }),
      bind:
        ({ message }) =>
        (executor, options) =>
          executor.submit(jobs.fail.with(options), message),
      summarise: () => "",
    }),
    define({
      name: "exit",
      title: "Exit",
      description: "Ends its worker. Only its own job fails, and another worker takes over.",
      needsWorker: "it would end the server",
      parameters: z.strictObject({
        code: z.int().min(0).max(255).default(3).meta({ title: "Exit code" }),
      }),
      bind:
        ({ code }) =>
        (executor, options) =>
          executor.submit(jobs.exit.with(options), code),
      summarise: () => "",
    }),
    define({
      name: "spin",
      title: "Spin",
      description: "Keeps a worker busy and deaf. Interrupt it, or give it a timeout.",
      needsWorker: "it would block the server",
      parameters: z.strictObject({
        ms: z.int().min(1).max(30_000).default(10_000).meta({ title: "At most", unit: "ms" }),
      }),
      bind:
        ({ ms }) =>
        (executor, options) =>
          executor.submit(jobs.spin.with(options), ms),
      summarise: ({ rounds }) => `${rounds.toLocaleString("en")} rounds`,
    }),
  ].map((kind) => [kind.name, kind]),
);

/** Describes a kind for clients: its parameters as a JSON Schema with titles, limits, defaults and units. */
export function describeKind(kind: JobKind): KindDescription {
  const { properties = {} } = z.toJSONSchema(kind.parameters, { io: "input" });
  return {
    name: kind.name,
    title: kind.title,
    description: kind.description,
    file: kind.file ?? null,
    needsWorker: kind.needsWorker !== undefined,
    parameters: properties as Record<string, ParameterDescription>,
  };
}

export interface ParameterDescription {
  type: "integer" | "number" | "string";
  title: string;
  default: number | string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  unit?: string;
}

export interface KindDescription {
  name: string;
  title: string;
  description: string;
  file: string | null;
  needsWorker: boolean;
  parameters: Record<string, ParameterDescription>;
}

/** Types a kind by its own schema and result; the table forgets those types again. */
function define<S extends z.ZodObject, R>(
  kind: Omit<JobKind, "parameters" | "bind" | "summarise"> & {
    parameters: S;
    bind(parameters: z.output<S>, file: Upload): Start<R>;
    summarise(result: R): string;
  },
): JobKind {
  return {
    ...kind,
    bind: (parameters, file) => kind.bind(kind.parameters.parse(parameters), file),
    summarise: (result) => kind.summarise(result as R),
  };
}
