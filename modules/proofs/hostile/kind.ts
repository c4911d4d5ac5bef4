// What kinds of hostile values are made of: what a kind is, and what several of them need to be made.
//
// Makers take chance and nothing else, so the same seed makes an equal value here and in a worker: most of these cannot cross.

/** What must come of a value on executors that copy. Where values pass by reference, every one arrives. */
export type Fate =
  /** It arrives whole, everywhere. */
  | "whole"
  /** It is refused, everywhere. */
  | "refused"
  /** Whole, or refused: never anything else. */
  | "either"
  /** Whole, or what structured clone makes of it, or refused. */
  | "cloned"
  /** Whole where workers are threads, refused where they are processes. */
  | "shared";

/** One kind of values. */
export interface Kind {
  readonly fate: Fate;
  /** Answers undefined where the platform has no such thing. */
  readonly make: (random: () => number) => unknown;
}

/** What hostile code throws. Its message says so. */
export class HostileError extends RangeError {
  override name = "HostileError";
}

/** What a value does that calls back in while the host looks at it. Whoever plays with such values says what. */
export const touch: { by: (() => void) | undefined } = { by: undefined };

export function rage(): never {
  throw new HostileError("hostile");
}

/** Describes a field whose getter throws. */
export const RAGING = { get: rage, enumerable: true, configurable: true };

/** So many bytes, by chance. */
export const bytesOf = (random: () => number, length: number) =>
  Uint8Array.from({ length }, () => random() * 256);

/** One of several, by chance. */
export const pick = <T>(random: () => number, of: readonly T[]): T =>
  of[Math.floor(random() * of.length)] as T;

/** A proxy that was revoked. */
export const revoked = (target: object) => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};

/** Gives an object a field of its own, whatever it has inherited. */
export const withOwn = (target: object, name: PropertyKey, descriptor: PropertyDescriptor) =>
  Object.defineProperty(target, name, { configurable: true, ...descriptor });

/** A global of the platform, if it has it. */
// biome-ignore lint/suspicious/noExplicitAny: whatever it is, it is only made
export const global = (name: string): any => (globalThis as Record<string, unknown>)[name];

/** What a class of the platform makes; undefined where there is no such class. */
export const made = (name: string, ...args: unknown[]): unknown => {
  const found = global(name);
  return typeof found === "function" ? new found(...args) : undefined;
};

/** The classes of typed arrays. */
export const TYPED = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

/** A typed array of any class, of bytes that are its own but for `extra` elements. */
export const typedOf = (random: () => number, extra = 0) => {
  const Typed = pick(random, TYPED);
  const count = Math.floor(random() * 9);
  const buffer = bytesOf(random, (count + extra) * Typed.BYTES_PER_ELEMENT).buffer;
  return new Typed(buffer, Math.min(extra, 1) * Typed.BYTES_PER_ELEMENT, count);
};

/** Its bytes are its own, so that nothing but its strangeness keeps it from the shortest way. */
export const six = () => Uint8Array.of(1, 2, 3, 4, 5, 6);
