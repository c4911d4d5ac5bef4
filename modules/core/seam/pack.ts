// Packer: takes values apart that structured clone would not carry whole — into copies it carries, and parts that are put
// in their places on the other side (unpack.ts).
//
// What can be made again there is described: errors, addresses, headers, files. What cannot is refused, with the path that
// leads to it. An error is never refused: what of it cannot cross is told in words, field by field, for what has gone
// wrong must be known whatever it is made of.
//
// A value is copied from top to bottom, each object once, so that two places of one object have one copy. All that is
// user code (getters, a proxy's traps) runs here, once; what is packed are records, lists and leaves, and nothing in them
// runs anything when it is sent.

import {
  bufferBytes,
  bufferOf,
  classesOfArrived,
  classNameOf,
  hasErrorData,
  isArguments,
  isArray,
  isArrayBuffer,
  isClassless,
  isDetached,
  isDomException,
  isError,
  isInstance,
  isOutOfBounds,
  isRevoked,
  isView,
  platformClass,
  platformClassOf,
  prototypesOf,
  RUNTIMES_OWN,
  runtime,
  sizeOfBlob,
  withoutStack,
} from "../brand.ts";
import { dataCloneError } from "../errors.ts";
import {
  contextSlot,
  type HandleBook,
  type RegisteredClass,
  type ShareBook,
} from "../task_context.ts";
import type { Link, Made, Packed, Part, Parts, Refusal, WireError, WireHandle } from "./packed.ts";
import {
  brandOf,
  DEEP,
  forEachOfMap,
  forEachOfSet,
  isCloneable,
  isNestedTooDeeply,
  isSparse,
  weightOfPrimitive,
} from "./plain.ts";

/** The error for what cannot cross. */
export function cannotCross(what: string, { isProcess }: Link, direction = "to"): DOMException {
  const where = isProcess ? "process" : "thread";
  const text = `${what}, which cannot cross ${direction} a ${where}`;
  // Deno keeps the functions of a stack with its error, and with them what the task was given (invariant 8). Nobody misses
  // this one: the calls of a tick are packed at its end.
  return withoutStack(() => dataCloneError(text));
}

/** Whether an error says that something cannot cross. */
export function isRefusal(error: unknown): error is DOMException {
  return isInstance(error, DOMException) && error.name === "DataCloneError";
}

/** Classes whose objects are made again from one argument. */
const MADE: readonly Made[] = ["URL", "URLSearchParams", "Headers"];

/** Of all errors in one message so many cross whole: shared ones would multiply with each cause. */
const MAX_ERRORS = 1000;
/** Errors within errors are followed this deep: beyond is a mistake or an attack, and each stack takes its time. */
const MAX_ERROR_DEPTH = 16;
/** So many steps of a path are told. */
const MAX_STEPS = 16;
/** Instances of registered classes may be within so many of each other. */
const MAX_WITHIN = 100;
/** How much of a text that stands for a value is kept. */
const MAX_TEXT = 1000;

/** Fields of an error that do not show, and matter. */
const HIDDEN_FIELDS = ["cause", "errors", "error", "suppressed"];
const OWN_WORDS = new Set(["name", "message", "stack"]);

/** Where an object was found. */
class Origin {
  /** Undefined for the list of values itself. */
  readonly parent: Origin | undefined;
  /** The step from the parent, as it is read: `.name`, `[3]`. */
  readonly step: string | number;
  readonly depth: number;
  /** Within an error nothing is refused. */
  readonly isLenient: boolean;
  /** Within how many errors. */
  readonly errors: number;
  /** Which of all values of the message it belongs to. */
  readonly owner: number;

  constructor(
    parent: Origin | undefined,
    step: string | number,
    isLenient: boolean,
    errors: number,
    owner: number,
  ) {
    this.parent = parent;
    this.step = step;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
    this.isLenient = isLenient;
    this.errors = errors;
    this.owner = owner;
  }

  static root(step: number, isLenient: boolean, owner: number): Origin {
    return new Origin(undefined, step, isLenient, 0, owner);
  }

  within(step: string | number): Origin {
    return new Origin(this, step, this.isLenient, this.errors, this.owner);
  }

  withinError(step: string): Origin {
    return new Origin(this, step, true, this.errors + 1, this.owner);
  }

