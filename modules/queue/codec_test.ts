// Tests of the codec: what arrives is what arrives between processes, and a hostile text does nothing but be refused.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import { Packer } from "../core/seam/pack.ts";
import { unpack } from "../core/seam/unpack.ts";
import { Money, Order } from "../testing/fixtures/money.ts";
import { specimens, tellOf } from "../testing/fixtures/specimens.ts";
import { decodeText, decodeThrown, encodeText, encodeThrown } from "./codec.ts";
import { PayloadTooLargeError } from "./errors.ts";
import { isSigned, type SigningKey, signatureOf } from "./signature.ts";

/** How many texts are made up: a million are tried by hand, `FUTURES_FUZZ=1000000`. */
const RUNS = Number(process.env.FUTURES_FUZZ ?? 3_000);

const LIMITS = { maxLength: 2 ** 20 };

const told = (_index: number, path: string, what: string) => new TypeError(`${path} is ${what}`);

test("encodeText() carries and refuses each kind of value as a link between processes does", async () => {
  for (const { name, make } of specimens) {
    for (const isNested of [false, true]) {
      let value: unknown;
      try {
        value = isNested ? { deep: [new Map([["key", make()]])] } : make();
      } catch {
        continue; // This runtime has none.
      }
      const see = (list: readonly unknown[]) => {
        const [got] = list as [{ deep: [Map<string, unknown>] }];
        return tellOf(name, isNested ? got.deep[0].get("key") : got);
      };
      const byText = await outcomeOf(async () =>
        see(decodeText(await encodeText([value], { ...LIMITS, refusal: told }), LIMITS)),
      );
      const byLink = await outcomeOf(async () => see(await crossed([value])));
      assert.equal(byText, byLink, name);
    }
  }
});

/** What comes of values between processes, by the core alone. */
async function crossed(values: unknown[]): Promise<readonly unknown[]> {
  const packer = new Packer({ isProcess: true, mayWait: true });
  const list = packer.pack(values, told);
  await packer.pending;
  const copy = structuredClone({ list, parts: packer.parts });
  if (copy.parts !== undefined) unpack(copy.parts);
  return copy.list;
}

async function outcomeOf(attempt: () => Promise<string>): Promise<string> {
  try {
    return await attempt();
  } catch (error) {
    return `refused: ${(error as Error).message}`;
  }
}

test("encodeText() carries instances of registered classes, also within each other, and nothing that only says so", async () => {
  const price = new Money(7n);
  const order = new Order(price, new Map([["one", price]]));
  const text = await encodeText([{ deep: [order] }, price], LIMITS);
  const [{ deep }, own] = decodeText(text, LIMITS) as [{ deep: [Order] }, Money];
  assert.ok(deep[0] instanceof Order && deep[0].parts.get("one") instanceof Money);
  assert.deepEqual([deep[0].total.cents, own.cents], [7n, 7n]);
  for (const [from, to] of [
    ["money/Order", "nobody knows this"],
    ['"instance"', '"handle"'],
    ['"wire"', '"else"'],
  ] as const)
    assert.throws(() => decodeText(text.replace(from, to), LIMITS), TypeError, from);
});

test("encodeText() keeps what is one thing in two places, and copies at once", async () => {
  const shared = { n: 1 };
  const bytes = Uint8Array.of(1, 2, 3, 4);
  const views = [bytes.subarray(0, 2), bytes.subarray(2)];
  const file = new File(["text"], "a.txt");
  const text = encodeText([shared, [shared], views, file], LIMITS);
  shared.n = 2;
  bytes[0] = 9;
  const [first, [again], [low, high], read] = decodeText(await text, LIMITS) as [
    { n: number },
    [{ n: number }],
    [Uint8Array, Uint8Array],
    File,
  ];
  assert.equal(first.n, 1);
  assert.equal(again, first);
  assert.deepEqual([...low, ...high], [1, 2, 3, 4]);
  assert.equal(low.buffer, high.buffer);
  assert.deepEqual([read.name, await read.text()], ["a.txt", "text"]);
});

