// How errors cross: whole, as the class they were, whatever they are made of.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RemoteTraceback, TimeoutError } from "../errors.ts";
import { encodeError } from "./pack.ts";
import { decodeError, registerErrorClass } from "./unpack.ts";

/** Sends an error through structured clone, as a channel does. */
function cross(error: unknown): unknown {
  return decodeError(structuredClone(encodeError(error, { isProcess: true })));
}

test("an error keeps its class, name, message, code and own fields", () => {
  const sent = Object.assign(new RangeError("too far"), {
    code: "E_FAR",
    distance: { metres: 3n },
  });
  const got = cross(sent) as typeof sent;
  assert(got instanceof RangeError);
  assert.equal(got.name, "RangeError");
  assert.equal(got.message, "too far");
  assert.equal(got.code, "E_FAR");
  assert.deepEqual(got.distance, { metres: 3n });
});

test("an error's stack is the one it had where it was thrown", () => {
  const sent = new TypeError("here");
  const got = cross(sent) as Error;
  assert.equal(got.stack, sent.stack);
});

test("a cause chain keeps its links, and ends in the remote stack", () => {
  const sent = new Error("outer", {
    cause: new TypeError("middle", { cause: new RangeError("root") }),
  });
  const got = cross(sent) as Error;
  const middle = got.cause as Error;
  const root = middle.cause as Error;
  assert(middle instanceof TypeError && root instanceof RangeError);
  assert(root.cause instanceof RemoteTraceback);
  assert.match(root.cause.message, /errors_test/);
});

test("a cause that is no error stays the last link", () => {
  const got = cross(new Error("outer", { cause: "a word" })) as Error;
  assert.equal(got.cause, "a word");
});

test("an AggregateError keeps its members", () => {
  const got = cross(new AggregateError([new TypeError("one"), 2], "both")) as AggregateError;
  assert(got instanceof AggregateError);
  assert(got.errors[0] instanceof TypeError);
  assert.equal(got.errors[1], 2);
});

test("an error of a registered class is revived as it, without running its constructor", () => {
  let constructed = 0;
  class TestQuotaError extends Error {
    quota: number;
    constructor(quota: number) {
      super(`quota ${quota}`);
      constructed++;
      this.name = "TestQuotaError";
      this.quota = quota;
    }
  }
  const sent = new TestQuotaError(3);
  assert.equal((cross(sent) as Error).constructor, Error);
  registerErrorClass(TestQuotaError);
  const got = cross(sent) as TestQuotaError;
  assert(got instanceof TestQuotaError);
  assert.equal(got.quota, 3);
  assert.equal(constructed, 1);
});

test("registerErrorClass() refuses what is no class of errors", () => {
  assert.throws(() => registerErrorClass(Map as never), TypeError);
  assert.throws(() => registerErrorClass(class extends Error {}), TypeError);
});

test("this library's own errors and DOMException are revived", () => {
  assert(cross(new TimeoutError("late")) instanceof TimeoutError);
  const got = cross(new DOMException("gone", "AbortError"));
  assert(got instanceof DOMException);
  assert.equal(got.name, "AbortError");
});

test("what is thrown and no error crosses as it is", () => {
  for (const thrown of [undefined, null, 0, "", "text", 7n, { plain: [1] }])
    assert.deepEqual(cross(thrown), thrown);
});

test("what cannot be cloned crosses as text", () => {
  assert.equal(typeof cross(() => 1), "string");
  assert.equal(cross(Symbol("s")), "Symbol(s)");
});

test("fields that cannot be cloned are told in words; the rest crosses", () => {
  const got = cross(Object.assign(new Error("x"), { run: () => 1, kept: 1 })) as Error & {
    run?: unknown;
    kept: number;
  };
  assert.equal(got.run, "(a function, which cannot cross to a process)");
  assert.equal(got.kept, 1);
});

test("cycles and endless chains end", () => {
  const loop = new Error("loop");
  loop.cause = loop;
  assert.equal((cross(loop) as Error).message, "loop");
  let chain = new Error("0");
  for (let depth = 1; depth < 1000; depth++) chain = new Error(`${depth}`, { cause: chain });
  assert.equal((cross(chain) as Error).message, "999");
});

test("getters that throw do no harm", () => {
  const hostile = new Error("x");
  for (const key of ["name", "message", "stack", "cause", "errors", "own"]) {
    Object.defineProperty(hostile, key, {
      enumerable: true,
      get() {
        throw new Error("trap");
      },
    });
  }
  assert(cross(hostile) instanceof Error);
});

test("a thrown thing that cannot even be read is described", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const tagged = {
    get [Symbol.toStringTag](): string {
      throw new Error("tag");
    },
  };
  const nameless = Object.assign(new Error("x"), { name: Object.create(null) });
  for (const hostile of [proxy, tagged, nameless]) {
    assert.doesNotThrow(() => cross(hostile));
    assert.doesNotThrow(() => cross(new Error("outer", { cause: hostile })));
    assert.doesNotThrow(() => cross(new AggregateError([hostile], "several")));
  }
});

test("a registered class whose name is a getter over a private field is encoded and revived", () => {
  class LevelError extends Error {
    readonly #level = 3;
    override get name(): string {
      return `Level${this.#level}Error`;
    }
  }
  registerErrorClass(LevelError);
  const got = cross(new LevelError("too high")) as LevelError;
  assert(got instanceof Error);
  assert.equal(got.message, "too high");
});

test("a field named __proto__ changes no prototype", () => {
  const hostile = new Error("x");
  Object.defineProperty(hostile, "__proto__", { value: { polluted: true }, enumerable: true });
  const got = cross(hostile) as Error & { polluted?: boolean };
  assert.equal(got.polluted, undefined);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  assert(got instanceof Error);
});

test("anything at all can be encoded, cloned and decoded", () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }),
      fc.string(),
      (thing, message) => {
        cross(thing);
        const got = cross(Object.assign(new Error(message, { cause: thing }), { thing })) as Error;
        assert.equal(got.message, message);
      },
    ),
  );
});

test("an error whose class computes its cause from private fields arrives all the same", () => {
  class Computed extends Error {
    readonly #cause = new Error("inner");
    override get cause(): unknown {
      return this.#cause;
    }
  }
  registerErrorClass(Computed);
  const got = cross(new Computed("outer")) as Error;
  assert(got instanceof Computed);
  assert.equal(got.message, "outer");
});
