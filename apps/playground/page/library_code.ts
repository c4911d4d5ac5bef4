// libraryCode: the program that does with the library what a form does with the playground.

import type { ExecutorView } from "../../../modules/dashboard/contract.ts";
import { literal } from "../../../modules/dashboard/page/format.ts";
import type { KindDescription } from "../contract.ts";

export interface Wanted {
  readonly kind: KindDescription;
  readonly parameters: Record<string, unknown>;
  readonly executor: Pick<ExecutorView, "type" | "sharesEventLoop" | "limits">;
  /** What it runs on, such as "Deno 2.9.6"; "browser" is the page itself. */
  readonly runtime: string;
  readonly count: number;
  /** Timeout, priority, retries: those that are set. */
  readonly options: Readonly<Record<string, number | undefined>>;
  readonly fileName?: string | undefined;
  /** What was typed in the place of a file. */
  readonly text?: string | undefined;
}

/** A longer text is not for a program: there it would come from a file. */
const LONGEST_TEXT = 1000;

/** Past it, the task that takes all memory would take the machine's. */
const MEMORY_LIMIT = "{ memoryLimit: 512 }";

/** Writes the program. It is whole: put into a file beside jobs.ts, it runs. */
export function libraryCode(wanted: Wanted): string {
  const { kind, executor, count } = wanted;
  const isMany = count > 1 && kind.stopsAfter === null;
  const core = ["importTasks", ...(isMany ? ["asCompleted"] : [])];
  const entry = entryOf(wanted);
  const hasLock = kind.task.arguments.includes(LOCK);
  const hasTable = kind.task.arguments.includes(TABLE);
  if (hasTable) core.push("share");
  if (entry === undefined) core.push(executor.type);
  const { fileName, text = "" } = wanted;
  const isTyped = fileName === undefined && text !== "" && text.length <= LONGEST_TEXT;
  const isProcess = executor.type === "ProcessPoolExecutor";
  const lines = [
    ...(kind.file === null || isTyped ? [] : ['import { readFile } from "node:fs/promises";']),
    `import { ${core.sort((a, b) => a.localeCompare(b, "en")).join(", ")} } from "@concurrent/futures";`,
    ...(entry === undefined ? [] : [`import { ${executor.type} } from "${entry}";`]),
    ...(hasLock ? ['import { Lock } from "@concurrent/futures/sync";'] : []),
    "",
    'const jobs = importTasks<typeof import("./jobs.ts")>(',
    '  new URL("./jobs.ts", import.meta.url),',
    ");",
    `await using pool = new ${executor.type}(${isProcess && kind.group === "trouble" ? MEMORY_LIMIT : limitsOf(executor)});`,
    "",
    ...(kind.file === null
      ? []
      : isTyped
        ? [`const file = new TextEncoder().encode(${JSON.stringify(text)});`]
        : [`const file = await readFile(${JSON.stringify(fileName ?? "file.txt")});`]),
    ...(hasLock ? ['const lock = new Lock({ name: "vault" });'] : []),
    ...(hasTable
      ? [
          "const squares = Array.from({ length: 50_000 }, (_, n) => n ** 2);",
          "using table = share(squares);",
        ]
      : []),
    ...(kind.stopsAfter !== null ? streams(wanted) : count > 1 ? many(wanted) : one(wanted)),
  ];
  return `${lines.join("\n")}\n`;
}

/** Stands for a lock among a task's arguments. */
const LOCK = "(lock)";

/** Stands for the shared table among them. */
const TABLE = "(table)";

/** A call that is longer than this is written one argument a line, as a formatter does. */
const LINE = 56;

function one(wanted: Wanted): string[] {
  const [name, ...args] = [task(wanted), ...argumentsOf(wanted)];
  const flat = `const future = pool.submit(${[name, ...args].join(", ")});`;
  const call =
    flat.length <= LINE
      ? [flat]
      : ["const future = pool.submit(", ...[name, ...args].map((part) => `  ${part},`), ");"];
  return [...call, "console.log(await future);"];
}

/** A stream is read where it is made, and left when there is enough. */
function streams(wanted: Wanted): string[] {
  const { kind, parameters, count } = wanted;
  const stopsAfter = kind.stopsAfter as string;
  const read = [
    `let ${stopsAfter} = 0;`,
    `const stream = pool.stream(${[task(wanted), ...argumentsOf(wanted)].join(", ")});`,
    "for await (const item of stream) {",
    "  console.log(item);",
    `  if (++${stopsAfter} === ${literal(parameters[stopsAfter])}) break;`,
    "}",
  ];
  if (count === 1) return read;
  return [
    "async function read() {",
    ...read.map((line) => `  ${line}`),
    "}",
    `await Promise.all(Array.from({ length: ${literal(count)} }, read));`,
  ];
}

function many(wanted: Wanted): string[] {
  return [
    `const task = ${task(wanted)};`,
    "const futures = Array.from(",
    `  { length: ${literal(wanted.count)} },`,
    `  () => pool.submit(${["task", ...argumentsOf(wanted)].join(", ")}),`,
    ");",
    "for await (const future of asCompleted(futures)) console.log(String(future));",
  ];
}

/** Writes the options that limit it, as an object; nothing where there are none. */
function limitsOf({ limits: { perKey, rate } = {} }: Wanted["executor"]): string {
  const set = [
    ...(perKey ? [`perKey: { maxRunning: ${perKey.maxRunning} }`] : []),
    ...(rate ? [`rate: { limit: ${rate.limit}, per: ${rate.per} }`] : []),
  ];
  return set.length === 0 ? "" : `{ ${set.join(", ")} }`;
}

function task({ kind, options, parameters }: Wanted): string {
  const { key } = kind.task;
  const all = key === undefined ? options : { ...options, key: parameters[key] };
  const set = Object.entries(all).filter(([, value]) => value !== undefined);
  const name = `jobs.${kind.task.export}`;
  if (set.length === 0) return name;
  return `${name}.with({ ${set.map(([key, value]) => `${key}: ${literal(value)}`).join(", ")} })`;
}

function argumentsOf({ kind, parameters }: Wanted): string[] {
  return kind.task.arguments.map((name) => argument(name, parameters));
}

function argument(name: string, parameters: Record<string, unknown>): string {
  if (name === "(file)") return "file";
  if (name === LOCK) return "lock";
  if (name === TABLE) return "table";
  if (name !== "(all)") return literal(parameters[name]);
  const fields = Object.entries(parameters).map(([key, value]) => `${key}: ${literal(value)}`);
  return `{ ${fields.join(", ")} }`;
}

/** The entry that has an executor; none for those of the core. */
function entryOf({ executor, runtime }: Wanted): string | undefined {
  if (executor.sharesEventLoop) return undefined;
  const [name] = /^(?:bun|browser)/i.exec(runtime) ?? ["deno"];
  return `@concurrent/futures/${name.toLowerCase()}`;
}