  /** Which value of its list this leads to, and by which steps, as they are read. */
  get path(): [index: number, path: string] {
    const steps: string[] = [];
    let at: Origin = this;
    for (; at.parent !== undefined; at = at.parent) steps.push(stepText(at.step));
    steps.reverse();
    if (steps.length > MAX_STEPS) steps.splice(MAX_STEPS, steps.length, "…");
    return [at.step as number, steps.join("")];
  }
}

/** An object that is described by the part of this number. */
class Described {
  readonly part: number;

  constructor(part: number) {
    this.part = part;
  }
}

/** Thrown within, where something is refused: in an error it becomes words. */
class Refused extends Error {}

/** Describes a thrown thing. Never throws, and all it returns can be sent. */
export function encodeError(error: unknown, link: Link): WireError {
  if (typeof error !== "object" && isCloneable(error)) return { kind: "value", value: error };
  try {
    const packer = new Packer(link);
    const list = packer.packThrown(error);
    return { kind: "packed", list, parts: packer.parts };
  } catch {
    return { kind: "value", value: describe(error) };
  }
}

/** Packs lists of values for one message. */
export class Packer {
  readonly #link: Link;
  readonly #copies = new Map<object, object | Described>();
  readonly #parts: Part[] = [];
  readonly #places: [object, string | number, number, number][] = [];
  readonly #filled: [object, unknown[]][] = [];
  readonly #open: (() => void)[] = [];
  /** About how many bytes are copied of each value. */
  readonly #weights: number[] = [];
  #errors = 0;
  /** How many values were packed before this list. */
  #before = 0;
  #isDoubtful = false;
  #refusal: Refusal = (_index, path, what) => cannotCross(`${path} is ${what}`, this.#link);
  #pending: Promise<void>[] | undefined = undefined;

  constructor(link: Link) {
    this.#link = link;
  }

  /** What belongs to the message besides the copies; undefined where that is nothing. */
  get parts(): Parts | undefined {
    if (this.#parts.length === 0 && this.#filled.length === 0) return undefined;
    return { parts: this.#parts, places: this.#places, filled: this.#filled };
  }

  /** Whether only the platform knows if the other side can read it: then it must spoil no other call's message. */
  get isDoubtful(): boolean {
    return this.#isDoubtful;
  }

  /** About how many bytes are copied of the value that was packed as this one of all: each object once, with the first that has it. */
  weightAt(owner: number): number {
    return this.#weights[owner] ?? 0;
  }

  #weigh(origin: Origin, bytes: number): void {
    this.#weights[origin.owner] = this.weightAt(origin.owner) + bytes;
  }

  /** Settles when all that has to be read before the message can go was read; undefined where nothing has. */
  get pending(): Promise<unknown> | undefined {
    return this.#pending && Promise.all(this.#pending);
  }

  /**
   * Returns a copy of a list that can be sent, with `parts`.
   *
   * @throws What `refusal` makes for a value that cannot cross, and what a getter or a proxy in it throws.
   */
  pack(list: readonly unknown[], refusal: Refusal): unknown[] {
    this.#refusal = refusal;
    const copy: unknown[] = [];
    for (let index = 0; index < list.length; index++) {
      this.#put(copy, index, list[index], Origin.root(index, false, this.#before + index));
    }
    this.#drain();
    this.#before += list.length;
    // Fewer objects cannot be nested so deeply.
    if (this.#copies.size > DEEP) this.#assertFlat(copy);
    return copy;
  }

  #assertFlat(copies: readonly unknown[]): void {
    for (const [index, copy] of copies.entries()) {
      if (typeof copy === "object" && copy !== null && isNestedTooDeeply(copy))
        this.#refuse(Origin.root(index, false, index), `nested more than ${DEEP} levels deep`);
    }
  }

  /** Returns a list of the one thing that was thrown: what of it cannot cross is told in words. Never throws. */
  packThrown(thrown: unknown): unknown[] {
    const copy: unknown[] = [];
    this.#put(copy, 0, thrown, Origin.root(0, true, 0));
    this.#drain();
    return copy;
  }

  /** Not recursion: a value may be nested ten thousand deep. */
  #drain(): void {
    for (let next = this.#open.pop(); next !== undefined; next = this.#open.pop()) next();
  }

  /** Puts the copy of a value in its place. */
  #put(holder: object, key: string | number, value: unknown, origin: Origin): void {
    let copy: unknown;
    try {
      copy = this.#copyOf(value, origin);
    } catch (error) {
      if (!origin.isLenient) throw error;
      copy = isInstance(error, Refused) ? error.message : unreadable(error);
    }
    if (copy instanceof Described) {
      this.#places.push([holder, key, copy.part, origin.owner]);
      copy = undefined;
    }
    setField(holder, key, copy);
  }

