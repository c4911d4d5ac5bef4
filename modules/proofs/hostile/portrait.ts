// portrait: a value as text, the same for equal values — by what the platform itself knows it to be, not by what it claims.
//
// Two values are compared by their portraits, one of which was drawn where the value arrived. So this asks brands by the
// platform's own getters, reads nothing of a prototype, and never throws: what cannot be read has a portrait, too.

const typed = Object.getPrototypeOf(Uint8Array.prototype) as object;
const typedTag = getter(typed, Symbol.toStringTag);
const typedLength = getter(typed, "length");
const typedOffset = getter(typed, "byteOffset");
const typedBuffer = getter(typed, "buffer");
const viewLength = getter(DataView.prototype, "byteLength");
const viewOffset = getter(DataView.prototype, "byteOffset");
const viewBuffer = getter(DataView.prototype, "buffer");
const bufferLength = getter(ArrayBuffer.prototype, "byteLength");
const bufferMost = getter(ArrayBuffer.prototype, "maxByteLength");
const bufferResizes = getter(ArrayBuffer.prototype, "resizable");
const mapSize = getter(Map.prototype, "size");
const setSize = getter(Set.prototype, "size");
const regExpSource = getter(RegExp.prototype, "source");
const regExpFlags = getter(RegExp.prototype, "flags");

/** What is not to be seen at once. */
type Pending = Promise<string>;

/** Draws a portrait; a promise of one only where the platform gives away a value's content no sooner. */
export function portrait(value: unknown): string | Promise<string> {
  const pending: Pending[] = [];
  const classOfErrors = Error as { stackTraceLimit?: number };
  const { stackTraceLimit } = classOfErrors;
  // Most brands answer "no" by throwing, which nobody reads: what takes the time is the stack.
  classOfErrors.stackTraceLimit = 0;
  let drawn: string;
  try {
    drawn = draw(value, new Map(), pending);
  } finally {
    if (stackTraceLimit !== undefined) classOfErrors.stackTraceLimit = stackTraceLimit;
  }
  if (pending.length === 0) return drawn;
  return Promise.all(pending).then((contents) => `${drawn} ${contents.join(" ")}`);
}

function draw(value: unknown, seen: Map<object, number>, pending: Pending[]): string {
  switch (typeof value) {
    case "string":
      return text(value);
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "bigint":
      return `${value}n`;
    case "symbol":
      return "symbol";
    case "object":
      if (value !== null) return drawObject(value, seen, pending);
      return "null";
    case "function":
      return "function";
    default:
      return String(value);
  }
}

function drawObject(value: object, seen: Map<object, number>, pending: Pending[]): string {
  const number = seen.get(value);
  if (number !== undefined) return `#${number}`;
  seen.set(value, seen.size);
  const drawn: Draw = (inner) => draw(inner, seen, pending);
  try {
    // No kind of values gives this prototype to what is more than that; and to ask all brands takes its time.
    if (prototypeOf(value) !== Object.prototype) {
      for (const brand of BRANDS) {
        const own = brand(value, drawn, pending);
        if (own !== undefined) return own;
      }
    }
    return fields("Object", value, drawn);
  } catch {
    return "unreadable";
  }
}

/** Undefined for a proxy that does not say. */
function prototypeOf(value: object): unknown {
  try {
    return Object.getPrototypeOf(value);
  } catch {
    return undefined;
  }
}

type Draw = (inner: unknown) => string;
/** Draws what is of its brand, and answers undefined for all else. */
type Brand = (value: object, drawn: Draw, pending: Pending[]) => string | undefined;

