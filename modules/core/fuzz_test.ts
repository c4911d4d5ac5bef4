// What a worker sends may be anything: decoders take it without a crash, a hang, or a changed prototype.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isWorkerMessage } from "./seam/message_check.ts";
import { cannotCross, encodeError, Packer } from "./seam/pack.ts";
import type { WireError } from "./seam/packed.ts";
import { decodeError, unpack } from "./seam/unpack.ts";

const RUNS = 5000;

/** Values of every kind, hostile keys among them. */
const anything = fc.anything({
  key: fc.oneof(
    fc.string(),
    fc.constantFrom("__proto__", "constructor", "prototype", "kind", "cause", "errors", "classes"),
  ),
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

/** Nearly messages: the right fields, with anything in them. */
const nearlyMessage = fc.record(
  {
    kind: fc.oneof(
      fc.constantFrom(
        "ready",
        "failed",
        "settled",
        "started",
        "progress",
        "aborting",
        "fault",
        "look",
      ),
      fc.string(),
    ),
    seq: fc.oneof(fc.integer(), anything),
    first: fc.oneof(fc.integer(), anything),
    values: fc.oneof(fc.array(anything), anything),
    errors: fc.oneof(fc.array(anything), anything),
    elapsed: fc.oneof(fc.double(), anything),
    error: anything,
    fraction: fc.oneof(fc.double(), anything),
  },
  { requiredKeys: ["kind"] },
);

/** What nearly is a part of a value that was taken apart. */
const nearlyPart = fc.oneof(
  anything,
  fc.record(
    {
      kind: fc.constantFrom("error", "made", "blob", "x"),
      classes: fc.oneof(fc.array(fc.constantFrom("TypeError", "DOMException", "Object")), anything),
      name: fc.oneof(fc.string(), anything),
      message: fc.oneof(fc.string(), anything),
      stack: fc.oneof(fc.string(), anything),
      fields: fc.oneof(
        fc.array(
          fc.tuple(
            fc.constantFrom("__proto__", "cause", "stack", "then", "a"),
            anything,
            fc.boolean(),
          ),
        ),
        anything,
      ),
      of: fc.constantFrom("URL", "URLSearchParams", "Headers", "x"),
      from: anything,
      content: anything,
      type: anything,
    },
    { requiredKeys: ["kind"] },
  ),
);

/** What nearly is an error that was taken apart. */
const nearlyError: fc.Arbitrary<unknown> = fc.record(
  {
    kind: fc.constantFrom("packed", "value", "same"),
    list: fc.oneof(fc.array(anything, { maxLength: 2 }), anything),
    parts: fc.oneof(
      fc.record({
        parts: fc.array(nearlyPart, { maxLength: 3 }),
        places: fc.array(
          fc.oneof(
            anything,
            fc.tuple(
              fc.oneof(anything, fc.object()),
              fc.constantFrom("__proto__", "a", 0),
              fc.nat(4),
            ),
          ),
          { maxLength: 3 },
        ),
        filled: fc.array(fc.tuple(anything, anything), { maxLength: 2 }),
      }),
      anything,
    ),
  },
  { requiredKeys: ["kind"] },
);

/** Nothing that was decoded may have changed what every object has. */
function assertUnpolluted(): void {
  assert.deepEqual(Object.keys(Object.prototype), []);
  assert.equal(Object.getPrototypeOf({}), Object.prototype);
  assert.equal(Object.getPrototypeOf(new Error("probe")), Error.prototype);
}

test("isWorkerMessage() answers yes or no to anything", () => {
  fc.assert(
    fc.property(fc.oneof(anything, nearlyMessage), (value) => {
      assert.equal(typeof isWorkerMessage(value), "boolean");
    }),
    { numRuns: RUNS },
  );
  assertUnpolluted();
});

test("decodeError() makes something of anything, and throws nothing", () => {
  fc.assert(
    fc.property(fc.oneof(anything, nearlyError), (value) => {
      decodeError(value as WireError);
    }),
    { numRuns: RUNS },
  );
  assertUnpolluted();
});

test("encodeError() describes anything that is thrown, and all it says can be cloned and decoded", () => {
  const thrown = fc.oneof(
    anything,
    fc
      .tuple(fc.string(), anything, anything)
      .map(([message, cause, field]) =>
        Object.assign(new RangeError(message, { cause }), { field }),
      ),
    fc.array(anything, { maxLength: 4 }).map((errors) => new AggregateError(errors, "several")),
  );
  fc.assert(
    fc.property(thrown, (value) => {
      decodeError(structuredClone(encodeError(value, { isProcess: true })));
    }),
    { numRuns: RUNS },
  );
  assertUnpolluted();
});

test("Packer packs anything so that it can be cloned, or refuses it by a DataCloneError", () => {
  fc.assert(
    fc.property(anything, fc.boolean(), (value, isProcess) => {
      try {
        const packer = new Packer({ isProcess });
        const refusal = (_index: number, path: string, what: string) =>
          cannotCross(`${path} is ${what}`, { isProcess });
        const list = packer.pack([value], refusal);
        const message = structuredClone({ list, parts: packer.parts });
        if (message.parts !== undefined) unpack(message.parts);
      } catch (error) {
        assert.equal((error as Error).name, "DataCloneError");
      }
    }),
    { numRuns: RUNS },
  );
});

test("a forged error whose causes lead back to themselves is decoded all the same", () => {
  const ring: { kind: "error"; cause?: unknown } & Record<string, unknown> = {
    kind: "error",
    classes: [],
    name: "Ring",
    message: "round",
    stack: "at",
    fields: [],
  };
  ring.cause = ring;
  assert.ok(decodeError(ring as unknown as WireError) instanceof Error);
  const cause = new Error("back");
  cause.cause = cause;
  const byField = { ...ring, cause: undefined, fields: [["cause", cause]] };
  assert.ok(decodeError(byField as unknown as WireError) instanceof Error);
});