  #copyOf(value: unknown, origin: Origin): unknown {
    if (typeof value === "function") return this.#refuse(origin, "a function");
    if (typeof value === "symbol") {
      if (origin.isLenient) return describe(value);
      return this.#refuse(origin, "a symbol");
    }
    if (typeof value !== "object" || value === null) {
      this.#weigh(origin, weightOfPrimitive(value));
      return value;
    }
    const known = this.#copies.get(value);
    // A handle that is an argument may be within another one, too, where it is refused.
    if (known !== undefined && (origin.parent === undefined || !this.#isHandle(known)))
      return known;
    if (origin.depth > DEEP && origin.isLenient) return "(nested too deeply)";
    if (isRevoked(value)) return this.#refuse(origin, "a proxy that was revoked");
    if (!origin.isLenient && runtime.isProxy?.(value) === true)
      return this.#refuse(origin, "a proxy");
    if (this.#link.isProcess === false && this.#link.moved?.includes(value) === true) return value;
    const registered = contextSlot.classes?.byPrototype.get(Object.getPrototypeOf(value) ?? value);
    if (registered !== undefined) return this.#instance(value, registered, origin);
    return this.#copyOfObject(value, origin);
  }

  #copyOfObject(value: object, origin: Origin): unknown {
    if (isArray(value)) return this.#copyOfList(value, origin);
    if (isView(value)) return this.#view(value, origin);
    if (hasErrorData(value)) return this.#error(value as Error, origin);
    switch (brandOf(value)) {
      case "map":
        return this.#copyOfMap(value, origin);
      case "set":
        return this.#copyOfSet(value, origin);
      case "buffer":
        return this.#leaf(value, value as ArrayBufferLike, origin);
      case "leaf":
        return value;
    }
    if (contextSlot.handles?.has(value) === true) return this.#handle(value, origin);
    if (contextSlot.shares?.has(value) === true) return this.#shared(value, origin);
    // Not before: a date stays one, whatever prototype it was given.
    if (isError(value)) return this.#error(value, origin);
    const platform = platformClassOf(value);
    if (platform !== undefined) return this.#copyOfPlatform(value, platform, origin);
    return this.#copyOfRecord(value, origin);
  }

  #view(view: ArrayBufferView, origin: Origin): object | string {
    // Its buffer has become too small for it: there is nothing that it shows.
    if (isOutOfBounds(view)) return this.#refuse(origin, `${nameOf(view)} beyond its memory`);
    return this.#leaf(view, bufferOf(view), origin);
  }

