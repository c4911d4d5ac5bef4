// Frames: how messages stand one behind another in a pipe between two processes.
//
//   | length: 4 bytes | key: 0 or 8 bytes | the message, as V8 writes a structured clone, or as a text |
//
// What V8 writes begins with a byte that no text has. A few short values on a link are a text: on Deno that takes a tenth of the
// time.
//
// The message `look`, which only wakes the other side, and is sent a thousand times as often as others, is of no bytes: to
// make a serializer takes longer than all else.
//
// The key says that a frame is the worker's own. Whatever runs in a worker can write to its pipe, but only the worker's
// side of the seam knows what the host has told it before any task was loaded. What does not begin with it is no message.

import { isInstance } from "../../core/brand.ts";
import { dataCloneError } from "../../core/errors.ts";
import type { HostMessage, LinkWord, WorkerMessage } from "../../core/seam/messages.ts";
import { isOfJson } from "../../core/seam/plain.ts";

/** The worker's ends of the pipes, as file descriptors: what it reads, and what it writes. */
export const READ_FD = 3;
export const WRITE_FD = 4;
/** The file that is its memory, where the first byte it reads says that there is one, and how both sides have it. */
export const MEMORY_FD = 5;
export const NO_MEMORY = 0;
export const READ_AND_WRITTEN = 1;
export const MAPPED = 2;
/** The exit code of a worker that cannot map it although its host has. The next one is told to read and write. */
export const CANNOT_MAP = 75;

const LENGTH_BYTES = 4;
const LOOK = { kind: "look" } as const;
const UNREADABLE = { kind: "unreadable" } as const;
const NO_KEY = new Uint8Array(0);
/** What V8 begins with. */
const OF_V8 = 0xff;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** How long a frame may be: its length is written in 32 bits. */
const MAX_LENGTH = 2 ** 32 - 1;

type LinkMessage = (HostMessage | WorkerMessage) & { kind: "link" };

/** So many items a text has at most, and so many characters each: more than that is cloned sooner. */
const MOST_ITEMS = 8;
const LONGEST_ITEM = 1024;
/** In place of the call's number: the host says none. */
const NO_CALL = -1;

/** How many bytes a key has. */
export const KEY_BYTES = 8;

/** The part of `node:v8` used here. */
export type V8 = Pick<typeof import("node:v8"), "Serializer" | "Deserializer">;

/** Writes a message as a frame; throws a `DataCloneError` for what cannot be cloned, and what a getter in it throws. */
export function encodeFrame(v8: V8, message: unknown, key: Uint8Array = NO_KEY): Uint8Array {
  if ((message as Partial<typeof LOOK>).kind === LOOK.kind)
    return Uint8Array.of(key.length, 0, 0, 0, ...key);
  const text = textOf(message as HostMessage | WorkerMessage);
  if (text !== undefined) return framed(encoder.encode(text), key);
  const serializer = new v8.Serializer();
  // Values first: the native part of a message is written behind what is in the buffer already.
  serializer.writeRawBytes(new Uint8Array(LENGTH_BYTES + key.length));
  serializer.writeHeader();
  try {
    serializer.writeValue(message);
  } catch (error) {
    if (!(isInstance(error, Error) && error.message.endsWith("could not be cloned."))) throw error;
    throw dataCloneError(error.message);
  }
  const frame: Uint8Array = serializer.releaseBuffer();
  if (frame.length > MAX_LENGTH) {
    throw dataCloneError("A message of 4 GiB and more cannot be sent.");
  }
  new DataView(frame.buffer, frame.byteOffset).setUint32(0, frame.length - LENGTH_BYTES, true);
  frame.set(key, LENGTH_BYTES);
  return frame;
}

function framed(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  const frame = new Uint8Array(LENGTH_BYTES + key.length + bytes.length);
  new DataView(frame.buffer).setUint32(0, key.length + bytes.length, true);
  frame.set(key, LENGTH_BYTES);
  frame.set(bytes, LENGTH_BYTES + key.length);
  return frame;
}