test("encodeThrown() keeps class, cause, fields and errors over two hops", () => {
  const cause = Object.assign(new RangeError("inner"), { code: "E_INNER" });
  const error = Object.assign(new AggregateError([new TypeError("one"), 2], "both", { cause }), {
    n: 1n,
  });
  const once = decodeThrown(encodeThrown(error, LIMITS), LIMITS);
  const twice = decodeThrown(encodeThrown(once, LIMITS), LIMITS) as AggregateError & { n: bigint };
  assert(twice instanceof AggregateError);
  assert.deepEqual([twice.message, twice.n], ["both", 1n]);
  assert(twice.errors[0] instanceof TypeError);
  assert(twice.cause instanceof RangeError);
  assert.equal((twice.cause as RangeError & { code: string }).code, "E_INNER");
  for (const primitive of [undefined, 0, "text", null])
    assert.equal(decodeThrown(encodeThrown(primitive, LIMITS), LIMITS), primitive);
});

test("encodeThrown() never throws: of an error that is too large it tells that it is", () => {
  const large = new RangeError("x".repeat(10_000));
  const got = decodeThrown(encodeThrown(large, { maxLength: 2_000 }), LIMITS);
  assert(got instanceof PayloadTooLargeError);
  assert.match(
    got.message,
    /^Cannot send error "RangeError: x{100,}": .+ maxPayload allows, 2000$/,
  );
});

test("values may be nested 500 levels deep, on the way there and back, and no deeper", () => {
  const nest = (levels: number, wrap: (inner: unknown) => unknown) => {
    let value: unknown = 1;
    for (let level = 0; level < levels; level++) value = wrap(value);
    return value;
  };
  const wraps: ((inner: unknown) => unknown)[] = [
    (inner) => [inner],
    (inner) => ({ inner }),
    (inner) => Object.assign(Object.create(null), { inner }),
  ];
  for (const wrap of wraps) {
    const text = encodeText([nest(500, wrap)], LIMITS) as string;
    assert.equal(decodeText(text, LIMITS).length, 1);
    assert.throws(() => encodeText([nest(501, wrap)], LIMITS), PayloadTooLargeError);
    assert.throws(() => encodeText([nest(2_000, wrap)], LIMITS), /nested more than/);
  }
  // A ring is no deeper than it is long; and a text of another maker is held to the same.
  const ring: { next?: object }[] = Array.from({ length: 700 }, () => ({}));
  for (const [index, link] of ring.entries()) link.next = ring[(index + 1) % ring.length] as object;
  assert.throws(() => encodeText([ring], LIMITS), PayloadTooLargeError);
  const deep = `[[1],[2],${Array.from({ length: 5_000 }, (_, at) => `[${at + 3}]`).join()},1]`;
  assert.throws(() => decodeText(deep, LIMITS), PayloadTooLargeError);
});

test("what is too long is refused on both sides, before anything is made of it", () => {
  const limits = { maxLength: 100, option: "maxPayload" };
  const refused = /more (characters )?than maxPayload allows, 100$/;
  for (const value of [
    "x".repeat(200),
    new Uint8Array(90),
    Array(101).fill(0),
    { ["k".repeat(101)]: 1 },
  ])
    assert.throws(() => encodeText([value], limits), {
      name: "PayloadTooLargeError",
      message: refused,
    });
  // No JSON at all: its length alone decides.
  assert.throws(() => decodeText("{".repeat(101), limits), { name: "PayloadTooLargeError" });
  assert.throws(() => encodeText([10n ** 10_000n], LIMITS), PayloadTooLargeError);
  assert.equal(decodeText(encodeText([10n ** 9_999n], LIMITS) as string, LIMITS)[0], 10n ** 9_999n);
  assert.throws(
    () => encodeText([Object.assign([], { length: 10_000_001 })], LIMITS),
    PayloadTooLargeError,
  );
});

