// Waits: who wants to know that somebody waits for something, be it a future, the results of a map, or the items of a stream.
// Nearly always nobody does.

/** Is told of waits for one thing; may be told twice that they begin. */
export interface WaitsFollower {
  began(): void;
  ended(): void;
}

const followers = new WeakMap<object, WaitsFollower>();
let areFollowed = false;

/** Has `follower` told of waits for `what` from now on. That a future is done it is not told. */
export function followWaits(what: object, follower: WaitsFollower): void {
  areFollowed = true;
  followers.set(what, follower);
}

/** Whether anybody wants to know of waits: else nobody need look at what is waited for. */
export function areWaitsFollowed(): boolean {
  return areFollowed;
}

/** Somebody waits for it. */
export function beginWait(what: object): void {
  if (areFollowed) followers.get(what)?.began();
}

/** Nobody waits for it any more. */
export function endWait(what: object): void {
  if (areFollowed) followers.get(what)?.ended();
}
