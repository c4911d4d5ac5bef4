// Begins lines with a tag, and cuts what comes in pieces into whole lines.

import { Buffer } from "node:buffer";
import { type Piece, toBytes } from "./file_writer.ts";

const LINE_END = 10;

/** Puts `tag` and a tab before each line. */
export function tagged(piece: Piece, tag: string): Piece {
  if (typeof piece === "string") return piece.replace(/^(?=.|\n)/gm, `${escapeDollars(tag)}\t`);
  const prefix = Buffer.from(`${tag}\t`);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < piece.length; ) {
    const end = piece.indexOf(LINE_END, at);
    const next = end < 0 ? piece.length : end + 1;
    parts.push(prefix, piece.subarray(at, next));
    at = next;
  }
  return Buffer.concat(parts);
}

/** In a replacement a dollar has a meaning. */
function escapeDollars(text: string): string {
  return text.replaceAll("$", "$$$$");
}

/** Cuts a stream of pieces behind its last line end. */
export class LineCutter {
  #open: Uint8Array[] = [];

  /** Adds a piece, and returns the lines that are whole now. */
  add(piece: Piece): Uint8Array {
    const bytes = toBytes(piece);
    const end = bytes.lastIndexOf(LINE_END) + 1;
    if (end === 0) {
      this.#open.push(bytes);
      return new Uint8Array();
    }
    const lines = Buffer.concat([...this.#open, bytes.subarray(0, end)]);
    this.#open = end < bytes.length ? [bytes.subarray(end)] : [];
    return lines;
  }

  /** Returns what has no line end, with one. */
  rest(): Uint8Array {
    const rest = Buffer.concat(this.#open);
    this.#open = [];
    return rest.length === 0 ? rest : Buffer.concat([rest, Buffer.from("\n")]);
  }
}
