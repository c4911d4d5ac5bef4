// The job kinds: the fixed table of what a client may ask for, and the only place where tasks are named.
//
// A client sends a kind's name and parameters. The name is looked up here and the parameters are checked
// here; nothing else it sends reaches a worker, so no request can choose a module or an export.

import {
  type Executor,
  type Future,
  importTasks,
  type Shared,
  share,
  type Task,
  type TaskGroup,
  type Yields,
} from "@concurrent/futures";
import { Lock } from "@concurrent/futures/sync";
import { z } from "zod";
import type { Executors } from "../../modules/dashboard/executors.ts";
import type { Asked, Picture } from "../../modules/dashboard/record/job.ts";
import type { Told } from "../../modules/dashboard/record/recorder.ts";
import type { KindDescription, ParameterDescription } from "./contract.ts";
import { SANDBOX } from "./own_code.ts";

const jobs = importTasks<typeof import("./jobs.ts")>(new URL("./jobs.ts", import.meta.url));

/** Stands for the file's bytes among a task's arguments. */
const FILE = "(file)";

/** Stands for the lock that all jobs have in common. */
const LOCK = "(lock)";

/** What it protects is nothing: it is there to be died in. */
const vault = new Lock({ name: "vault" });

/** Stands for the table that all jobs share. */
const TABLE = "(table)";

/** Many enough that copying it with each call would be most of the work. */
const TABLE_LENGTH = 50_000;

/** Squares: it crosses once to each worker that needs it. */
const table = share(Array.from({ length: TABLE_LENGTH }, (_, n) => n ** 2));

/** Stands for all parameters as one object. */
const ALL = "(all)";

