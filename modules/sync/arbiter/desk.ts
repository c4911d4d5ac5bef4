// Desk: where one thing that is shared is kept, and where all deeds to it are done, one after another, in the order they come.
// It lies with the program that made it; handles lead to it, from wherever they are (handle.ts).

import type { Party } from "./party.ts";
import type { Limits } from "./wait.ts";

/** What is done at a desk, in words that can cross. What comes from a worker may be forged: each desk looks at it. */
export type Deed =
  /** Of what is held: exclusively or not; a token. */
  | readonly ["acquire", isExclusive?: boolean]
  | readonly ["tryAcquire", isExclusive?: boolean]
  | readonly ["release", token: number]
  | readonly ["introduce", holder: number]
  /** The same as to acquire, by a thread that sleeps: the answer is written into its memory. */
  | readonly ["acquireSync", cell: SharedArrayBuffer]
  /** Of an event. */
  | readonly ["set"]
  | readonly ["clear"]
  | readonly ["isSet"]
  /** Of an event and a barrier; of a condition, with the lock that is held, and the token. */
  | readonly ["wait", lock?: string, token?: number]
  | readonly ["notify", count: number]
  /** Of a barrier. */
  | readonly ["reset"]
  /** Of a counter. */
  | readonly ["add", amount: bigint]
  /** Of a channel. */
  | readonly ["send", value: unknown]
  | readonly ["trySend", value: unknown]
  | readonly ["receive"]
  | readonly ["tryReceive"]
  | readonly ["close", error: { readonly error: unknown } | undefined];

/** What can be shared. */
export const KINDS = [
  "lock",
  "semaphore",
  "RWLock",
  "event",
  "condition",
  "barrier",
  "counter",
  "channel",
] as const;
/** One of them. */
export type Kind = (typeof KINDS)[number];

/** One thing that is shared. */
export interface Desk {
  readonly kind: Kind;
  readonly name: string;
  /**
   * Does a deed of a party.
   *
   * @returns What comes of it, at once or later.
   * @throws What the deed fails with.
   */
  perform(by: Party, deed: Deed, limits: Limits): unknown;
}

/** The error for a deed that a desk does not know: what comes from a worker may be forged. */
export function unknownDeed(desk: Desk, deed: Deed): never {
  throw new TypeError(`Cannot ${String(deed[0])}: a ${desk.kind} has no such method`);
}

/** What it is, for people: `lock "cache"`. */
export function labelOf({ kind, name }: Pick<Desk, "kind" | "name">): string {
  return `${kind} "${name}"`;
}

const numbers = new Map<string, number>();

/** The name of one that was given none: `lock-0`. */
export function nameOf(kind: string, name: string | undefined): string {
  if (name !== undefined) return name;
  const number = numbers.get(kind) ?? 0;
  numbers.set(kind, number + 1);
  return `${kind}-${number}`;
}
