// Cell: memory in which a thread sleeps until the program has answered it.

import { InvalidStateError, TimeoutError } from "../core/errors.ts";
import type { Granted } from "./arbiter/permits.ts";
import { DeadlockError } from "./errors.ts";

const [WAITS, GRANTED, TIMED_OUT, DEADLOCK, REFUSED] = [0, 1, 2, 3, 4];
/** Words: what was answered, whether the holder before died, how long the text is. */
const [ANSWER, ABANDONED, LENGTH] = [0, 1, 2];
const TOKEN_AT = 16;
const TEXT_AT = 24;
/** Bytes; a longer message is cut off. */
const BYTES = 2048;

/** One question of a thread that sleeps. */
export class Cell {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #token: Float64Array;
  readonly #text: Uint8Array;

  /** @param buffer Of a thread; made anew by default. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(BYTES)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, 4);
    this.#token = new Float64Array(buffer, TOKEN_AT, 1);
    this.#text = new Uint8Array(buffer, TEXT_AT);
  }

  // For the program.

  grant({ token, abandoned }: Granted): void {
    this.#token[0] = token;
    this.#words[ABANDONED] = abandoned ? 1 : 0;
    this.#answer(GRANTED);
  }

  refuse(error: unknown): void {
    // Not into the shared bytes at once: in a page that is refused.
    const text = new TextEncoder().encode(error instanceof Error ? error.message : String(error));
    const part = text.subarray(0, this.#text.length);
    this.#text.set(part);
    this.#words[LENGTH] = part.length;
    if (error instanceof TimeoutError) this.#answer(TIMED_OUT);
    else this.#answer(error instanceof DeadlockError ? DEADLOCK : REFUSED);
  }

  #answer(answer: number): void {
    Atomics.store(this.#words, ANSWER, answer);
    Atomics.notify(this.#words, ANSWER);
  }

  // For the thread.

  /** Sleeps until there is an answer. */
  sleep(): Granted {
    Atomics.wait(this.#words, ANSWER, WAITS);
    const answer = Atomics.load(this.#words, ANSWER);
    if (answer === GRANTED)
      return { token: this.#token[0] as number, abandoned: this.#words[ABANDONED] === 1 };
    const text = new TextDecoder().decode(this.#text.slice(0, this.#words[LENGTH]));
    if (answer === TIMED_OUT) throw new TimeoutError(text);
    throw answer === DEADLOCK ? new DeadlockError(text) : new InvalidStateError(text);
  }
}
