// The codec: values as text, for a queue that keeps texts, and back.
//
//   values ──▶ Packer (core) ──▶ copies and parts ──▶ devalue ──▶ text
//   text ──▶ JSON ──▶ assertFlat ──▶ devalue ──▶ assertContent ──▶ unpack (core) ──▶ values
//
// What can cross, and how it is refused, is the core's to say, so a value means on a queue what it means between processes. The
// text is anybody's: it is looked at before anything is made of it, and nothing of it is ever called.

import { stringify, unflatten } from "devalue";
import { isInstance } from "../core/brand.ts";
import { cannotCross, encodeError, Packer } from "../core/seam/pack.ts";
import type { Link, Parts, Refusal } from "../core/seam/packed.ts";
import { isOfJson } from "../core/seam/plain.ts";
import { decodeError, unpack } from "../core/seam/unpack.ts";
import { assertContent, assertFlat } from "./content_check.ts";
import { PayloadTooLargeError } from "./errors.ts";
import { measure, type OddField } from "./measure.ts";

/** What a text may not exceed, on either side. How deep, long and wide a value may be is the same for all: `measure.ts`. */
export interface CodecLimits {
  /** Characters of text. */
  readonly maxLength: number;
  /** What is told of a text that is too long: the option that says how long it may be. Default: "maxPayload". */
  readonly option?: string;
}

/** How values are encoded. */
export interface EncodeOptions extends CodecLimits {
  /** Makes the error for what cannot cross. Default: one that tells the number of the value and the path in it. */
  readonly refusal?: Refusal;
}

/** Other processes, on other machines: nothing is common to both. Files are read. */
const LINK: Link = { isProcess: true, mayWait: true };

/**
 * Turns values into text. They are copied at once: whoever changes them afterwards changes nothing.
 *
 * @returns the text; a promise of it where files have to be read first.
 * @throws {DOMException} named DataCloneError, for what cannot cross; and what a getter in a value throws.
 * @throws {PayloadTooLargeError} if it is too long, too deep or too wide.
 */
export function encodeText(
  values: readonly unknown[],
  options: EncodeOptions,
): string | Promise<string> {
  if (values.length === 1 && isOfJson(values[0])) return plainText(values[0], options);
  if (values.every(isSimple)) return written({ list: values }, options);
  const packer = new Packer(LINK);
  const list = packer.pack(values, options.refusal ?? refusal);
  const { parts, pending } = packer;
  if (pending === undefined) return written({ list, ...(parts && { parts }) }, options);
  const content = copyOf({ list, ...(parts && { parts }) }, options);
  return pending.then(() => {
    // What was read meanwhile is in the parts that were packed, and what is sent are their copies.
    for (const [index, part] of (parts?.parts ?? []).entries())
      if (part.kind === "blob")
        (content.parts?.parts[index] as { content: unknown }).content = part.content;
    return textOf(content, options);
  });
}

/**
 * Makes values of a text again.
 *
 * @throws {PayloadTooLargeError} if the text exceeds what `encodeText` keeps to.
 * @throws {TypeError} if it is none of `encodeText`.
 */
export function decodeText(text: string, limits: CodecLimits): unknown[] {
  const plain = plainOf(text, limits);
  if (plain !== undefined) return [plain];
  const { list, parts } = contentOf(text, limits);
  try {
    if (parts !== undefined) unpack(parts);
  } catch (error) {
    throw noneOfOurs(error);
  }
  return list as unknown[];
}

/** Turns a thrown thing into text. Never throws: of one that is too large it is told that it is. */
export function encodeThrown(thrown: unknown, limits: CodecLimits): string {
  try {
    return thrownText(thrown, limits);
  } catch (error) {
    const told = isInstance(error, PayloadTooLargeError) ? error.message : String(error);
    return thrownText(new PayloadTooLargeError(`Cannot send error "${wordsOf(thrown)}": ${told}`), {
      maxLength: Number.POSITIVE_INFINITY,
    });
  }
}

function wordsOf(thrown: unknown): string {
  try {
    return String(thrown).slice(0, 200);
  } catch {
    return "unreadable";
  }
}

function thrownText(thrown: unknown, limits: CodecLimits): string {
  const wire = encodeError(thrown, LINK);
  if (wire.kind === "packed") return written(wire, limits);
  return written({ list: [wire.kind === "value" ? wire.value : undefined] }, limits);
}

