// The types of naming and sending tasks: what the compiler infers, and what it refuses. Compiled by `check types:deno` and
// `check types:bun`; that what it refuses could not cross either is tried here.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CloningExecutor,
  type DefinedTasks,
  EventLoopExecutor,
  type Executor,
  type Future,
  importTasks,
  limit,
  memoize,
  PoolExecutor,
  type Task,
  type TaskStream,
  type TasksOf,
  timeout,
} from "../../mod.ts";
import { createFakeSpawn } from "../testing/fake_channel.ts";
import { arithmetic } from "../testing/tasks.ts";

/** Fails to compile unless both are the same type. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

function expect<_ extends true>(): void {}

/** A module, as far as types see it. */
interface Jobs {
  square(n: number): number;
  later(text: string, times?: number): Promise<string>;
  sum(...numbers: number[]): number;
  echo(value: unknown): string;
  identity<T>(value: T): T;
  call(fn: (n: number) => void): void;
  rows(count: number): Generator<number, string>;
  Images: { new (): object; readonly prototype: object; resize(bytes: Uint8Array): Uint8Array };
  tools: { text: { upper(text: string): string } };
  readonly size: number;
  readonly list: number[];
}

/** An instance crosses as its fields: what its prototype has stays behind. */
class Point {
  x = 3;

  norm(): number {
    return Math.abs(this.x);
  }

  get ready(): Promise<number> {
    return Promise.resolve(this.x);
  }
}

/** May be sent, as far as types tell. */
interface Sound {
  n: number;
  onDone?: () => void;
  later?: Promise<number>;
  either: string | Promise<string>;
  unknown: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: that nothing is known of it is the point
  any: any;
  next: Sound | undefined;
  self: Sound[];
  signal: { aborted: boolean; throwIfAborted(): void };
}

declare const sound: Sound;

type Json = string | number | null | Json[] | { [key: string]: Json };

const jobs: TasksOf<Jobs> = importTasks("data:text/javascript,export {}");