const HOSTILE = [
  "",
  "[",
  "null",
  "-1",
  "[]",
  "[[1]]",
  "[[1],[2],[-7,4294967295]]",
  "[[1],[2],[-7,-1]]",
  "[[1],[2],[-7,3,9,0]]",
  "[[1],[-7,9999999]]",
  "[[1],[0]]x",
  '[[1],[2],{"__proto__":3},{"polluted":4},true]',
  '[[1],[2],["null","__proto__",3],{"polluted":4},true]',
  `[[1],[2],["BigInt","${"9".repeat(900_000)}"]]`,
  '[[1],[2],["BigInt","0x10"]]',
  '[[1],[2],["Object",3],{"a":3}]',
  '[[1],[2],["Uint8Array",2]]',
  '[[1],[2],["Float64Array",3,1,9],["ArrayBuffer","AAAA"]]',
  '[[1],[2],["DataView",3,4294967295],["ArrayBuffer","AAAA"]]',
  '[[1],[2],["ArrayBuffer",4294967295]]',
  '[[1],[2],["URL","file:///etc/passwd"]]',
  '[[1],[2],["Temporal.Instant","now"]]',
  '[[1],[2],["Reflect",1]]',
  '[[1],[2],["RegExp","(","g"]]',
  '[[1],[2],["Set",99]]',
  '[[1],[2],{"then":3},["Function","x"]]',
  // A part of every kind that is none.
  '[[1,2,3,3],[],[4],[],{"kind":5,"wire":6},"handle",{"id":7},1]',
  '[[1,2,3,3],[],[4],[],{"kind":5,"length":6,"elements":7},"list",4294967295,{}]',
  '[[1,2,3,3],[],[4],[],{"kind":5,"of":6,"from":7},"made","Function","x"]',
  '[[1,2,3,9],[],[4],[8],{"kind":5,"of":6,"from":7},"made","URL","no address",[1,10,10,10],[],0]',
  "[[1,2,2,3],[],[],[4],[5,6],[],[]]",
  '[[1,2,3,2],[],[],[4],[1,5,6,6],"__proto__",0]',
] as const;

test("decodeText() refuses each hostile text by a named error, and changes no prototype", () => {
  const before = prototypes();
  for (const text of HOSTILE) {
    const began = performance.now();
    assert.throws(() => decodeText(text, LIMITS), isNamed, text.slice(0, 80));
    assert(isNamed(decodeThrown(text, LIMITS)), text.slice(0, 80));
    assert(performance.now() - began < 5_000, "it took its time");
  }
  assert.equal(prototypes(), before);
});

function isNamed(error: unknown): boolean {
  return error instanceof PayloadTooLargeError || error instanceof TypeError;
}

/** What everything inherits, as text: what code may have changed behind our back. */
function prototypes(): string {
  return [Object, Array, Error, Map, Set, Function]
    .map(({ prototype }) => Reflect.ownKeys(prototype).map(String).join())
    .join(";");
}

const anything = fc.anything({
  key: fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "then", "kind", "parts")),
  maxDepth: 4,
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});

test("one plain value, which takes a shorter way, is written and read as any other is", () => {
  const limits = { maxLength: 1000 };
  const texts = ["", "[[1],[2],3]", '"\\</script>', "\ud800", "\u2028", "__proto__", "é"];
  for (const value of [0, 1, -1.5, 1e21, 5e-324, 2 ** 53, true, false, ...texts]) {
    const text = encodeText([value], limits) as string;
    assert.equal(JSON.parse(text)[2], value);
    assert.deepEqual(decodeText(text, limits), [value]);
    // As it is written beside another one.
    assert.deepEqual(decodeText(encodeText([value, null], limits) as string, limits), [
      value,
      null,
    ]);
  }
  for (const value of [-0, Number.NaN, Number.POSITIVE_INFINITY, undefined, null, 5n])
    assert.ok(Object.is(decodeText(encodeText([value], limits) as string, limits)[0], value));
  for (const text of ["[[1],[2],3", "[[1],[2],3]]", "[[1],[2],]"])
    assert.throws(() => decodeText(text, limits), TypeError);
  assert.throws(() => encodeText(["x".repeat(1000)], limits), PayloadTooLargeError);
  const long = encodeText(["x".repeat(2000)], { maxLength: 5000 }) as string;
  assert.throws(() => decodeText(long, limits), PayloadTooLargeError);
});

