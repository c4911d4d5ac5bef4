// share(): a value that crosses once to each worker, however many calls it is given to.

import { InvalidStateError } from "./errors.ts";
import type { SharedRecord } from "./seam/holdings.ts";
import { Packer } from "./seam/pack.ts";
import { isPlain } from "./seam/plain.ts";
import { contextSlot, SHARED, type ShareBook } from "./task_context.ts";

/** What links know of the values that are shared here. Kept by who has them: a value may have itself in it. */
const records = new WeakMap<object, SharedRecord>();

let isShared: (value: object) => boolean;
let keptBy: (shared: Shared<unknown>) => { readonly value: unknown } | undefined;

/** Has the core know shared values from now on. */
export function installShares(): void {
  contextSlot.shares ??= book;
}

/** Nobody can give it to a call any more: nobody there will ask for it. */
const dropped = new FinalizationRegistry<SharedRecord>(letGo);

/**
 * A value that calls share. What a task is given as a `Shared` it reads by `value`.
 *
 * In each worker it is one object for all calls that are given it there: whoever changes it changes it for those that follow,
 * and for nobody else. On an `EventLoopExecutor` it is the value itself.
 */
export class Shared<T> implements Disposable {
  #kept: { readonly value: T } | undefined;

  /** Is for {@linkcode share}. */
  constructor(value: T) {
    this.#kept = { value };
  }

  /**
   * The value.
   *
   * @throws {InvalidStateError} After it was disposed of.
   */
  get value(): T {
    if (this.#kept === undefined)
      throw new InvalidStateError("Cannot read shared value: it was disposed of");
    return this.#kept.value;
  }

  /**
   * Lets workers forget it. Calls that have been sent still have it; those that wait fail with a `TypeError`, and so do later ones.
   */
  [Symbol.dispose](): void {
    this.#kept = undefined;
    const record = records.get(this);
    if (record !== undefined) letGo(record);
  }

  /** Says what it is. */
  toString(): string {
    return this.#kept === undefined ? "[shared value, disposed of]" : "[shared value]";
  }

  static {
    isShared = (value) => #kept in value;
    keptBy = (shared) => shared.#kept;
  }
}

/**
 * Shares a large value with workers: it crosses once to each of them, when the first call is sent there that is given it as an
 * argument of its own. A table, a model, a list of words that every call needs.
 *
 * It crosses as it is then, so do not change it afterwards. Workers forget it when the handle is disposed of, or collected. A
 * worker that dies takes its copy along; its successor is sent another.
 *
 * @example A table for many calls
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, share, type Shared } from "@concurrent/futures";
 *
 * const priceOf = (prices: Shared<Map<string, number>>, what: string) => prices.value.get(what);
 *
 * using prices = share(new Map([["tea", 3], ["cake", 5]]));
 * await using executor = new EventLoopExecutor();
 * const calls = ["cake", "tea"].map((what): [typeof prices, string] => [prices, what]);
 * assert.deepEqual(await Array.fromAsync(executor.starmap(priceOf, calls)), [5, 3]);
 * ```
 *
 * @param value Anything that could be an argument itself. If it cannot cross, each call that is given it fails.
 * @returns What calls are given instead of it.
 */
export function share<T>(value: T): Shared<T> {
  installShares();
  return new Shared(value);
}

/** Made when it first crosses: most of those in workers never do. */
function recordOf(shared: object): SharedRecord {
  let record = records.get(shared);
  if (record === undefined) {
    const words = [...crypto.getRandomValues(new Uint32Array(3))];
    record = { id: words.map((word) => word.toString(36)).join("-"), at: new Set(), isOver: false };
    records.set(shared, record);
    dropped.register(shared, record);
  }
  return record;
}

function letGo(record: SharedRecord): void {
  record.isOver = true;
  for (const holdings of [...record.at]) holdings.free(record);
}

/** Apart from the class: whoever bundles a program that shares nothing leaves it out, and all that packs values. */
const book: ShareBook = {
  has: (value) => isShared(value),
  describe(value, { isProcess, holdings }, refuse) {
    const kept = keptBy(value as Shared<unknown>);
    if (kept === undefined) throw refuse("a shared value that was disposed of");
    const record = recordOf(value);
    const wire = { id: record.id, kind: SHARED, name: "" };
    if (holdings.has(record)) return wire;
    holdings.sending(record);
    const list = [kept.value];
    if (isPlain(list[0], !isProcess)) return { ...wire, value: { list } };
    const packer = new Packer({ isProcess });
    const copies = packer.pack(list, (_index, path, what) =>
      refuse(`a shared value${path === "" ? "," : ` whose ${path.replace(/^\./, "")} is`} ${what}`),
    );
    return { ...wire, value: { list: copies, parts: packer.parts } };
  },
  open({ kept }) {
    if (kept === undefined)
      throw new TypeError("Cannot begin task: the shared value that it is given has not arrived");
    return new Shared(kept.value);
  },
};
