// How values travel over a link: together where all of them cross, each in its place, and one that does not as its error.

import { dataCloneError } from "../errors.ts";
import type { Transferred } from "../task.ts";
import { contextSlot } from "../task_context.ts";
import type { LinkCode, LinkWire } from "./call_link.ts";
import type { LinkWord } from "./messages.ts";
import { cannotCross, encodeError, isRefusal, Packer, putIn } from "./pack.ts";
import type { Packed } from "./packed.ts";
import { isPlain } from "./plain.ts";
import { isCarried, NOTHING, readTransferList } from "./transfer.ts";
import { decodeError, unpackEach } from "./unpack.ts";

type Items = LinkWord & { does: "items" };

/** An item, made ready. */
interface Ready {
  readonly value: unknown;
  readonly packed?: Packed | undefined;
  readonly moves: readonly Transferred[];
  readonly failure?: { readonly error: unknown } | undefined;
  /** Settles when files in it are read; rejects where they cannot be. */
  readonly pending?: Promise<unknown> | undefined;
}

/** Copies values, and takes them apart where structured clone would not carry them whole. */
export const copying: LinkCode = {
  say: sayItems,
  encode: (error, isProcess) => encodeError(error, { isProcess }),
  decode: decodeError,
  unpack: unpackEach,
};

/** Sends values; returns a promise where files in them are read first. Never throws for what a value is. */
function sayItems(
  wire: LinkWire,
  values: readonly unknown[],
  cost: number,
): Promise<void> | undefined {
  const whole = cost === values.length ? {} : { cost };
  if (contextSlot.moves === undefined && isPlain(values, !wire.isProcess)) {
    try {
      wire.say({ does: "items", items: values, ...whole });
      return undefined;
    } catch {
      // Each is looked at below.
    }
  }
  const ready = values.map((value) => readied(wire, value));
  if (ready.every(({ pending }) => pending === undefined)) return void sayReady(wire, ready, cost);
  return sayRead(wire, ready, cost);
}

async function sayRead(wire: LinkWire, ready: readonly Ready[], cost: number): Promise<void> {
  const read = ready.map(async (item): Promise<Ready> => {
    try {
      await item.pending;
      return item;
    } catch (error) {
      return failed(error);
    }
  });
  sayReady(wire, await Promise.all(read), cost);
}

/** Makes a value ready to be sent. User code runs here, and what it throws is the item's error. */
function readied(wire: LinkWire, value: unknown): Ready {
  try {
    const moves = movesOf(wire, value);
    const isWhole = moves.length > 0 ? isCarried(value, moves) : isPlain(value, !wire.isProcess);
    if (isWhole) return { value, moves };
    const { packer, list } = packed(wire, value, moves);
    return { value, moves, packed: { list, parts: packer.parts }, pending: packer.pending };
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): Ready {
  return { value: undefined, moves: NOTHING, failure: { error } };
}

/** What of a value is to be moved, as `move` has noted. */
function movesOf({ action, isProcess }: LinkWire, value: unknown): readonly Transferred[] {
  if (typeof value !== "object" || value === null) return NOTHING;
  const list = contextSlot.moves?.get(value);
  return list === undefined ? NOTHING : readTransferList(list, action, isProcess);
}

function sayReady(wire: LinkWire, ready: readonly Ready[], cost: number): void {
  try {
    sayTogether(wire, ready, cost);
  } catch {
    // One spoils the message for all: each is tried alone. What they cost beyond one each is told with the last.
    const last = ready.length - 1;
    for (const [at, item] of ready.entries()) sayAlone(wire, item, at === last ? cost - last : 1);
  }
}

function sayAlone(wire: LinkWire, item: Ready, cost: number): void {
  try {
    sayTogether(wire, [item], cost);
  } catch (error) {
    try {
      sayTogether(wire, [failed(explained(wire, item, error))], cost);
    } catch {
      // The other side has ended.
    }
  }
}

/** Where the platform itself has refused an item, which knows neither task nor path: what is said of it. */
function explained(wire: LinkWire, { value, moves }: Ready, error: unknown): unknown {
  if (!isRefusal(error) || error.message.startsWith(wire.action)) return error;
  try {
    packed(wire, value, moves);
  } catch (found) {
    return found;
  }
  return dataCloneError(`${wire.action}: ${error.message}`);
}

function packed(
  { isProcess, action, direction }: LinkWire,
  value: unknown,
  moved: readonly Transferred[],
): { packer: Packer; list: unknown[] } {
  const link = { isProcess, mayWait: true, moved };
  const packer = new Packer(link);
  const list = packer.pack([value], (_index, path, what) =>
    cannotCross(`${action}: item${path} is ${what}`, link, direction),
  );
  return { packer, list };
}

function sayTogether(wire: LinkWire, ready: readonly Ready[], cost: number): void {
  const all = new Map<number, Packed>();
  const errors: NonNullable<Items["errors"]>[number][] = [];
  const moves: Transferred[] = [];
  for (const [at, item] of ready.entries()) {
    if (item.packed !== undefined) all.set(at, item.packed);
    if (item.failure !== undefined)
      errors.push({ at, error: encodeError(item.failure.error, { isProcess: wire.isProcess }) });
    for (const moved of item.moves) moves.push(moved);
  }
  const [items, parts] = putIn(
    ready.map(({ value }) => value),
    all,
  );
  wire.say(
    {
      does: "items",
      items,
      ...(cost === items.length ? {} : { cost }),
      ...(errors.length > 0 ? { errors } : {}),
      ...(parts === undefined ? {} : { parts }),
    },
    moves,
  );
}