test("decodeText() makes what encodeText() was given, whatever that is", () => {
  const check = (value: unknown) => {
    const text = encodeText([value], { maxLength: Number.POSITIVE_INFINITY }) as string;
    const [got] = decodeText(text, { maxLength: text.length });
    // Not only the same to look at, but the same text again.
    assert.equal(encodeText([got], { maxLength: text.length * 2 }), text);
    assert.deepEqual(got, structuredClone(value));
  };
  fc.assert(fc.property(anything, check), { numRuns: RUNS / 3 });
});

test("decodeText() does nothing but throw a named error, whatever becomes of a text", () => {
  const before = prototypes();
  const sparse = Object.assign([], { 1: 1, length: 3 });
  const seeds = [
    encodeText([{ a: [1, 2n, new Map([[1, new Set(["x"])]])], d: new Date(0), r: /a/g }], LIMITS),
    encodeText([new Float64Array(3), new DataView(new ArrayBuffer(4)), Object(5), sparse], LIMITS),
    encodeText([JSON.parse('{"__proto__":{"x":1}}'), Object.assign([1], { at: 2 })], LIMITS),
    encodeText(
      [new URL("http://host/"), new Headers({ a: "b" }), Object.assign([], { 70000: 1 })],
      LIMITS,
    ),
    encodeThrown(
      new AggregateError([new TypeError("x")], "y", { cause: new DOMException("z") }),
      LIMITS,
    ),
  ] as string[];
  const words = [
    "__proto__",
    "kind",
    "error",
    "list",
    "made",
    "blob",
    "Object",
    "Map",
    "Set",
    "null",
  ];
  const edit = fc.record({
    seed: fc.nat(seeds.length - 1),
    at: fc.nat(),
    cut: fc.nat(6),
    put: fc.oneof(
      fc.integer({ min: -8, max: 60 }).map(String),
      fc.constantFrom(
        ...words.map((word) => JSON.stringify(word)),
        "[",
        "]",
        "{",
        "}",
        ",",
        "[]",
        "{}",
      ),
      fc.constantFrom(
        "4294967295",
        "-7,4294967294",
        "1e9",
        "null",
        '["Uint8Array",1]',
        '["BigInt","1"]',
      ),
      fc.string({ maxLength: 6 }),
    ),
  });
  const check = (edits: readonly (typeof edit extends fc.Arbitrary<infer E> ? E : never)[]) => {
    let text = seeds[edits[0]?.seed ?? 0] as string;
    for (const { at, cut, put } of edits) {
      const from = at % text.length;
      text = text.slice(0, from) + put + text.slice(from + cut);
      if (text === "") return;
    }
    try {
      decodeText(text, LIMITS);
    } catch (error) {
      assert(isNamed(error), String(error));
    }
    decodeThrown(text, LIMITS);
  };
  fc.assert(fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), check), { numRuns: RUNS });
  assert.equal(prototypes(), before);
});

test("a signature is of one text, one job and one direction", () => {
  const key: SigningKey = { secret: "long and secret", jobId: "job 1", of: "job" };
  const signature = signatureOf("text", key);
  assert.equal(isSigned("text", signature, key), true);
  for (const other of [{ secret: "another" }, { jobId: "job 2" }, { of: "result" as const }])
    assert.equal(isSigned("text", signature, { ...key, ...other }), false);
  assert.equal(isSigned("texts", signature, key), false);
  // What ends one does not begin the other.
  assert.equal(isSigned("1text", signature, { ...key, jobId: "job " }), false);
  for (const none of [undefined, "", 5, {}, signature.slice(1), `${signature}=`, "é".repeat(22)])
    assert.equal(isSigned("text", none, key), false);
});
