// What runs in a worker for `futures map`: it calls the user's function with some items and makes texts of the results.

import { openSync, writeSync } from "node:fs";
import { isTask } from "../../core/task.ts";
import { contextSlot, type TaskContext, taskContext } from "../../core/task_context.ts";
import type { Item } from "../input/item.ts";
import { argumentsOf } from "../plan/typed_arguments.ts";
import { UsageError } from "../usage_error.ts";
import { catchPrints, type Printing, startCatching, type Turn } from "./captured.ts";
import { textOf, UnprintableError } from "./text_of.ts";
import {
  apart,
  BEGUN,
  type CallNews,
  type CallPlan,
  type CallResult,
  type CallResults,
  type FileCell,
  SENT,
  together,
  WRITTEN,
} from "./told.ts";

/** A batch that has taken so long gives the rest of its calls back: other workers may be idle. */
const LONG_MS = 50;

/** So many bytes of items may be on their way: a generator waits for who reads. */
const MOST_UNREAD = 1 << 20;

/** A generator that waits looks again after so long. */
const LOOK_AGAIN_MS = 2;

type Function = (...args: unknown[]) => unknown;

/** What the calls of one message have in common. */
interface Batch {
  readonly context: TaskContext;
  /** What `taskContext()` asks. */
  readonly asked: typeof contextSlot.current;
  readonly cells: Int32Array | undefined;
  /** Which call of the batch is being made, counted from 0. */
  at: number;
}

let plan: CallPlan | undefined;
let fn: Function | undefined;
let unusable: string | undefined;

/** Loads the function, before the first call. What goes wrong is told by the first call: it makes the whole run impossible. */
export async function prepare(given: CallPlan): Promise<void> {
  plan = given;
  startCatching();
  try {
    fn = functionOf(await import(given.module), given.export);
  } catch (error) {
    const { name, message } = error as Error;
    unusable = `Cannot map: ${name === "UsageError" ? message : `the module does not load: ${name}: ${message}`}`;
  }
}

function functionOf(module: Record<string, unknown>, name: string): Function {
  const own = (value: unknown) => (isTask(value) ? value.source.fn : value) as unknown;
  // A module of CommonJS may have its exports only as the default.
  const inDefault = (module.default as Record<string, unknown> | undefined)?.[name];
  const found = own(module[name]) ?? own(inDefault);
  if (typeof found === "function") return found as Function;
  const names = Object.keys(module).filter((key) => typeof own(module[key]) === "function");
  const has = names.length === 0 ? "it exports none" : `it has ${names.join(", ")}`;
  throw new UsageError(`the module has no function "${name}"; ${has}`);
}

/** Calls the function with each item. */
export async function call(
  given: readonly Item[] | string,
  shared?: Int32Array | FileCell,
): Promise<CallResults> {
  if (unusable !== undefined) return { results: [], ms: 0, unusable };
  const items = typeof given === "string" ? apart(given) : given;
  const told = beginner(shared);
  // None has begun: they come again, one by one.
  if (told === undefined) return { results: [], ms: 0 };
  const begin: (count: number) => void = told;
  const cells = shared instanceof Int32Array ? shared : undefined;
  // Before the first await, as any task.
  const batch: Batch = { context: taskContext(), asked: contextSlot.current, cells, at: 0 };
  const started = performance.now();
  const enough = Date.now() + LONG_MS;
  const results: CallResult[] = [];
  while (results.length < items.length) {
    const pending = inContext(batch, () => catchPrints((turn) => callSome(turn)));
    if (pending !== undefined) results.push(await pending);
    if (Date.now() > enough || batch.context.signal.aborted) break;
  }
  return { results: together(results) ?? results, ms: performance.now() - started };

  /** Until there are no more, or one has no result yet. */
  function callSome(turn: Turn): Promise<CallResult> | undefined {
    do {
      batch.at = results.length;
      begin(results.length + 1);
      const result = callOnce(items[batch.at] as Item, batch, turn);
      if (result instanceof Promise) return result;
      results.push(result);
    } while (results.length < items.length && Date.now() <= enough);
    return undefined;
  }
}

let file: number | undefined;