const BRANDS: readonly Brand[] = [
  (value, drawn) =>
    Array.isArray(value) ? fields(`Array ${value.length}`, value, drawn) : undefined,
  (value, drawn) => {
    const tag = typedTag?.call(value);
    if (tag === undefined) return undefined;
    return `${tag} ${typedOffset?.call(value)}+${typedLength?.call(value)} of ${drawn(typedBuffer?.call(value))}`;
  },
  (value, drawn) => {
    const buffer = ask(viewBuffer, value);
    if (buffer === undefined) return undefined;
    return `DataView ${ask(viewOffset, value)}+${ask(viewLength, value)} of ${drawn(buffer)}`;
  },
  (value) => {
    if (ask(bufferLength, value) === undefined) return undefined;
    const most = ask(bufferResizes, value) === true ? ` up to ${ask(bufferMost, value)}` : "";
    return `ArrayBuffer${most} ${bytes(new Uint8Array(value as ArrayBuffer))}`;
  },
  (value) => {
    if (typeof SharedArrayBuffer === "undefined") return undefined;
    const length = ask(getter(SharedArrayBuffer.prototype, "byteLength"), value);
    if (length === undefined) return undefined;
    return `SharedArrayBuffer ${bytes(new Uint8Array(value as SharedArrayBuffer))}`;
  },
  (value, drawn) => {
    if (ask(mapSize, value) === undefined) return undefined;
    const pairs: string[] = [];
    Map.prototype.forEach.call(value, (item, key) => pairs.push(`${drawn(key)}=>${drawn(item)}`));
    return `Map(${pairs.join(", ")})`;
  },
  (value, drawn) => {
    if (ask(setSize, value) === undefined) return undefined;
    const items: string[] = [];
    Set.prototype.forEach.call(value, (item) => items.push(drawn(item)));
    return `Set(${items.join(", ")})`;
  },
  (value) => boxed("Date", () => Date.prototype.getTime.call(value)),
  (value) => boxed("Number", () => draw(Number.prototype.valueOf.call(value), new Map(), [])),
  (value) => boxed("String", () => text(String.prototype.valueOf.call(value))),
  (value) => boxed("Boolean", () => Boolean.prototype.valueOf.call(value)),
  (value) => boxed("BigInt", () => BigInt.prototype.valueOf.call(value)),
  (value) => {
    if (value === RegExp.prototype) return undefined;
    const source = ask(regExpSource, value);
    return source === undefined ? undefined : `RegExp /${source}/${ask(regExpFlags, value)}`;
  },
  drawDomException,
  drawError,
  (value, _drawn, pending) => {
    if (typeof Blob === "undefined" || ask(getter(Blob.prototype, "size"), value) === undefined)
      return undefined;
    const blob = value as Blob;
    pending.push(Blob.prototype.text.call(blob).then(text));
    const isFile = typeof File !== "undefined" && blob instanceof File;
    return isFile
      ? `File ${text(blob.name)} ${blob.lastModified} ${text(blob.type)} ${blob.size}`
      : `Blob ${text(blob.type)} ${blob.size}`;
  },
  (value) => platform("URL", value, ["href"]),
  (value) => listed("URLSearchParams", value),
  (value) => listed("Headers", value),
  (value) => platform("CryptoKey", value, ["type", "extractable"]),
  (value) => intl("NumberFormat", value),
  (value) => intl("DateTimeFormat", value),
  (value) => {
    const { WebAssembly: wasm } = globalThis as { WebAssembly?: typeof WebAssembly };
    if (wasm === undefined) return undefined;
    return boxed(
      "WebAssembly.Module",
      () => wasm.Module.exports(value as WebAssembly.Module).length,
    );
  },
  ...OPAQUE(),
];

/** Platform objects that have nothing to show but their kind. */
function OPAQUE(): Brand[] {
  const probes: readonly (readonly [name: string, key: string])[] = [
    ["FormData", "has"],
    ["ReadableStream", "locked"],
    ["WritableStream", "locked"],
    ["TransformStream", "readable"],
    ["AbortSignal", "aborted"],
    ["AbortController", "signal"],
    ["Event", "type"],
    ["Request", "method"],
    ["Response", "status"],
    ["TextDecoder", "encoding"],
  ];
  return probes.map(
    ([name, key]) =>
      (value) =>
        platform(name, value, [key]) && name,
  );
}

