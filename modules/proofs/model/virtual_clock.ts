// VirtualClock: time, timers and channels of a whole pool, host and workers, that move only when a test says so.

/** The realm's own, to come to the end of all microtasks. */
import { setImmediate } from "node:timers";

interface Timer {
  readonly due: number;
  /** Timers due at the same time fire in the order they were set. */
  readonly order: number;
  readonly owner: unknown;
  readonly action: () => void;
}

/** Milliseconds that pass with each look at the clock: whoever watches a clock must come to an end. */
const LOOK_MS = 0.02;
/** What keeps a program alive is an interval that never fires; nothing else sets intervals. */
const NEVER = Number.POSITIVE_INFINITY;

/** The globals it takes the place of. */
const REPLACED = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "MessageChannel",
] as const;

/** Takes the place of the realm's clock from {@link install} until it is disposed. */
export class VirtualClock implements Disposable {
  /** To whom timers set from now on belong. */
  owner: unknown = undefined;
  readonly #timers = new Map<object, Timer>();
  readonly #kept = new Map<string, PropertyDescriptor | undefined>();
  readonly #readClock = performance.now;
  #now = 0;
  #order = 0;

  /** Takes over. */
  install(): this {
    const put = (name: (typeof REPLACED)[number], value: unknown) => {
      this.#kept.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    };
    put("setTimeout", (action: () => void, ms = 0) => this.#set(action, this.#now + ms));
    put("setInterval", (action: () => void) => this.#set(action, NEVER));
    const clear = (timer: object | undefined) => {
      if (timer !== undefined) this.#timers.delete(timer);
    };
    put("clearTimeout", clear);
    put("clearInterval", clear);
    const set = (action: () => void) => this.#set(action, this.#now);
    put(
      "MessageChannel",
      class {
        port1 = { onmessage: (_event: unknown) => {}, close() {} };
        port2 = { postMessage: (data: unknown) => void set(() => this.port1.onmessage({ data })) };
      },
    );
    performance.now = () => {
      this.#now += LOOK_MS;
      return this.#now;
    };
    return this;
  }

  [Symbol.dispose](): void {
    for (const [name, descriptor] of this.#kept) {
      if (descriptor === undefined) delete (globalThis as Record<string, unknown>)[name];
      else Object.defineProperty(globalThis, name, descriptor);
    }
    performance.now = this.#readClock;
  }

  /** Fires the timer that is due next; false if there is none. */
  advance(): boolean {
    let next: [object, Timer] | undefined;
    for (const entry of this.#timers) {
      const [, timer] = entry;
      if (timer.due === NEVER) continue;
      const [, first] = next ?? entry;
      if (timer.due < first.due || (timer.due === first.due && timer.order <= first.order))
        next = entry;
    }
    if (next === undefined) return false;
    const [handle, { due, action, owner }] = next;
    this.#timers.delete(handle);
    this.#now = Math.max(this.#now, due);
    this.as(owner, action);
    return true;
  }

  /** Does something in somebody's name: timers it sets, microtasks included, are theirs until the next deed. */
  as(owner: unknown, action: () => void): void {
    this.owner = owner;
    action();
  }

  /** Drops the timers of somebody who is dead. */
  drop(owner: unknown): void {
    for (const [handle, timer] of this.#timers) {
      if (timer.owner === owner) this.#timers.delete(handle);
    }
  }

  /** Comes to the end of all that is due in this turn. */
  async settle(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.owner = undefined;
  }

  #set(action: () => void, due: number): object {
    const handle = { ref() {}, unref() {} };
    this.#timers.set(handle, { due, order: this.#order++, owner: this.owner, action });
    return handle;
  }
}
