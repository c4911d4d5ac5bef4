// Transfer lists, right and wrong: each a name, the value they come with, and what must come of a call that has one.

import { seeded } from "../../testing/seeded.ts";
import { rage } from "./kind.ts";
import { KINDS } from "./kinds.ts";

/** A value and the list of what is to be moved with it. */
export interface Move {
  readonly value: unknown;
  /** A list as a rule; anything, or a function that gives it. */
  readonly list: unknown;
  /** What is gone afterwards if it was moved, and is still here if it was refused. */
  readonly buffers?: readonly ArrayBuffer[];
}

interface ListKind {
  /** `moved`: it must be, wherever buffers can be moved. */
  readonly fate: "moved" | "refused" | "either";
  make(random: () => number): Move;
}

const bytes = () => Uint8Array.of(1, 2, 3, 4);
const own = (value = bytes()): Move => ({ value, list: [value.buffer], buffers: [value.buffer] });
/** A list that holds what can be moved, and one thing more that spoils it. */
const spoilt = (...more: unknown[]): Move => {
  const value = bytes();
  return { value, list: [value.buffer, ...more], buffers: [value.buffer] };
};
const by = (wrap: (list: unknown[]) => unknown): Move => {
  const { value, list, buffers = [] } = own();
  return { value, list: wrap(list as unknown[]), buffers };
};
const kind = (name: string) => KINDS[name]?.make(seeded(1));

