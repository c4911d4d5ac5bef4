// Wait: one party that waits for one thing, until it is granted, its time is over, its signal aborts, or it is told an error.

import { TimeoutError } from "../../core/errors.ts";
import { Timer } from "../../core/time/timer.ts";
import { whenAborted } from "../../core/time/when_aborted.ts";
import type { Party, PendingWait } from "./party.ts";

/** How long a wait may take. Checked before. */
export interface Limits {
  /** Milliseconds. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Told of the wait, where it comes to one. */
  begun?(wait: PendingWait): void;
}

/** No limits. */
export const NO_LIMITS: Limits = Object.freeze({});

/** Waits for a `T`. */
export class Wait<T> implements PendingWait {
  readonly by: Party;
  readonly promise: Promise<T>;
  /** What is done when it is given up: it leaves the queue in which it stands. */
  leave: () => void;
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;
  #isOpen = true;
  #timer: Timer | undefined;
  #unlink: (() => void) | undefined;

  /**
   * Begins to wait.
   *
   * @param action For the error of a wait whose time is over: `acquire lock "cache"`.
   * @param leave Called when it is given up, before its promise rejects.
   */
  constructor(by: Party, limits: Limits, action: string, leave: () => void) {
    this.by = by;
    this.leave = leave;
    this.promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    by.waits(this);
    limits.begun?.(this);
    const { timeout, signal } = limits;
    if (timeout !== undefined) {
      this.#timer = new Timer();
      this.#timer.set(timeout, () => this.giveUp(timedOut(action, timeout)));
    }
    if (signal !== undefined) this.#unlink = whenAborted(signal, (reason) => this.giveUp(reason));
  }

  /** Whether it still waits. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** It has got what it waited for. */
  grant(value: T): void {
    if (this.#close()) this.#resolve(value);
  }

  /** It will not get it: whoever calls has taken it out of its queue. */
  fail(error: unknown): void {
    if (this.#close()) this.#reject(error);
  }

  /** It waits no more: it leaves its queue. */
  giveUp(error: unknown): void {
    if (!this.#close()) return;
    this.leave();
    this.#reject(error);
  }

  #close(): boolean {
    if (!this.#isOpen) return false;
    this.#isOpen = false;
    this.#timer?.clear();
    this.#unlink?.();
    this.by.waited(this);
    return true;
  }
}

/** The error of a wait whose time is over. */
export function timedOut(action: string, timeout: number): TimeoutError {
  return new TimeoutError(`Cannot ${action}: not within ${timeout} ms`);
}

/** Throws where limits leave no time to wait at all: the signal has aborted. */
export function assertNotAborted({ signal }: Limits): void {
  if (signal === undefined) return;
  let aborted: { readonly reason: unknown } | undefined;
  whenAborted(signal, (reason) => {
    aborted = { reason };
  })();
  if (aborted !== undefined) throw aborted.reason;
}
