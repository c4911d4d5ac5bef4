// Which calls of a batch a process has begun, in a file: it shares no memory, and a dead one says nothing.

import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileCell } from "../worker/told.ts";

/** A file with a cell for each batch that is under way. */
export class BegunFile {
  readonly #folder: string = mkdtempSync(join(tmpdir(), "futures-"));
  readonly #path: string = join(this.#folder, "begun");
  readonly #file: number = openSync(this.#path, "wx+", 0o600);
  readonly #word = new Uint32Array(1);
  readonly #bytes = new Uint8Array(this.#word.buffer);
  readonly #free: FileCell[] = [];
  #cells = 0;

  /** Takes a cell for a batch of which nothing has begun. */
  take(): FileCell {
    const cell = this.#free.pop() ?? {
      path: this.#path,
      at: this.#cells++ * Uint32Array.BYTES_PER_ELEMENT,
    };
    this.#word[0] = 0;
    writeSync(this.#file, this.#bytes, 0, this.#bytes.length, cell.at);
    return cell;
  }

  /** How many calls have begun. */
  begun({ at }: FileCell): number {
    readSync(this.#file, this.#bytes, 0, this.#bytes.length, at);
    return this.#word[0] as number;
  }

  /** Takes a cell back: nobody writes to it any more. */
  giveBack(cell: FileCell): void {
    this.#free.push(cell);
  }

  /** Removes the file. */
  remove(): void {
    closeSync(this.#file);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
