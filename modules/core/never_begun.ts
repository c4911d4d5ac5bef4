// Errors of calls that no worker was given: whoever has such a call made elsewhere makes it the first time.

const errors = new WeakSet<object>();

/** Notes of an error that its call was never handed to a worker. */
export function neverBegun<E>(error: E): E {
  errors.add(error as object);
  return error;
}

/** Whether the call that failed with it is known never to have begun. */
export function hasNeverBegun(error: unknown): boolean {
  return typeof error === "object" && error !== null && errors.has(error);
}
