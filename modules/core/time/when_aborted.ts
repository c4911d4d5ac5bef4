// whenAborted: follows a signal by the platform's own methods. A signal is an object of the user's: what is laid over its
// `reason` or `removeEventListener` would be run while a future settles.

const { apply } = Reflect;
const { addEventListener, removeEventListener } = EventTarget.prototype;
const isAborted = getter<boolean>("aborted");
const reasonOf = getter<unknown>("reason");

/** Who follows each signal. */
const followers = new WeakMap<AbortSignal, Followers>();

/**
 * Calls `act` with the reason of a signal once it aborts, at once if it has already.
 *
 * @returns what stops listening.
 * @throws {TypeError} For what is no signal: to be asked for before anything depends on it (`assertSignal`).
 */
export function whenAborted(signal: AbortSignal, act: (reason: unknown) => void): () => void {
  if (isAborted(signal)) {
    act(reasonOf(signal));
    return () => {};
  }
  let all = followers.get(signal);
  if (all === undefined) {
    all = new Followers(signal);
    followers.set(signal, all);
  }
  return all.add(act);
}

/**
 * All that follow one signal, by one listener while there are any. A signal may be that of a hundred thousand calls, and
 * platforms look for one listener among many by looking at each.
 */
class Followers {
  readonly #signal: AbortSignal;
  /** In the order in which they came. */
  readonly #each = new Set<{ readonly act: (reason: unknown) => void }>();
  readonly #onAbort = () => {
    const reason = reasonOf(this.#signal);
    for (const follower of this.#each) {
      this.#each.delete(follower);
      try {
        follower.act(reason);
      } catch (error) {
        // As where each has a listener of its own: the others are told, and the error is nobody's.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Adds one; returns what takes it out. */
  add(act: (reason: unknown) => void): () => void {
    const follower = { act };
    if (this.#each.size === 0)
      apply(addEventListener, this.#signal, ["abort", this.#onAbort, { once: true }]);
    this.#each.add(follower);
    return () => {
      if (this.#each.delete(follower) && this.#each.size === 0)
        apply(removeEventListener, this.#signal, ["abort", this.#onAbort]);
    };
  }
}

/** Whether a value is a signal, and not only made to look like one. */
export function isSignal(value: unknown): value is AbortSignal {
  try {
    return typeof isAborted(value) === "boolean";
  } catch {
    return false;
  }
}

function getter<R>(name: "aborted" | "reason"): (signal: unknown) => R {
  const get = Object.getOwnPropertyDescriptor(AbortSignal.prototype, name)?.get as () => R;
  return (signal) => apply(get, signal, []);
}