/** Puts frames together from the pieces in which they come. */
export class FrameReader {
  readonly #v8: V8;
  readonly #key: Uint8Array;
  readonly #onMessage: (message: unknown) => void;
  /** How many bytes are read altogether. */
  #left: number;
  /** Pieces of a frame that is not whole yet, and how many bytes they are. */
  #pieces: Uint8Array[] = [];
  #size = 0;
  /** How many bytes are worth a look: less is no whole frame. */
  #wanted = LENGTH_BYTES;
  /** Length and key: what is looked at before the rest is waited for. */
  readonly #head: number;

  /** @param limit how many bytes are read altogether; what goes beyond is an error. Default: no limit. */
  constructor(
    v8: V8,
    onMessage: (message: unknown) => void,
    key: Uint8Array = NO_KEY,
    limit: number = Number.POSITIVE_INFINITY,
  ) {
    this.#v8 = v8;
    this.#onMessage = onMessage;
    this.#key = key;
    this.#left = limit;
    this.#head = LENGTH_BYTES + key.length;
  }

  /**
   * Takes what has come.
   *
   * @throws {TypeError} For bytes that are no frame; nothing of what follows can be read.
   */
  push(piece: Uint8Array): void {
    this.#left -= piece.length;
    if (this.#left < 0) throw new RangeError("Cannot read message: it is beyond the limit");
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size < this.#wanted) return;
    const bytes = this.#pieces.length === 1 ? piece : joined(this.#pieces, this.#size);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    this.#wanted = LENGTH_BYTES;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = view.getUint32(at, true);
      if (length < this.#key.length) throw noKey();
      if (bytes.length - at < this.#head) {
        this.#wanted = this.#head;
        break;
      }
      this.#assertKey(bytes, at + LENGTH_BYTES);
      if (bytes.length - at < LENGTH_BYTES + length) {
        this.#wanted = LENGTH_BYTES + length;
        break;
      }
      const value = bytes.subarray(at + this.#head, at + LENGTH_BYTES + length);
      at += LENGTH_BYTES + length;
      this.#onMessage(this.#decode(value));
    }
    this.#pieces = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#size = bytes.length - at;
  }

  #assertKey(bytes: Uint8Array, at: number): void {
    for (let index = 0; index < this.#key.length; index++) {
      if (bytes[at + index] !== this.#key[index]) throw noKey();
    }
  }

  #decode(value: Uint8Array): unknown {
    if (value.length === 0) return LOOK;
    try {
      if (value[0] !== OF_V8) return readText(decoder.decode(value));
      const deserializer = new this.#v8.Deserializer(value);
      deserializer.readHeader();
      return deserializer.readValue();
    } catch {
      // What V8 writes it may be unable to read. The frames behind it are as they should be.
      return UNREADABLE;
    }
  }
}

function noKey(): TypeError {
  return new TypeError("Cannot read message: it does not begin with the worker's key");
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/**
 * The text of a message if it is of a few items that JSON has. Of other things nothing is looked at, so that no code of the
 * user's can run.
 */
function textOf(message: HostMessage | WorkerMessage): string | undefined {
  if (message.kind !== "link") return undefined;
  const { link, word } = message;
  if (word.does !== "items" || word.cost !== undefined || word.items.length > MOST_ITEMS)
    return undefined;
  if (word.errors !== undefined || word.parts !== undefined) return undefined;
  let text = `${link},${"seq" in message ? message.seq : NO_CALL}`;
  for (const item of word.items) {
    if (!isOfJson(item) || (typeof item === "string" && item.length > LONGEST_ITEM))
      return undefined;
    text += `,${JSON.stringify(item)}`;
  }
  return text;
}

/** The message that was a text. */
function readText(text: string): LinkMessage {
  const [link, seq, ...items] = JSON.parse(`[${text}]`) as [number, number, ...unknown[]];
  const word: LinkWord = { does: "items", items };
  return seq === NO_CALL ? { kind: "link", link, word } : { kind: "link", seq, link, word };
}
