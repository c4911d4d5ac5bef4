// The tasks that are generators: only our executors stream.

import { move } from "@concurrent/futures/task";

/** Yields the numbers from 1 to `count`. */
export function* upTo(count: number): Generator<number> {
  for (let n = 1; n <= count; n++) yield n;
}

/** Yields buffers, moved or copied. */
export function* buffers(count: number, bytes: number, moved: boolean): Generator<Uint8Array> {
  for (let n = 0; n < count; n++) {
    const item = new Uint8Array(bytes);
    item[0] = 7;
    yield moved ? move(item) : item;
  }
}
