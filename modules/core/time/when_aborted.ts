// whenAborted: follows a signal by the platform's own methods. A signal is an object of the user's: what is laid over its
// `reason` or `removeEventListener` would be run while a future settles.

const { apply } = Reflect;
const { addEventListener, removeEventListener } = EventTarget.prototype;
const isAborted = getter<boolean>("aborted");
const reasonOf = getter<unknown>("reason");

/**
 * Calls `act` with the reason of a signal once it aborts, at once if it has already.
 *
 * @returns what stops listening.
 * @throws {TypeError} For what is no signal: to be asked for before anything depends on it (`assertSignal`).
 */
export function whenAborted(signal: AbortSignal, act: (reason: unknown) => void): () => void {
  const onAbort = () => act(reasonOf(signal));
  if (isAborted(signal)) {
    onAbort();
    return () => {};
  }
  apply(addEventListener, signal, ["abort", onAbort, { once: true }]);
  return () => apply(removeEventListener, signal, ["abort", onAbort]);
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
