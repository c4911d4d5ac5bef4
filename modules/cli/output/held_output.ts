// What a job has printed and must wait with: in memory, and what is too much for that in a file without a name.

import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { type FileWriter, type Piece, toBytes } from "./file_writer.ts";

/** So much of one job is kept in memory. */
const MEMORY = 4 << 20;

/** So much is read back at once. */
const CHUNK = 1 << 20;

/** Keeps pieces in order. */
export class HeldOutput {
  #pieces: Piece[] = [];
  #size = 0;
  #file: number | undefined = undefined;
  #fileSize = 0;

  /** Adds a piece. */
  add(piece: Piece): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size > MEMORY) this.#spill();
  }

  /** Forgets everything. */
  clear(): void {
    this.#pieces = [];
    this.#size = 0;
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#fileSize = 0;
  }

  /** Moves everything to a writer; a large file no faster than the writer takes it. */
  async moveTo(writer: FileWriter): Promise<void> {
    if (this.#file !== undefined) await this.#copyFile(this.#file, writer);
    for (const piece of this.#pieces) writer.write(piece);
    this.clear();
  }

  /** Whether some of it lies in a file. */
  get isSpilled(): boolean {
    return this.#file !== undefined;
  }

  /** Takes what lies in memory; all there is, unless some is in a file. */
  takePieces(): Piece[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#size = 0;
    return pieces;
  }

  #spill(): void {
    this.#file ??= openNameless();
    for (const piece of this.takePieces()) {
      const bytes = toBytes(piece);
      for (let at = 0; at < bytes.length; )
        at += writeSync(this.#file, bytes, at, bytes.length - at, this.#fileSize + at);
      this.#fileSize += bytes.length;
    }
  }

  async #copyFile(file: number, writer: FileWriter): Promise<void> {
    for (let at = 0; at < this.#fileSize; ) {
      const bytes = new Uint8Array(Math.min(CHUNK, this.#fileSize - at));
      const read = readSync(file, bytes, 0, bytes.length, at);
      if (read === 0) return;
      writer.write(bytes.subarray(0, read));
      at += read;
      await writer.flushed();
    }
  }
}

/** Opens a file and takes its name away: nothing is left of it, however the program ends. */
function openNameless(): number {
  const folder = mkdtempSync(join(process.getBuiltinModule("node:os").tmpdir(), "futures-"));
  try {
    return openSync(join(folder, "output"), "wx+", 0o600);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