  /** Bytes, which are sent as they are. */
  #leaf(value: object, buffer: ArrayBufferLike, origin: Origin): object | string {
    if (!isArrayBuffer(buffer)) {
      // A copy of shared memory is no better than an empty one.
      return this.#link.isProcess ? this.#refuse(origin, nameOf(value, buffer)) : value;
    }
    if (!isDetached(buffer)) {
      this.#weigh(origin, bufferBytes(buffer));
      return value;
    }
    return this.#refuse(origin, `${nameOf(value)} whose memory was moved away`);
  }

  #copyOfList(list: readonly unknown[], origin: Origin): unknown[] | Described {
    if (isSparse(list)) {
      const [elements, keys] = [{}, Object.keys(list)];
      this.#later(() => this.#copyFields(list, keys, elements, origin));
      return this.#describe(list, { kind: "list", length: list.length, elements });
    }
    const copy: unknown[] = [];
    this.#copies.set(list, copy);
    const { length } = list;
    const keys = Object.keys(list);
    this.#later(() => {
      this.#copyFields(list, keys, copy, origin);
      // As long as the list, which may end with holes. Not before, or the engine would take the copy for full of them.
      if (copy.length < length) copy.length = length;
    });
    return copy;
  }

  #copyOfRecord(value: object, origin: Origin): unknown {
    const keys = Object.keys(value);
    const isOfClass = !isClassless(value);
    if (!isOfClass && isArguments(value)) return this.#refuse(origin, "an arguments object");
    const temporal = isOfClass && keys.length === 0 ? temporalFrom(value) : undefined;
    if (temporal !== undefined) return this.#describe(value, temporal);
    if (isOfClass ? keys.length === 0 : keys.length === 0 && Reflect.ownKeys(value).length > 0) {
      return this.#asPlatformDoes(value, origin, `${nameOf(value)} without fields of its own`);
    }
    if (isOfClass && Object.getOwnPropertySymbols(value).length > 0) {
      return this.#asPlatformDoes(
        value,
        origin,
        `${nameOf(value)} that keeps more than its fields`,
      );
    }
    const copy = {};
    this.#copies.set(value, copy);
    this.#later(() => this.#copyFields(value, keys, copy, origin));
    return copy;
  }

  #copyFields(source: object, keys: readonly string[], copy: object, origin: Origin): void {
    const isList = isArray(source);
    for (const key of keys) {
      let value: unknown;
      try {
        // Getters are run here, as structured clone does: once.
        value = (source as Record<string, unknown>)[key];
      } catch (error) {
        if (!origin.isLenient) throw error;
        value = unreadable(error);
      }
      if (isPrimitive(value)) {
        this.#weigh(origin, weightOfPrimitive(value));
        setField(copy, key, value);
        continue;
      }
      const step = isList && String(Number(key)) === key ? Number(key) : key;
      this.#put(copy, key, value, origin.within(step));
    }
  }

  #copyOfMap(map: object, origin: Origin): Map<unknown, unknown> {
    const copy = new Map<unknown, unknown>();
    this.#copies.set(map, copy);
    const entries: unknown[][] = [];
    this.#filled.push([copy, entries]);
    const all: [unknown, unknown][] = [];
    forEachOfMap(map, (value, key) => all.push([key, value]));
    this.#later(() => {
      for (const [key, value] of all) {
        const entry: unknown[] = [];
        entries.push(entry);
        const at = typeof key === "string" ? JSON.stringify(key) : describe(key);
        this.#put(entry, 0, key, origin.within(`.keys()[${entries.length - 1}]`));
        this.#put(entry, 1, value, origin.within(`.get(${at})`));
      }
    });
    return copy;
  }

  #copyOfSet(set: object, origin: Origin): Set<unknown> {
    const copy = new Set<unknown>();
    this.#copies.set(set, copy);
    const items: unknown[] = [];
    this.#filled.push([copy, items]);
    const all: unknown[] = [];
    forEachOfSet(set, (value) => all.push(value));
    this.#later(() => {
      for (const [index, value] of all.entries()) {
        this.#put(items, index, value, origin.within(`.values()[${index}]`));
      }
    });
    return copy;
  }

  #copyOfPlatform(value: object, platform: string, origin: Origin): unknown {
    if (platform === "DOMException" && isDomException(value)) return this.#error(value, origin);
    const made = MADE.find((name) => name === platform);
    const from = made && madeFrom(made, value);
    const isBlob = (platform === "Blob" || platform === "File") && sizeOfBlob(value) !== undefined;
    // What is made again has what its class gives it, and no more.
    // Node 24 shows in a blob of `openAsBlob` who made it.
    const isFurther = (name: string) => !(isBlob && name === "constructor");
    if ((isBlob || from !== undefined) && Object.keys(value).some(isFurther))
      return this.#refuse(origin, `${nameOf(value)} with further fields`);
    if (made !== undefined && from !== undefined) {
      return this.#describe(value, { kind: "made", of: made, from });
    }
    if (isBlob) {
      const blob = this.#copyOfBlob(value as Blob, platform, origin);
      if (blob !== undefined) return blob;
    }
    return this.#asPlatformDoes(value, origin, nameOf(value));
  }

  /** A thread has the platform's own clone, where that knows the class. */
  #asPlatformDoes(value: object, origin: Origin, what: string): unknown {
    if (this.#link.isProcess || !isKeptByPlatform(value)) return this.#refuse(origin, what);
    this.#isDoubtful = true;
    return value;
  }

  #copyOfBlob(value: Blob, platform: string, origin: Origin): Described | undefined {
    const { isProcess, mayWait = false } = this.#link;
    if (isProcess ? origin.isLenient || !mayWait : platform === "Blob" || isKeptByPlatform(value))
      return undefined;
    const part = partOfBlob(value, isProcess);
    if (isProcess) {
      const refused = this.#refusalOf(origin, `${nameOf(value)} whose bytes cannot be read`);
      this.#pending ??= [];
      this.#pending.push(readInto(part, value, refused));
    }
    return this.#describe(value, part);
  }

  #error(error: Error, origin: Origin): unknown {
    if (origin.errors >= MAX_ERROR_DEPTH || ++this.#errors > MAX_ERRORS) return describe(error);
    const fields: [string, unknown, boolean][] = [];
    const described = this.#describe(error, {
      kind: "error",
      classes: classesOf(error),
      name: wordOf(error, "name") ?? "Error",
      message: wordOf(error, "message") ?? "",
      stack: wordOf(error, "stack") ?? "",
      fields,
    });
    this.#later(() => {
      for (const [key, isShown] of fieldsOf(error)) {
        const field: [string, unknown, boolean] = [key, undefined, isShown];
        fields.push(field);
        const { value, failure } = read(error, key);
        this.#put(field, 1, failure === undefined ? value : failure, origin.withinError(key));
      }
    });
    return described;
  }

  #describe(value: object, part: Part): Described {
    const described = new Described(this.#parts.push(part) - 1);
    this.#copies.set(value, described);
    return described;
  }

  #later(copy: () => void): void {
    this.#open.push(copy);
  }

  #isHandle(copy: object | Described): boolean {
    return copy instanceof Described && this.#parts[copy.part]?.kind === "handle";
  }

  /** Who is given one is a call, or all calls of a worker: within another value nobody would know who. */
  #handle(handle: object, origin: Origin): Described | string {
    if (origin.isLenient) return "(a handle, which cannot cross here)";
    let wire: WireHandle;
    try {
      wire = (contextSlot.handles as HandleBook).describe(handle, this.#link.isProcess);
    } catch (error) {
      throw this.#refusedHandle(origin, (error as Error).message);
    }
    const what = `${wire.kind} "${wire.name}"`;
    if (origin.parent !== undefined)
      throw this.#refusedHandle(origin, `${what}: it can cross only as an argument of its own`);
    if (this.#link.takesHandles !== true)
      throw this.#refusedHandle(origin, `${what}: it can be given to a task, and not sent`);
    return this.#describe(handle, { kind: "handle", wire });
  }

  /**
   * What an instance says of itself is packed apart from all else: it is whole before the instance is made of it. The other side
   * may have to load what knows the class, so it travels alone.
   */
  #instance(value: object, { name, toWire }: RegisteredClass, origin: Origin): Described {
    const within = this.#link.within ?? [];
    if (within.includes(value))
      this.#refuse(origin, `an instance of ${name} that is made of itself`);
    if (within.length >= MAX_WITHIN)
      this.#refuse(origin, `nested in more than ${MAX_WITHIN} instances`);
    this.#isDoubtful = true;
    const { takesHandles: _, ...link } = this.#link;
    const packer = new Packer({ ...link, within: [...within, value] });
    let list: unknown[];
    if (origin.isLenient) list = packer.packThrown(wordsOf(() => toWire(value)));
    else {
      const [index, path] = origin.path;
      list = packer.pack([toWire(value)], (_index, rest, what) =>
        this.#refusal(index, `${path}.toWire()${rest}`, what),
      );
    }
    if (packer.pending !== undefined) {
      this.#pending ??= [];
      this.#pending.push(packer.pending.then(() => {}));
    }
    return this.#describe(value, {
      kind: "instance",
      of: name,
      wire: { list, parts: packer.parts },
    });
  }

  #shared(shared: object, origin: Origin): Described | string {
    if (origin.isLenient) return "(a shared value, which cannot cross here)";
    if (origin.parent !== undefined)
      throw this.#refusedHandle(
        origin,
        "a shared value: it can cross only as an argument of its own",
      );
    const { isProcess, takesHandles, holdings } = this.#link;
    if (takesHandles !== true)
      throw this.#refusedHandle(origin, "a shared value: it can be given to a task, and not sent");
    if (holdings === undefined)
      throw this.#refusedHandle(
        origin,
        "a shared value: give the value, which crosses once as it is",
      );
    const { shares } = contextSlot;
    const refuse = (what: string) =>
      what.endsWith("disposed of")
        ? this.#refusedHandle(origin, what)
        : this.#refusalOf(origin, what);
    const wire = (shares as ShareBook).describe(shared, { isProcess, holdings }, refuse);
    return this.#describe(shared, { kind: "handle", wire });
  }

  #refusedHandle(origin: Origin, what: string): TypeError {
    const { message } = this.#refusalOf(origin, what);
    return new TypeError(message.replace(/, which cannot cross [^,]*$/, ""));
  }

  #refuse(origin: Origin, what: string): never {
    const where = this.#link.isProcess ? "process" : "thread";
    if (origin.isLenient) throw new Refused(`(${what}, which cannot cross to a ${where})`);
    throw this.#refusalOf(origin, what);
  }

  #refusalOf(origin: Origin, what: string): Error {
    return this.#refusal(...origin.path, what);
  }
}

