// Place and Seat: where what is shared is kept, and the way there.

import type { Deed, Kind } from "./arbiter/desk.ts";
import type { LockWords } from "./arbiter/lock_words.ts";
import type { Limits } from "./arbiter/wait.ts";

/** What is known of a desk wherever a handle of it is. */
export interface Place {
  /** By which those who were given a handle know the desk. Nobody guesses it. */
  readonly id: string;
  readonly kind: Kind;
  readonly name: string;
  /** Where a thread may take it by itself. */
  readonly words?: LockWords | undefined;
}

/** The way to one desk, for one call or for whoever asks. */
export interface Seat extends Place {
  /** The same for whoever asks now. */
  now(): Seat;
  /** Has a deed done; returns what comes of it, at once or later. */
  ask(deed: Deed, limits: Limits): unknown;
  /** Has a deed done that nothing comes of, and that cannot fail. */
  tell(deed: Deed): void;
}