/** All lists, by name. */
export const LISTS: Readonly<Record<string, ListKind>> = {
  own: { fate: "moved", make: () => own() },
  "own-large": { fate: "moved", make: () => own(new Uint8Array(200_000).fill(7)) },
  two: {
    fate: "moved",
    make: () => {
      const [a, b] = [bytes(), new Float64Array(3)];
      return { value: [a, { b }], list: [b.buffer, a.buffer], buffers: [a.buffer, b.buffer] };
    },
  },
  part: {
    fate: "moved",
    make: () => {
      const buffer = new ArrayBuffer(16);
      return { value: new Uint8Array(buffer, 4, 4), list: [buffer], buffers: [buffer] };
    },
  },
  unrelated: {
    fate: "moved",
    make: () => {
      const buffer = new ArrayBuffer(8);
      return { value: 5, list: [buffer], buffers: [buffer] };
    },
  },
  empty: { fate: "moved", make: () => ({ value: bytes(), list: [] }) },
  given: { fate: "moved", make: () => by((list) => () => list) },
  resizable: {
    fate: "either",
    make: () => {
      const buffer = new ArrayBuffer(8, { maxByteLength: 16 });
      return { value: new Uint8Array(buffer), list: [buffer] };
    },
  },
  view: { fate: "refused", make: () => ({ value: 1, list: [bytes()] }) },
  "view-too": { fate: "refused", make: () => spoilt(bytes()) },
  "same-twice": {
    fate: "refused",
    make: () => {
      const value = bytes();
      return { value, list: [value.buffer, value.buffer], buffers: [value.buffer] };
    },
  },
  string: { fate: "refused", make: () => spoilt("buffer") },
  number: { fate: "refused", make: () => spoilt(5) },
  nothing: { fate: "refused", make: (random) => spoilt(random() < 0.5 ? null : undefined) },
  object: { fate: "refused", make: () => spoilt({}) },
  symbol: { fate: "refused", make: () => spoilt(Symbol("s")) },
  function: { fate: "refused", make: () => spoilt(() => {}) },
  detached: { fate: "refused", make: () => spoilt(kind("detached")) },
  shared: { fate: "refused", make: () => spoilt(kind("shared") ?? 1) },
  "wasm-memory": {
    fate: "refused",
    make: () => spoilt(new WebAssembly.Memory({ initial: 1 }).buffer),
  },
  "wasm-own": {
    fate: "refused",
    make: () => {
      const { buffer } = new WebAssembly.Memory({ initial: 1 });
      return { value: new Uint8Array(buffer, 0, 4), list: [buffer] };
    },
  },
  "false-buffer": { fate: "refused", make: () => spoilt(Object.create(ArrayBuffer.prototype)) },
  "buffer-proxy": { fate: "refused", make: () => spoilt(new Proxy(new ArrayBuffer(4), {})) },
  revoked: { fate: "refused", make: () => spoilt(kind("revoked")) },
  "raging-proxy": { fate: "refused", make: () => spoilt(kind("raging-proxy")) },
  "raging-buffer": {
    fate: "either",
    make: (random) => {
      const value = bytes();
      const names = ["byteLength", "transfer", "resizable", "detached", "constructor", "slice"];
      Object.defineProperty(value.buffer, names[Math.floor(random() * names.length)] as string, {
        get: rage,
      });
      return { value, list: [value.buffer] };
    },
  },
  "buffer-without-prototype": {
    fate: "either",
    make: () => {
      const value = bytes();
      return { value, list: [Object.setPrototypeOf(value.buffer, null)] };
    },
  },
  "wrong-view": {
    fate: "either",
    make: () => {
      const value = Object.setPrototypeOf(bytes(), Float64Array.prototype);
      return { value, list: [value.buffer] };
    },
  },
  "lying-view": {
    fate: "either",
    make: () => {
      const value = Object.defineProperty(bytes(), "buffer", { value: new ArrayBuffer(99) });
      return { value, list: [value.buffer] };
    },
  },
  "raging-view": {
    fate: "refused",
    make: () => {
      const buffer = new ArrayBuffer(8);
      return {
        value: {
          get buffer() {
            return rage();
          },
        },
        list: [buffer],
        buffers: [buffer],
      };
    },
  },
  "refused-value": {
    fate: "refused",
    make: () => {
      const buffer = new ArrayBuffer(8);
      return { value: { buffer, run() {} }, list: [buffer], buffers: [buffer] };
    },
  },
  port: {
    fate: "either",
    make: () => {
      const { port1, port2 } = new MessageChannel();
      port2.close();
      return { value: 1, list: [port1] };
    },
  },
  hole: { fate: "refused", make: () => ({ value: 1, list: new Array(2) }) },
  "raging-element": {
    fate: "refused",
    make: () => ({ value: 1, list: Object.defineProperty([], 0, { get: rage, enumerable: true }) }),
  },
  "raging-list": {
    fate: "either",
    make: () => by((list) => Object.assign(list, { [Symbol.iterator]: rage })),
  },
  "raging-list-methods": {
    fate: "either",
    make: () =>
      by((list) => {
        for (const name of [
          "entries",
          "indexOf",
          "some",
          "map",
          "filter",
          "every",
          "forEach",
          "includes",
        ])
          Object.defineProperty(list, name, { get: rage });
        return list;
      }),
  },
  "list-proxy": { fate: "either", make: () => by((list) => new Proxy(list, {})) },
  "revoked-list": { fate: "refused", make: () => ({ value: 1, list: kind("revoked-array") }) },
  "given-none": {
    fate: "either",
    make: (random) => by(() => () => (random() < 0.5 ? null : undefined)),
  },
  "given-string": { fate: "refused", make: () => by(() => () => "list") },
  "given-number": { fate: "refused", make: () => by(() => () => 5) },
  "given-rage": { fate: "refused", make: () => by(() => rage) },
  "given-undefined-thrown": {
    fate: "refused",
    make: () =>
      by(() => () => {
        throw undefined;
      }),
  },
  "given-revoked": { fate: "refused", make: () => by(() => () => kind("revoked-array")) },
  "given-promise": { fate: "refused", make: () => by((list) => () => Promise.resolve(list)) },
  "given-like": { fate: "either", make: () => by((list) => () => ({ length: 1, 0: list[0] })) },
  "given-set": { fate: "either", make: () => by((list) => () => new Set(list)) },
  "given-endless": {
    fate: "refused",
    make: () => by(() => () => ({ length: 2 ** 32, [Symbol.iterator]: rage })),
  },
};

export const listNames: readonly string[] = Object.keys(LISTS);

/** Makes a value and its list by `name:seed`. */
export function makeMove(recipe: string): Move {
  const [name = "", seed] = recipe.split(":");
  return (LISTS[name] as ListKind).make(seeded(Number(seed)));
}

/** What must come of it. */
export function fateOfMove(recipe: string): ListKind["fate"] {
  const [name = ""] = recipe.split(":");
  return (LISTS[name] as ListKind).fate;
}