/** What is its own copy, and crosses. */
function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== "object" && isCloneable(value));
}

/** Gives a copy a field of its own, whatever somebody has put on the prototype of all objects. */
function setField(holder: object, key: string | number, value: unknown): void {
  if (!(key in holder)) {
    (holder as Record<string | number, unknown>)[key] = value;
    return;
  }
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function stepText(step: string | number): string {
  if (typeof step === "number") return `[${step}]`;
  if (step.startsWith(".get(") || /^\.(keys|values)\(\)/.test(step)) return step;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step)
    ? `.${step}`
    : `[${JSON.stringify(step)}]`;
}

/** Puts values that were taken apart each by itself into one list; returns it, and all that belongs to it. */
export function putIn(
  values: readonly unknown[],
  packed: ReadonlyMap<number, Packed>,
): [list: unknown[], parts: Parts | undefined] {
  const list = [...values];
  const all: Part[] = [];
  const places: Parts["places"][number][] = [];
  const filled: Parts["filled"][number][] = [];
  for (const [index, { list: own, parts }] of packed) {
    list[index] = own[0];
    if (parts === undefined) continue;
    for (const [holder, key, part] of parts.places) {
      const at = part + all.length;
      places.push(holder === own ? [list, index, at, index] : [holder, key, at, index]);
    }
    // One by one: there may be more than a call can have arguments.
    for (const part of parts.parts) all.push(part);
    for (const each of parts.filled) filled.push(each);
  }
  const isEmpty = all.length === 0 && filled.length === 0;
  return [list, isEmpty ? undefined : { parts: all, places, filled }];
}