/** A file a client sent, or a text it sent in a file's place. */
export interface Upload {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** What a client may ask of a job beside its parameters. */
export type JobOptions = Asked["options"];

/** Submits one job, once its parameters are known to be good; as a child of a group of that executor, if it is given one. */
export type Start = (executor: Executor, group?: TaskGroup) => Future<unknown>;

/** What an executor must offer for a kind, and why. */
export interface Need {
  /** Its workers are not the server's own event loop; or, more, they run out of memory alone. */
  readonly of: "worker" | "own memory";
  readonly why: string;
}

export interface JobKind {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly group: "work" | "trouble";
  /** What the file is, for kinds that need one. */
  readonly file?: string;
  readonly needs?: Need;
  /** Checks the parameters; its JSON Schema is what the page builds the form from. */
  readonly parameters: z.ZodObject;
  /** The arguments of the task, in order: names of parameters, `(file)`, `(lock)`, `(table)` or `(all)`. */
  readonly arguments: readonly string[];
  /** The parameter that is the task's key. It is for executors that limit keys, and they are for such kinds. */
  readonly key?: string;
  /** The name the task is exported by. */
  readonly export: string;
  /** Of a task that is a generator: the parameter that says after how many items its reader leaves. */
  readonly stopsAfter?: string;
  readonly samples: KindDescription["samples"];
  /** Binds checked parameters, the file where the kind needs one, and options. */
  bind(parameters: Record<string, unknown>, file: Upload | undefined, options: JobOptions): Start;
  /** Says a job's result in a few words, and gives its picture where it is one. */
  tell(result: unknown): Told;
}

/** Every kind by name, in the order of the page. A Map, because names come from outside. */
export const KINDS: ReadonlyMap<string, JobKind> = new Map(
  [
    define({
      name: "wordFrequency",
      title: "Word frequencies",
      description: "Counts the words of a UTF-8 text and lists the most frequent.",
      group: "work",
      file: "a UTF-8 text",
      parameters: z.strictObject({
        top: z.int().min(1).max(100).default(10).meta({ title: "Most frequent", unit: "words" }),
      }),
      task: jobs.wordFrequency,
      arguments: [FILE, "top"],
      summarise: ({ top, words }) =>
        top.length === 0
          ? "no words"
          : `${top.map(({ word, count }) => `${word} ${count}`).join(", ")} (of ${words} words)`,
      samples: [
        {
          title: "Who has seen the wind?",
          parameters: { top: 5 },
          file: "Who has seen the wind? Neither I nor you: but when the leaves hang trembling, the wind is passing through.",
        },
      ],
    }),
    define({
      name: "sha256",
      title: "SHA-256",
      description: "Computes the SHA-256 digest of a file.",
      group: "work",
      file: "any file",
      parameters: z.strictObject({}),
      task: jobs.sha256,
      arguments: [FILE],
      summarise: ({ hex }) => hex,
      samples: [{ title: "Three letters", parameters: {}, file: "abc" }],
    }),
    define({
      name: "primes",
      title: "Primes",
      description: "Counts the primes below a number and shows the largest.",
      group: "work",
      parameters: z.strictObject({
        n: z.int().min(2).max(200_000_000).default(20_000_000).meta({ title: "Below" }),
      }),
      task: jobs.primes,
      arguments: ["n"],
      summarise: ({ below, count }) =>
        `${count.toLocaleString("en")} primes below ${below.toLocaleString("en")}`,
      samples: [
        { title: "Eight times below twenty million", parameters: { n: 20_000_000 }, count: 8 },
        { title: "Two hundred quick ones", parameters: { n: 200_000 }, count: 200 },
      ],
    }),
    define({
      name: "mandelbrot",
      title: "Mandelbrot tile",
      description: "Draws a square tile of the Mandelbrot set.",
      group: "work",
      parameters: z.strictObject({
        x: z.number().min(-2.5).max(2.5).default(-0.7436).meta({ title: "Centre, real" }),
        y: z.number().min(-2.5).max(2.5).default(0.1318).meta({ title: "Centre, imaginary" }),
        span: z.number().min(1e-12).max(5).default(0.02).meta({ title: "Width in the plane" }),
        size: z.int().min(16).max(512).default(256).meta({ title: "Side", unit: "pixels" }),
        iterations: z.int().min(10).max(5000).default(800).meta({ title: "Iterations" }),
      }),
      task: jobs.mandelbrot,
      arguments: [ALL],
      summarise: ({ width, height }) => `${width} × ${height} pixels`,
      // Copied out, for memory that another thread may share can back no response.
      picture: ({ width, height, pixels }) => ({ width, height, pixels: new Uint8Array(pixels) }),
      samples: [
        { title: "The whole set", parameters: { x: -0.6, y: 0, span: 3, iterations: 300 } },
        { title: "Seahorse valley", parameters: {} },
        { title: "Deep in the valley", parameters: { span: 0.0004, iterations: 2500, size: 384 } },
      ],
    }),
    define({
      name: "sleep",
      title: "Sleep",
      description: "Waits, and tells how far it is.",
      group: "work",
      parameters: z.strictObject({
        ms: z.int().min(0).max(60_000).default(3000).meta({ title: "For", unit: "ms" }),
      }),
      task: jobs.sleep,
      arguments: ["ms"],
      summarise: ({ slept }) => `slept ${slept} ms`,
      samples: [{ title: "Ten naps of half a second", parameters: { ms: 500 }, count: 10 }],
    }),
    define({
      name: "print",
      title: "Print",
      description: "Prints lines with console.log. The page of the job shows them while they come.",
      group: "work",
      parameters: z.strictObject({
        lines: z.int().min(1).max(1000).default(50).meta({ title: "Lines" }),
      }),
      task: jobs.print,
      arguments: ["lines"],
      summarise: (lines) => `${lines} lines`,
      samples: [{ title: "Fifty lines", parameters: {} }],
    }),
    defineStream({
      name: "csvRows",
      title: "Rows of a CSV",
      description:
        "Streams the rows of a file as they come. Its reader leaves when it has enough: then the job is cancelled, and the task's finally has run.",
      group: "work",
      file: "a CSV text",
      parameters: z.strictObject({
        rows: z.int().min(1).max(1000).default(20).meta({ title: "Leave after", unit: "rows" }),
        ms: z.int().min(0).max(1000).default(50).meta({ title: "Between rows", unit: "ms" }),
      }),
      task: jobs.csvRows.with({ buffer: 1 }),
      arguments: [FILE, "ms"],
      stopsAfter: "rows",
      summarise: ({ rows }) => `all ${rows} rows`,
      samples: [
        {
          title: "Twenty squares of two hundred",
          parameters: {},
          file: Array.from({ length: 200 }, (_, n) => `${n + 1},${(n + 1) ** 2}\n`).join(""),
        },
      ],
    }),
    define({
      name: "echo",
      title: "Echo",
      description: "Gives back a number: the shortest job there is.",
      group: "work",
      parameters: z.strictObject({
        value: z.int().min(0).max(1_000_000).default(42).meta({ title: "Number" }),
      }),
      task: jobs.echo,
      arguments: ["value"],
      summarise: (value) => String(value),
      samples: [{ title: "Ten thousand at once", parameters: {}, count: 10_000 }],
    }),
    define({
      name: "visit",
      title: "Visit",
      description:
        "Waits as for the answer of a host, which is its key: of one host only so many run at once.",
      group: "work",
      parameters: z.strictObject({
        host: z.string().min(1).max(100).default("example.org").meta({ title: "Host" }),
        ms: z.int().min(0).max(10_000).default(500).meta({ title: "For", unit: "ms" }),
      }),
      task: jobs.visit,
      arguments: ["host", "ms"],
      key: "host",
      summarise: ({ host, ms }) => `${host} answered after ${ms} ms`,
      samples: [
        { title: "Ten of one host", parameters: { host: "example.org" }, count: 10 },
        { title: "Ten of another", parameters: { host: "example.net" }, count: 10 },
      ],
    }),
    define({
      name: "lookup",
      title: "Look up",
      description:
        "Reads a table of 50,000 squares, which is shared: it crosses once to each worker, and not with each call.",
      group: "work",
      parameters: z.strictObject({
        n: z
          .int()
          .min(0)
          .max(TABLE_LENGTH - 1)
          .default(4711)
          .meta({ title: "Square of" }),
      }),
      task: jobs.lookup,
      arguments: [TABLE, "n"],
      summarise: ({ square, reads, entries }) =>
        `${square.toLocaleString("en")}, read ${reads} of this worker's copy of ${entries.toLocaleString("en")} entries`,
      samples: [{ title: "A thousand times", parameters: {}, count: 1000 }],
    }),
    define({
      name: "fail",
      title: "Fail",
      description: "Throws an error that has a cause. Only its own job fails.",
      group: "trouble",
      parameters: z.strictObject({
        message: z
          .string()
          .max(200)
          .default("this job fails on purpose")
          .meta({ title: "Message" }),
      }),
      task: jobs.fail,
      arguments: ["message"],
      summarise: () => "",
      samples: [{ title: "Fail once", parameters: {} }],
    }),
    define({
      name: "exit",
      title: "Exit",
      description: "Ends its worker. Only its own job fails, and another worker takes over.",
      group: "trouble",
      needs: { of: "worker", why: "it would end the server" },
      parameters: z.strictObject({
        code: z.int().min(0).max(255).default(3).meta({ title: "Exit code" }),
      }),
      task: jobs.exit,
      arguments: ["code"],
      summarise: () => "",
      samples: [{ title: "Exit with code 3", parameters: {} }],
    }),
    define({
      name: "spin",
      title: "Spin",
      description: "Keeps a worker busy and deaf. Interrupt it, or give it a timeout.",
      group: "trouble",
      needs: { of: "worker", why: "it would block the server" },
      parameters: z.strictObject({
        ms: z.int().min(1).max(30_000).default(10_000).meta({ title: "At most", unit: "ms" }),
      }),
      task: jobs.spin,
      arguments: ["ms"],
      summarise: ({ rounds }) => `${rounds.toLocaleString("en")} rounds`,
      samples: [{ title: "Ten seconds", parameters: {} }],
    }),
    define({
      name: "exhaust",
      title: "Run out of memory",
      description: "Takes memory until its worker ends. The server and the other workers go on.",
      group: "trouble",
      needs: { of: "own memory", why: "it would take the server's memory" },
      parameters: z.strictObject({}),
      task: jobs.exhaust,
      arguments: [],
      summarise: () => "",
      samples: [{ title: "Once", parameters: {} }],
    }),
    define({
      name: "uncloneable",
      title: "Uncloneable result",
      description: "Returns a function, which cannot travel. Its job fails, its worker goes on.",
      group: "trouble",
      needs: { of: "worker", why: "on the server's own event loop nothing has to travel" },
      parameters: z.strictObject({}),
      task: jobs.uncloneable,
      arguments: [],
      summarise: () => "",
      samples: [{ title: "Once", parameters: {} }],
    }),
    define({
      name: "lock",
      title: "Die inside of a lock",
      description:
        "Takes the vault's lock and ends its worker with it. One that takes it after such a death is told, and leaves it in order.",
      group: "trouble",
      needs: { of: "worker", why: "it would end the server" },
      parameters: z.strictObject({}),
      task: jobs.dieInside,
      arguments: [LOCK],
      summarise: ({ token }) => `whoever was inside before died; lease ${token}`,
      samples: [{ title: "Once", parameters: {} }],
    }),
    define({
      name: "deadlock",
      title: "Deadlock",
      description:
        "Waits for the vault's lock while it holds it. Its job fails at once, its worker goes on.",
      group: "trouble",
      parameters: z.strictObject({}),
      task: jobs.deadlock,
      arguments: [LOCK],
      summarise: () => "",
      samples: [{ title: "Once", parameters: {} }],
    }),
  ].map((kind) => [kind.name, kind]),
);

/** Tells a job's result, for the record. */
export function tellResult(kind: string, result: unknown): Told | undefined {
  return KINDS.get(kind)?.tell(result);
}

/** Says why an executor must not run a kind, if so. */
export function whyNot(kind: JobKind, executor: string, executors: Executors): string | undefined {
  if (executor === SANDBOX) return "it runs what visitors type, and nothing else";
  if (executors.limitsKeys(executor) && kind.key === undefined) return "it is for kinds with a key";
  if (kind.key !== undefined && !executors.limitsKeys(executor)) return "it limits no keys";
  if (executors.isElsewhere(executor)) {
    if (kind.stopsAfter !== undefined) return "a queue carries outcomes, and no items on their way";
    if (kind.arguments.includes(LOCK)) return "its lock is kept here, and agents are elsewhere";
    if (kind.arguments.includes(TABLE)) return "a queue shares no values";
  }
  if (kind.needs === undefined) return undefined;
  const offers =
    kind.needs.of === "worker"
      ? !executors.sharesEventLoop(executor)
      : executors.hasOwnMemory(executor);
  return offers ? undefined : kind.needs.why;
}

/** Describes a kind for clients: its parameters as a JSON Schema with titles, limits, defaults and units. */
export function describeKind(kind: JobKind, executors: Executors): KindDescription {
  return {
    name: kind.name,
    title: kind.title,
    description: kind.description,
    group: kind.group,
    file: kind.file ?? null,
    needsWorker: kind.needs !== undefined,
    executors: executors.names.filter((name) => whyNot(kind, name, executors) === undefined),
    parameters: parametersOf(kind),
    task: { export: kind.export, arguments: [...kind.arguments], key: kind.key },
    stopsAfter: kind.stopsAfter ?? null,
    samples: kind.samples,
  };
}

/** Describes the parameters of a kind. */
export function parametersOf(kind: JobKind): Record<string, ParameterDescription> {
  const { properties = {} } = z.toJSONSchema(kind.parameters, { io: "input" });
  return properties as Record<string, ParameterDescription>;
}

/** The type of an argument, by what stands for it. */
type Argument<S extends z.ZodObject, N> = N extends typeof FILE
  ? Uint8Array<ArrayBuffer>
  : N extends typeof ALL
    ? z.output<S>
    : N extends typeof LOCK
      ? Lock
      : N extends typeof TABLE
        ? Shared<number[]>
        : N extends keyof z.output<S>
          ? z.output<S>[N]
          : never;

/** Types a kind by its own schema, task and result; the table forgets those types again. */
function define<S extends z.ZodObject, const N extends readonly string[], R>(
  kind: Pick<JobKind, "name" | "title" | "description" | "group" | "file" | "needs" | "samples"> & {
    parameters: S;
    arguments: N;
    key?: keyof z.output<S> & string;
    task: Task<{ -readonly [K in keyof N]: Argument<S, N[K]> }, R>;
    summarise(result: R): string;
    picture?(result: R): Picture;
  },
): JobKind {
  const { task, summarise, picture, ...shown } = kind;
  return {
    ...shown,
    export: task.source.export,
    bind(parameters, file, options) {
      const args = argumentsOf(kind, parameters, file);
      // The types of arguments and parameters are tied to each other by `define`, and checked values are what it is given.
      const key = kind.key === undefined ? {} : { key: parameters[kind.key] as string };
      const named = task.with({ ...options, ...key }) as unknown as Task<unknown[], unknown>;
      return (executor, group) => (group ?? executor).submit(named, ...args);
    },
    tell(result) {
      const summary = summarise(result as R);
      return picture === undefined ? { summary } : { summary, picture: picture(result as R) };
    },
  };
}

/** The same of a task that is a generator: its reader is the server. */
function defineStream<S extends z.ZodObject, const N extends readonly string[], I, R>(
  kind: Pick<JobKind, "name" | "title" | "description" | "group" | "file" | "samples"> & {
    parameters: S;
    arguments: N;
    task: Task<{ -readonly [K in keyof N]: Argument<S, N[K]> }, R, Yields<I>>;
    stopsAfter: keyof z.output<S> & string;
    summarise(result: R): string;
  },
): JobKind {
  const { task, summarise, ...shown } = kind;
  return {
    ...shown,
    export: task.source.export,
    bind(parameters, file, options) {
      const args = argumentsOf(kind, parameters, file);
      const named = task.with(options) as unknown as Task<unknown[], unknown, Yields<unknown>>;
      return (executor) => {
        const stream = executor.stream(named, ...args).start();
        void readSome(stream, parameters[kind.stopsAfter] as number);
        return stream.future;
      };
    },
    tell: (result) => ({ summary: summarise(result as R) }),
  };
}

function argumentsOf(
  kind: Pick<JobKind, "arguments">,
  parameters: Record<string, unknown>,
  file: Upload | undefined,
): unknown[] {
  return kind.arguments.map((name) => {
    if (name === FILE) return file?.bytes;
    if (name === LOCK) return vault;
    if (name === TABLE) return table;
    return name === ALL ? parameters : parameters[name];
  });
}

/** Reads so many items, and leaves. What goes wrong is told by the job. */
async function readSome(items: AsyncIterable<unknown>, most: number): Promise<void> {
  let read = 0;
  try {
    for await (const _ of items) if (++read === most) break;
  } catch {
    // Its future has failed by the same, or was cancelled.
  }
}