/** Tells the command how many calls have begun, where it can see it if this worker dies. Undefined: that cannot be told. */
function beginner(shared: Int32Array | FileCell | undefined) {
  if (shared === undefined) return () => {};
  if (shared instanceof Int32Array) return (count: number) => Atomics.store(shared, BEGUN, count);
  try {
    file ??= openSync(shared.path, "r+");
  } catch {
    return undefined;
  }
  const [fd, word] = [file, new Uint32Array(1)];
  const bytes = new Uint8Array(word.buffer);
  return (count: number) => {
    word[0] = count;
    writeSync(fd, bytes, 0, bytes.length, shared.at);
  };
}

/** Without a promise where the function needs none: a million short calls would feel it. */
function callOnce(item: Item, batch: Batch, turn: Turn): CallResult | Promise<CallResult> {
  const { lineBuffer, json, parameters, isTyped } = plan as CallPlan;
  const show = lineBuffer ? (text: string) => tell(batch, "printed", text) : undefined;
  const printing: Printing = { text: "", show };
  turn.printing = printing;
  try {
    const value = (fn as Function)(...argumentsOf(item, parameters, isTyped));
    if (isGenerator(value) || isThenable(value)) return finish(value, batch, turn);
    turn.printing = undefined;
    return resultOf(textOf(value, json), printing);
  } catch (error) {
    turn.printing = undefined;
    return failureOf(error, printing);
  }
}

async function finish(pending: unknown, batch: Batch, turn: Turn): Promise<CallResult> {
  const { json } = plan as CallPlan;
  const printing = turn.printing as Printing;
  try {
    const value = await pending;
    if (!isGenerator(value)) return resultOf(textOf(value, json), printing);
    await sendItems(value, batch);
    return resultOf(undefined, printing);
  } catch (error) {
    return failureOf(error, printing);
  } finally {
    turn.printing = undefined;
  }
}

/** Sends each item as it comes, no faster than they are written where that can be seen. */
async function sendItems(
  items: AsyncIterable<unknown> | Iterable<unknown>,
  batch: Batch,
): Promise<void> {
  const { context, cells } = batch;
  const { json } = plan as CallPlan;
  for await (const item of items) {
    const text = textOf(item, json);
    if (text !== undefined) {
      tell(batch, "item", text);
      if (cells !== undefined) {
        Atomics.add(cells, SENT, text.length);
        while (Atomics.load(cells, SENT) - Atomics.load(cells, WRITTEN) > MOST_UNREAD)
          await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      }
    }
    context.signal.throwIfAborted();
  }
}

function tell(
  { context, at }: Batch,
  futures: CallNews["futures"],
  text: string | Uint8Array,
): void {
  context.progress(0, { futures, at, text } satisfies CallNews);
}

/** Has `taskContext()` answer as if functions that are called were the task: they are called after an await, too. */
function inContext<T>({ asked }: Batch, run: () => T): T {
  const before = contextSlot.current;
  contextSlot.current = asked;
  try {
    return run();
  } finally {
    contextSlot.current = before;
  }
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

function isGenerator(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  if (typeof value !== "object" || value === null) return false;
  const kind = Object.prototype.toString.call(value);
  return kind === "[object Generator]" || kind === "[object AsyncGenerator]";
}

function resultOf(text: string | Uint8Array | undefined, { text: printed }: Printing): CallResult {
  return printed === "" ? text : { text, printed };
}

function failureOf(error: unknown, { text: printed }: Printing): CallResult {
  const { module } = plan as CallPlan;
  const isError = error instanceof Error;
  const reason = isError ? `${error.name}: ${error.message}` : `threw ${String(error)}`;
  const hasPlace = isError && !(error instanceof UnprintableError);
  const detail = hasPlace ? placeOf(error.stack ?? "", module) : undefined;
  return { failure: { reason, detail }, ...(printed === "" ? {} : { printed }) };
}

/** The first line of a stack that is in the user's module, else in any file. */
function placeOf(stack: string, module: string): string | undefined {
  const places = [...stack.matchAll(/(?:file:\/\/)?(\/[^\s():]+):(\d+):(\d+)/g)];
  const path = decodeURIComponent(new URL(module).pathname);
  const place = places.find(([, file = ""]) => decodeURIComponent(file) === path) ?? places[0];
  return place && `${place[1]}:${place[2]}:${place[3]}`;
}
