// The seam of the bench: what a scenario asks of a contender, be it our executor, a bare transport or a peer.

import type { TASKS } from "./tasks.ts";

/** A task of tasks.ts. Each takes one argument, so that every contender can call it. */
export type TaskName = keyof typeof TASKS;

/** How a pool is opened. */
export interface OpenOptions {
  readonly workers: number;
  readonly task: TaskName;
  /** Whether buffers are moved instead of copied, each way. Default: false. */
  readonly moved?: boolean;
  /** Whether a running call will be ended by force: some contenders have to know beforehand. Default: false. */
  readonly interruptible?: boolean;
}

/** Workers of a contender, ready to call one task. */
export interface Pool {
  /** Makes one call. */
  call(argument: unknown): PromiseLike<unknown>;
  /** The same of a call whose result is kept, if it knows such. */
  memoized?(argument: unknown): PromiseLike<unknown>;
  /** Makes a call for each argument, all at once; resolves with the results in order. */
  many(args: readonly unknown[]): Promise<readonly unknown[]>;
  /** The same by the contender's own way for very many, if it has one. */
  map?(args: readonly unknown[]): Promise<readonly unknown[]>;
  /** Reads the numbers from 1 on from one call, which makes at most `buffer` ahead. */
  stream?(count: number, buffer: number | undefined): Promise<readonly unknown[]>;
  /** Reads so many buffers of one call; throws if one is not whole. */
  large?(count: number, bytes: number, moved: boolean): Promise<void>;
  /** The same of calls that end together, if it knows such. */
  group?(args: readonly unknown[]): Promise<readonly unknown[]>;
  /** The same of calls of so many keys, each with a limit of its own that none of them reaches. */
  keyed?(args: readonly unknown[], keys: number): Promise<readonly unknown[]>;
  /** Has a call acquire and give back what the host keeps, so many times; microseconds for each. */
  acquire?(what: "lock" | "semaphore", times: number): Promise<number>;
  /** Sends the numbers below `times` to a call, one after another, and adds up its answers. */
  answered?(times: number): Promise<number>;
  /** Gives a call a map of 50 000 entries, shared or copied, so many times after the first; milliseconds for each. */
  lookUp?(times: number, isShared: boolean): Promise<number>;
  /** Makes an actor; returns how to call its method, which does what `increment` does. */
  actor?(): Promise<(argument: number) => PromiseLike<unknown>>;
  /** Makes a call that ends when the gate opens; those that come after it wait behind it. Only where there are no workers. */
  waitBehind?(gate: Promise<void>): PromiseLike<unknown>;
  /** Ends a call that runs, by force. */
  interrupt?(call: PromiseLike<unknown>): void;
  /** Takes back a call that waits. */
  cancel?(call: PromiseLike<unknown>): void;
  /** Listens to all events; returns how to stop. */
  observe?(): () => void;
  /** Has all calls followed by spans, which go nowhere; returns how to stop. */
  trace?(): () => void;
  /** Ends the workers. */
  close(): unknown;
}

/** Opens pools of one contender. */
export interface Adapter {
  open(options: OpenOptions): Promise<Pool> | Pool;
}

/** What an adapter's module exports. `variant` chooses between several ways of the same contender. */
export interface AdapterModule {
  adapter(variant: string | undefined): Adapter | Promise<Adapter>;
}

type Many = (args: readonly unknown[]) => Promise<readonly unknown[]>;

/**
 * Makes a `many` of a `call`: what a user of a pool with only a call would write. All calls are made at once, and then
 * each is awaited: `Promise.all` makes some promises more for each call of a pool whose calls are thenables, all of them
 * alive at once, and measures the garbage collector.
 */
export function callEach(call: (argument: unknown) => PromiseLike<unknown>): Many {
  return async (args) => {
    const calls = args.map((argument) => call(argument));
    const results: unknown[] = [];
    for (const each of calls) results.push(await each);
    return results;
  };
}

/** The same with `Promise.all`. */
export function callAll(call: (argument: unknown) => PromiseLike<unknown>): Many {
  return (args) => Promise.all(args.map((argument) => call(argument)));
}