/** Never called: only compiled. */
export async function compiled(
  pool: CloningExecutor,
  local: EventLoopExecutor,
  json: Task<[value: Json], Json>,
  // biome-ignore lint/suspicious/noExplicitAny: that nothing is known of it is the point
  any: Task<any[], any>,
): Promise<void> {
  // What is inferred.
  expect<Same<typeof jobs.square, Task<[n: number], number>>>();
  expect<Same<typeof jobs.Images.resize, Task<[bytes: Uint8Array], Uint8Array>>>();
  expect<Same<typeof jobs.tools.text.upper, Task<[text: string], string>>>();
  expect<Same<"size" extends keyof typeof jobs ? true : false, false>>();
  expect<Same<"list" extends keyof typeof jobs ? true : false, false>>();
  const { resize } = { resize: jobs.$("Images.resize") };
  expect<Same<typeof resize, Task<[bytes: Uint8Array], Uint8Array>>>();
  expect<
    Same<DefinedTasks<{ a: (n: number) => Promise<string> }>["a"], Task<[n: number], string>>
  >();
  expect<Same<ReturnType<typeof memoized>, Task<[n: number], number>>>();
  const text: Future<string> = pool.submit(jobs.later, "a", 2);
  const rows: TaskStream<number, string> = pool.stream(jobs.rows, 1);
  const limited: TaskStream<number, string> = pool.stream(limit(timeout(jobs.rows, 1), 2), 1);
  for await (const n of pool.map(jobs.square, [1])) expect<Same<typeof n, number>>();
  for await (const { item } of pool.map(jobs.square, new Set([1]), { entries: true }))
    expect<Same<typeof item, number>>();
  for await (const s of pool.starmap(jobs.later, [["a"], ["b", 2]]))
    expect<Same<typeof s, string>>();
  void [text, rows, limited];

  // What is refused, wherever types tell it.
  // @ts-expect-error: a function
  pool.submit(jobs.call, (n) => n);
  // @ts-expect-error: a function for something of which nothing is known
  pool.submit(jobs.echo, () => 1);
  // @ts-expect-error: a function for something generic
  pool.submit(jobs.identity, () => 1);
  // @ts-expect-error: a class
  pool.submit(jobs.echo, Date);
  // @ts-expect-error: a symbol
  pool.submit(jobs.echo, Symbol.iterator);
  // @ts-expect-error: a promise
  pool.submit(jobs.echo, Promise.resolve(1));
  // @ts-expect-error: a future
  pool.submit(jobs.echo, text);
  // @ts-expect-error: a weak map
  pool.submit(jobs.echo, new WeakMap<object, number>());
  // @ts-expect-error: a weak set
  pool.submit(jobs.echo, new WeakSet());
  // @ts-expect-error: a weak reference
  pool.submit(jobs.echo, new WeakRef({}));
  // @ts-expect-error: a function in a list of lists
  pool.submit(jobs.echo, [[() => 1]]);
  // @ts-expect-error: a function in a map
  pool.submit(jobs.echo, new Map([["a", () => 1]]));
  // @ts-expect-error: a promise in a field
  pool.submit(jobs.echo, { text });
  // @ts-expect-error: a promise in a field of a field, and of a list in a field
  pool.submit(jobs.echo, { deep: { list: [Promise.resolve(1)] } });
  // @ts-expect-error: a symbol in a field
  pool.submit(jobs.echo, { n: 1, mark: Symbol("mark") });
  // @ts-expect-error: a weak map in a field
  pool.submit(jobs.echo, { cache: new WeakMap<object, number>() });
  // @ts-expect-error: promises in fields, one by one
  pool.map(jobs.echo, [{ text: Promise.resolve("a") }]);
  // @ts-expect-error: functions, one by one
  pool.map(jobs.echo, [() => 1]);
  // @ts-expect-error: promises, one by one
  pool.map(jobs.echo, [Promise.resolve(1)]);
  // @ts-expect-error: of another type
  pool.submit(jobs.square, "1");
  // @ts-expect-error: too few
  pool.submit(jobs.square);
  // @ts-expect-error: too many
  pool.submit(jobs.square, 1, 2);
  // @ts-expect-error: a generator has many results
  memoize(jobs.rows);

  // What is not.
  pool.submit(jobs.echo, {
    at: new Date(),
    where: new URL("data:,"),
    all: new Map([[1, new Set([2])]]),
  });
  pool.submit(jobs.echo, null);
  pool.submit(jobs.sum, ...[1, 2, 3]);
  pool.submit(json, { a: [1, ["b", { c: null }]] });
  pool.submit(any, 1, "two");
  local.submit(jobs.call, (n) => n);
  local.map(jobs.echo, [() => 1]);

  // Nor what may be sound: methods and getters of a class stay behind, and what may be absent may be so.
  pool.submit(jobs.echo, new Point());
  pool.submit(jobs.echo, { deep: [new Point()], by: new Map([["a", new Point()]]) });
  pool.submit(jobs.echo, sound);
  pool.submit(jobs.echo, new Error("e", { cause: /(?:)/ }));
  pool.submit(jobs.echo, new Blob([new Uint8Array(1)]));
  pool.submit(jobs.echo, new MessageChannel().port1);

  // Of a type that is not known yet the compiler decides nothing: what is written for any takes an Executor, as below.
  // @ts-expect-error: no argument, as far as is known here
  const generic = <N extends number>(n: N) => pool.submit(jobs.square, n);
  void generic;

  // What types cannot tell: a method from a function in a field, and a getter from a readonly field.
  expect<Same<Pick<Point, "norm">, { norm: () => number }>>();
  expect<Same<Pick<Point, "ready">, { readonly ready: Promise<number> }>>();
  // What they do not keep: that a function is generic.
  expect<Same<typeof jobs.identity, Task<[value: unknown], unknown>>>();

  // What is written for any task and any executor stays as it was.
  const helper = <A extends unknown[], R>(executor: Executor, task: Task<A, R>, ...args: A) =>
    executor.submit(task, ...args);
  const nine: Future<number> = helper(pool, jobs.square, 3);
  void nine;
}

function memoized() {
  return memoize(jobs.square, { key: (n) => n % 2 });
}

test("what types refuse is refused at run time, too, by task and path", async () => {
  await using pool = new PoolExecutor(createFakeSpawn(), { maxWorkers: 1 });
  const refused: readonly [unknown, RegExp][] = [
    [() => 1, /Cannot send task "echo": argument 1 is a function/],
    [Date, /argument 1 is a function/],
    [Symbol.iterator, /argument 1 is a symbol/],
    [Promise.resolve(1), /argument 1 is a Promise/],
    [new WeakMap(), /argument 1 is a WeakMap/],
    [new WeakSet(), /argument 1 is a WeakSet/],
    [new WeakRef({}), /argument 1 is a WeakRef/],
    [[[() => 1]], /argument 1, \[0\]\[0\] is a function/],
    [new Map([["a", () => 1]]), /argument 1, get\("a"\) is a function/],
    [{ onDone: () => 1 }, /argument 1, onDone is a function/],
  ];
  for (const [value, message] of refused)
    await assert.rejects(pool.submit(jobs.echo, value).result(), {
      name: "DataCloneError",
      message,
    });
});

test("an instance crosses without its methods and getters, which types do not tell from fields", async () => {
  await using pool = new PoolExecutor(createFakeSpawn(), { maxWorkers: 1 });
  assert.deepEqual(await pool.submit(arithmetic.identity, new Point()), { x: 3 });
});

test("the event loop takes them as they are", async () => {
  await using local = new EventLoopExecutor();
  const fn = () => 1;
  assert.equal(await local.submit((value: unknown) => value === fn, fn), true);
});