/** What a value is, for people: "a Blob". */
function nameOf(value: object, of: object = value): string {
  let name: string | undefined;
  try {
    name =
      platformClassOf(of) ??
      prototypesOf(of)
        .map(classNameOf)
        .find((found) => found !== undefined);
  } catch {
    return "a proxy";
  }
  if (name === undefined) return "an object";
  const article = /^[AEIOU]/.test(name) && !/^(U[A-Z]|Uint|UR)/.test(name) ? "an" : "a";
  return of === value ? `${article} ${name}` : `a view of ${article} ${name}`;
}

/** What an object of such a class is made from; undefined for what only pretends to be one. */
function madeFrom(name: Made, value: object): unknown {
  const prototype = platformClass(name)?.prototype;
  try {
    if (prototype === undefined) return undefined;
    if (name === "URL") return Object.getOwnPropertyDescriptor(prototype, "href")?.get?.call(value);
    const intrinsic = prototype as URLSearchParams & Headers;
    if (name === "URLSearchParams") return intrinsic.toString.call(value);
    const entries: [string, string][] = [];
    intrinsic.forEach.call(value as Headers, (item, key) => entries.push([key, item]));
    return entries;
  } catch {
    return undefined;
  }
}

/** Classes of `Temporal` whose objects are made again from what they are written as. */
const OF_TEMPORAL = [
  "Instant",
  "ZonedDateTime",
  "PlainDate",
  "PlainTime",
  "PlainDateTime",
  "PlainYearMonth",
  "PlainMonthDay",
  "Duration",
];