/** A `DOMException` is an error to some runtimes, and not to others. */
function drawDomException(value: object): string | undefined {
  if (typeof DOMException === "undefined") return undefined;
  const name = ask(getter(DOMException.prototype, "name"), value);
  if (name === undefined) return undefined;
  const message = ask(getter(DOMException.prototype, "message"), value);
  return `DOMException ${text(String(name))} ${text(String(message))}`;
}

function drawError(value: object, drawn: Draw): string | undefined {
  const { isError } = Error as { isError?: (value: unknown) => boolean };
  // Or made by hand from a class of errors, as was once the custom.
  if (isError?.(value) !== true && !(value instanceof Error)) return undefined;
  const error = value as Error & { errors?: unknown; error?: unknown; suppressed?: unknown };
  const parts = [`Error ${text(String(error.name))} ${text(String(error.message))}`];
  for (const key of ["cause", "errors", "error", "suppressed"] as const) {
    if (Object.hasOwn(error, key)) parts.push(`${key} ${drawn(error[key])}`);
  }
  return parts.join(", ");
}

/** Own fields, as structured clone sees them. */
function fields(name: string, value: object, drawn: Draw): string {
  const parts = Object.keys(value).map(
    (key) => `${text(key)}: ${drawn((value as Record<string, unknown>)[key])}`,
  );
  return `${name} {${parts.join(", ")}}`;
}

function platform(name: string, value: object, keys: readonly string[]): string | undefined {
  const found = (globalThis as Record<string, unknown>)[name] as { prototype: object } | undefined;
  if (found === undefined) return undefined;
  const parts: string[] = [];
  for (const key of keys) {
    const asked = ask(getter(found.prototype, key), value);
    if (asked === undefined) return undefined;
    parts.push(String(asked));
  }
  return `${name} ${parts.join(" ")}`;
}

function listed(name: "URLSearchParams" | "Headers", value: object): string | undefined {
  const found = globalThis[name] as { prototype: { forEach: unknown } } | undefined;
  if (found === undefined) return undefined;
  return boxed(name, () => {
    const pairs: string[] = [];
    const forEach = found.prototype.forEach as (take: (item: string, key: string) => void) => void;
    forEach.call(value, (item, key) => pairs.push(`${text(key)}=${text(item)}`));
    return pairs.join("&");
  });
}

function intl(name: "NumberFormat" | "DateTimeFormat", value: object): string | undefined {
  // biome-ignore lint/suspicious/noExplicitAny: asked of what may be anything
  const { resolvedOptions } = Intl[name].prototype as any;
  return boxed(`Intl.${name}`, () => JSON.stringify(resolvedOptions.call(value)));
}

/** The getter of a prototype, taken before anybody could have laid hands on it. */
function getter(prototype: object, key: string | symbol): (() => unknown) | undefined {
  return Object.getOwnPropertyDescriptor(prototype, key)?.get;
}

/** What a brand's own getter says; undefined where the value is not of that brand. */
function ask(get: (() => unknown) | undefined, value: object): unknown {
  try {
    return get?.call(value);
  } catch {
    return undefined;
  }
}

function boxed(name: string, read: () => unknown): string | undefined {
  try {
    return `${name} ${read()}`;
  } catch {
    return undefined;
  }
}

/** Unit by unit, so that a half of a pair is not lost on the way; what is long by its length, its ends and a sum. */
function text(value: string): string {
  if (value.length <= 200) return JSON.stringify(value);
  let sum = 0;
  for (let at = 0; at < value.length; at++) sum = (Math.imul(sum, 31) + value.charCodeAt(at)) | 0;
  return `text of ${value.length}, ${sum}`;
}

function bytes(all: Uint8Array): string {
  let sum = 0;
  for (const byte of all) sum = (Math.imul(sum, 31) + byte) | 0;
  return `${all.length}:${sum}`;
}
