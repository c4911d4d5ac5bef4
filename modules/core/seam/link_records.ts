// Words over links as records in a ring: those that carry small primitive values, and nothing else. They cost no message, and
// whoever looks into the ring by itself need not be woken (docs/decisions/0064-links-through-rings.md).
//
//   said │ how many words of links were sent as messages before it │ link │ what it does │ what belongs to that
//
// That count keeps the order: a record is not heard before those messages are, and with each message the ring is read first.

import { Constant, type RingReader, type RingWriter } from "../memory/ring.ts";
import { isLinkWord } from "./message_check.ts";
import type { LinkWord } from "./messages.ts";

const DOES = ["open", "items", "credit", "close"] as const satisfies readonly LinkWord["does"][];

/** The most words in front of what is said: a mark, what it does, and up to four numbers. */
const HEADER_WORDS = 2 + 4 * 3;
/** Each takes a word at least, and no ring has more: a forged number would have the host read its ring round and round. */
const MOST_ITEMS = 16_384;

/**
 * Writes what is said, and commits it; leaves `spare` words free.
 *
 * @param before How many words of links were sent as messages before it.
 * @returns false where it does not belong in a ring, or there is no room: nothing is written then.
 */
export function recordWord(
  ring: RingWriter,
  spare: number,
  before: number,
  link: number,
  word: LinkWord,
): boolean {
  if (!ring.hasRoom(spare + HEADER_WORDS)) return false;
  ring.put(Constant.said);
  ring.putNumber(before);
  ring.putNumber(link);
  ring.putNumber(DOES.indexOf(word.does));
  if (putRest(ring, spare, word)) {
    ring.commit();
    return true;
  }
  ring.rollBack();
  return false;
}

function putRest(ring: RingWriter, spare: number, word: LinkWord): boolean {
  switch (word.does) {
    case "open":
      return ring.putValue(word.to, spare);
    case "items": {
      const { items, cost = items.length, errors, parts } = word;
      if (errors !== undefined || parts !== undefined) return false;
      ring.putNumber(cost);
      ring.putNumber(items.length);
      for (const item of items) if (!isSmall(item) || !ring.putValue(item, spare)) return false;
      return true;
    }
    case "credit":
      ring.putNumber(word.count);
      return true;
    case "close":
      return word.error === undefined;
    default:
      return word satisfies never;
  }
}

/** Objects are left to messages, where what is moved of them is known, and what of them cannot cross. */
function isSmall(item: unknown): boolean {
  return typeof item !== "object" || item === null;
}

/**
 * Reads what was said, behind its mark and the count.
 *
 * @throws {RangeError} For what no end of ours writes.
 */
export function takeWord(ring: RingReader): { link: number; word: LinkWord } {
  const link = ring.takeNumber();
  const word = takeRest(ring, DOES[ring.takeNumber()]);
  if (!Number.isSafeInteger(link) || !isLinkWord(word))
    throw new RangeError(`it said what is no word, over link ${link}`);
  return { link, word };
}

function takeRest(ring: RingReader, does: LinkWord["does"] | undefined): unknown {
  switch (does) {
    case "open":
      return { does, to: ring.takeValue() };
    case "items": {
      const cost = ring.takeNumber();
      const count = ring.takeNumber();
      if (!(count <= MOST_ITEMS)) throw new RangeError(`it said ${count} items at once`);
      const items: unknown[] = [];
      for (let left = count; left > 0; left--) items.push(ring.takeValue());
      return { does, items, cost };
    }
    case "credit":
      return { does, count: ring.takeNumber() };
    case "close":
      return { does };
    default:
      return undefined;
  }
}