/** Describes an object of `Temporal`, where the platform has that; undefined for what only pretends to be one. */
function temporalFrom(value: object): (Part & { kind: "made" }) | undefined {
  const { Temporal } = globalThis as unknown as {
    Temporal?: Record<string, { prototype: object }>;
  };
  if (Temporal === undefined) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  const name = OF_TEMPORAL.find((one) => Temporal[one]?.prototype === prototype);
  if (name === undefined) return undefined;
  try {
    return {
      kind: "made",
      of: `Temporal.${name}`,
      from: (prototype as object).toString.call(value),
    };
  } catch {
    return undefined;
  }
}

/** What a function returns; what it throws, in words. */
function wordsOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return unreadable(error);
  }
}

/** Describes a file: between processes its content is still to be read. */
function partOfBlob(value: Blob, isProcess: boolean): Part & { kind: "blob" } {
  const { type } = value;
  const { name, lastModified } = value as File;
  // Not by the class: Bun has one for both.
  const isFile = typeof name === "string" && typeof lastModified === "number";
  return {
    kind: "blob",
    // Some platforms make a blob without a name of a file: its content is one.
    content: isProcess ? undefined : new Blob([value], { type }),
    type,
    ...(isFile ? { name, lastModified } : {}),
  };
}

/** Reads a blob by the platform's own method; throws `refused` where that fails. */
async function readInto(part: Part & { kind: "blob" }, blob: Blob, refused: Error): Promise<void> {
  const prototype = platformClass("Blob")?.prototype as Blob;
  try {
    part.content = new Uint8Array(await prototype.arrayBuffer.call(blob));
  } catch (cause) {
    throw Object.assign(refused, { cause });
  }
}

/** Whether the platform's clone of an object is of the same class. */
function isKeptByPlatform(value: object): boolean {
  try {
    if (isClassless(value)) return false;
    return Object.getPrototypeOf(structuredClone(value)) === Object.getPrototypeOf(value);
  } catch {
    return false;
  }
}

function classesOf(error: Error): readonly string[] {
  const arrivedAs = classesOfArrived.get(error);
  if (arrivedAs !== undefined) return arrivedAs;
  try {
    return prototypesOf(error).flatMap((prototype) => {
      const name = classNameOf(prototype);
      if (name === undefined) return [];
      const own = runtime.errorClass?.(name) as { prototype: object } | undefined;
      return own?.prototype === prototype ? RUNTIMES_OWN + name : name;
    });
  } catch {
    return [];
  }
}

/** The names of an error's fields, and whether each shows. */
function fieldsOf(error: Error): [name: string, isShown: boolean][] {
  try {
    // Not what every error has as a method, for words in the place of `toString` could not be called.
    const shown = Object.keys(error).filter(
      (key) => !OWN_WORDS.has(key) && !(key in Error.prototype),
    );
    const hidden = HIDDEN_FIELDS.filter((key) => !shown.includes(key) && Object.hasOwn(error, key));
    return [
      ...shown.map((key): [string, boolean] => [key, true]),
      ...hidden.map((key): [string, boolean] => [key, false]),
    ];
  } catch {
    return [];
  }
}

function wordOf(error: Error, key: string): string | undefined {
  const { value, failure } = read(error, key);
  if (failure !== undefined) return failure;
  return value === undefined || typeof value === "string" ? value : describe(value);
}

/** Reads a property that may be a getter that throws. */
function read(target: object, key: string): { value?: unknown; failure?: string } {
  try {
    return { value: (target as Record<string, unknown>)[key] };
  } catch (error) {
    return { failure: unreadable(error) };
  }
}

function unreadable(error: unknown): string {
  return `(cannot be read: ${describe(error)})`;
}

/** A value in words. Never throws. */
export function describe(value: unknown): string {
  try {
    return String(value).slice(0, MAX_TEXT);
  } catch {
    return "(an object that cannot be shown)";
  }
}
