// Packed: what a value has become that structured clone would not carry whole (pack.ts takes it apart, unpack.ts puts it
// together). Types only: a thread loads none of this.

import type { Holdings } from "./holdings.ts";

/** What is described instead of copied. */
export type Part =
  /** `classes` are the names along its prototype chain, nearest first. `fields`: name, value, and whether it shows. */
  | {
      readonly kind: "error";
      readonly classes: readonly string[];
      readonly name: string;
      readonly message: string;
      readonly stack: string;
      readonly fields: readonly (readonly [name: string, value: unknown, enumerable: boolean])[];
    }
  /** What its class makes of one argument. */
  | { readonly kind: "made"; readonly of: Made; readonly from: unknown }
  /** An instance of a class that both sides know by its name: what it says of itself, in a list. */
  | { readonly kind: "instance"; readonly of: string; readonly wire: Packed }
  /** A handle of something that is shared (`WireHandle`). */
  | { readonly kind: "handle"; readonly wire: WireHandle }
  /** A long list with few elements: some platforms walk through all of its places, of which there may be four milliards. */
  | { readonly kind: "list"; readonly length: number; readonly elements: object }
  /** A file, from a blob that crosses by itself or from bytes. */
  | {
      readonly kind: "blob";
      content: unknown;
      readonly type: string;
      readonly name?: string;
      readonly lastModified?: number;
    };

/** What belongs to a list of values beside what structured clone carries. */
export interface Parts {
  /** Those that are described. */
  readonly parts: readonly Part[];
  /** In which object, or pair, each belongs, where there, and within which of the values. */
  readonly places: readonly (readonly [
    holder: object,
    key: string | number,
    part: number,
    owner: number,
  ])[];
  /** Maps and sets that are filled when everything is in its place. */
  readonly filled: readonly (readonly [collection: object, items: unknown[]])[];
}

/** A list of values as it travels. */
export interface Packed {
  /** The values, with a gap where a part belongs. */
  readonly list: readonly unknown[];
  /** Absent where structured clone carries all of them whole. */
  readonly parts?: Parts | undefined;
}

/** A thrown thing as it travels. */
export type WireError =
  /** Taken apart: a list of it alone. */
  | (Packed & { readonly kind: "packed" })
  /** A primitive value. */
  | { readonly kind: "value"; readonly value: unknown }
  /** On channels that pass by reference: the very object. */
  | { readonly kind: "same"; readonly error: unknown };

/** The link that is packed for. */
export interface Link {
  /** Whether the other side is a process: memory, files and keys are not common to both. */
  readonly isProcess: boolean;
  /** Whether the message may go when files have been read. Default: it goes at once, and files are refused. */
  readonly mayWait?: boolean;
  /** Whether a value itself may be a handle of something that is shared. Default: false. */
  readonly takesHandles?: boolean;
  /** Which shared values the other side has. Default: none may cross. */
  readonly holdings?: Holdings | undefined;
  /** What is moved with the message, and so need not be cloned. */
  readonly moved?: readonly unknown[];
  /** The instances whose own words are packed. */
  readonly within?: readonly object[];
}

/** Classes whose objects are made again from one argument. */
export type Made = "URL" | "URLSearchParams" | "Headers" | `Temporal.${string}`;

/** Makes the error for what is refused: where it was found, and what it is. */
export type Refusal = (index: number, path: string, what: string) => Error;

/** A handle of something that is shared, as it travels. */
export interface WireHandle {
  /** By which its program knows it. */
  readonly id: string;
  /** What it is of: "lock", "channel", … */
  readonly kind: string;
  /** The name that it was given. */
  readonly name: string;
  /** Memory in which a thread finds it, where there is some. */
  readonly memory?: SharedArrayBuffer;
  /** Of a shared value: the value itself, in a list, the first time that it crosses to a worker. */
  readonly value?: Packed;
}