/** Makes the thrown thing again, as the nearest class known here. Never throws: a text that is none makes a TypeError. */
export function decodeThrown(text: string, limits: CodecLimits): unknown {
  try {
    return decodeError({ kind: "packed", ...contentOf(text, limits) });
  } catch (error) {
    return error;
  }
}

/** How the text of one plain value begins. */
const PLAIN = "[[1],[2],";

/** What a text is of. */
interface Content {
  readonly list: readonly unknown[];
  readonly parts?: Parts | undefined;
  /** Fields that devalue has no words for. */
  readonly odd?: readonly OddField[];
}

function isSimple(value: unknown): boolean {
  return (
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "boolean" ||
    value === undefined ||
    value === null
  );
}

/** What `textOf` writes of one value that JSON has, too, without the way there: most of what short calls are given and return. */
function plainText(
  value: string | number | boolean | null,
  { maxLength, option = "maxPayload" }: CodecLimits,
): string {
  if (typeof value === "string" && value.length > maxLength)
    throw tooLong(value.length, maxLength, option);
  const text = `${PLAIN}${JSON.stringify(value)}]`;
  if (text.length > maxLength) throw tooLong(text.length, maxLength, option);
  return text;
}

function refusal(index: number, path: string, what: string): Error {
  return cannotCross(`Cannot send value ${index + 1}${path}: it is ${what}`, LINK);
}

function written(content: Content, options: CodecLimits): string {
  return textOf(copyOf(content, options), options);
}

/** Takes out of the copies what devalue has no words for, and makes them copies of everything. */
function copyOf(content: Content, { maxLength, option }: CodecLimits): Content {
  const { odd, hasLeaves } = measure(content, { maxLength, option: option ?? "maxPayload" });
  const whole = odd.length === 0 ? content : { ...content, odd };
  // A date may have methods of its own: the engine's clone of it has not.
  return hasLeaves ? structuredClone(whole) : whole;
}

function textOf(
  { list, parts, odd }: Content,
  { maxLength, option = "maxPayload" }: CodecLimits,
): string {
  const root: unknown[] = [list];
  if (parts !== undefined || odd !== undefined)
    root.push(parts?.parts ?? [], parts?.places ?? [], parts?.filled ?? []);
  if (odd !== undefined) root.push(odd);
  const text = stringify(root);
  if (text.length > maxLength) throw tooLong(text.length, maxLength, option);
  return text;
}

function tooLong(length: number, maxLength: number, option: string): PayloadTooLargeError {
  return new PayloadTooLargeError(
    `Cannot send values: they take ${length} characters, more than ${option} allows, ${maxLength}`,
  );
}

function contentOf(text: string, { maxLength, option = "maxPayload" }: CodecLimits): Content {
  if (typeof text !== "string") throw new TypeError("Cannot read values: they are no text");
  if (text.length > maxLength) throw tooLong(text.length, maxLength, option);
  const content = rootOf(text);
  for (const [holder, key, value] of content.odd ?? [])
    Object.defineProperty(holder, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return content;
}

function rootOf(text: string): Content {
  let root: unknown;
  try {
    const flat: unknown = JSON.parse(text);
    assertFlat(flat);
    root = unflatten(flat as unknown[]);
  } catch (error) {
    if (isInstance(error, PayloadTooLargeError)) throw error;
    throw noneOfOurs(error);
  }
  assertContent(root);
  const [list, parts, places, filled, odd] = root;
  return {
    list,
    ...(parts && places && filled && { parts: { parts, places, filled } }),
    ...(odd && { odd }),
  };
}

/** The value of a text of one plain value; undefined for any other text, which may be none. */
function plainOf(text: unknown, { maxLength }: CodecLimits): unknown {
  if (typeof text !== "string" || !text.startsWith(PLAIN) || text.length > maxLength)
    return undefined;
  try {
    const flat = JSON.parse(text) as unknown[];
    return flat.length === 3 && isOfJson(flat[2]) ? flat[2] : undefined;
  } catch {
    return undefined;
  }
}

function noneOfOurs(cause: unknown): TypeError {
  return new TypeError("Cannot read values: the text is none of ours", { cause });
}
