// Tests of decorators: as they are written, and as TypeScript had them before the standard, by what a build makes of them. The
// conformance suite, which Node runs as it is, cannot write any.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLoopExecutor, memoize, threaded } from "../../../mod.ts";

type Decorator = (of: unknown, name: string | symbol, descriptor?: PropertyDescriptor) => unknown;

/** As TypeScript calls them with `experimentalDecorators`: from below, each with what the one beneath has made. */
function decorate(of: object, name: string, ...decorators: unknown[]): void {
  let descriptor = Object.getOwnPropertyDescriptor(of, name) as PropertyDescriptor;
  for (const decorator of decorators.toReversed())
    descriptor =
      ((decorator as Decorator)(of, name, descriptor) as PropertyDescriptor) ?? descriptor;
  Object.defineProperty(of, name, descriptor);
}

/** A class of its own for each test. */
function numbers() {
  let calls = 0;
  class Numbers {
    static readonly factor = 10;

    static async scale(n: number): Promise<number> {
      calls++;
      return Numbers.factor * n;
    }

    async notStatic(): Promise<void> {}

    static get size(): number {
      return 1;
    }
  }
  return { Numbers, calls: () => calls };
}

test("decorators with the old signature are served", async () => {
  await using executor = new EventLoopExecutor();
  const { Numbers, calls } = numbers();
  decorate(Numbers, "scale", memoize({ maxSize: 2 }), threaded(executor, import.meta.url));
  assert.equal(await Numbers.scale(4), 40);
  assert.equal(await Numbers.scale(4), 40);
  assert.equal(calls(), 1);
  assert.equal(executor.stats().finished, 2);
});

test("a bare decorator with the old signature is served", async () => {
  await using executor = new EventLoopExecutor();
  const { Numbers, calls } = numbers();
  decorate(Numbers, "scale", memoize, threaded(executor, import.meta.url));
  assert.deepEqual([await Numbers.scale(1), await Numbers.scale(1), calls()], [10, 10, 1]);
});

test("with the old signature, too, a decorator says where it does not belong", () => {
  const executor = new EventLoopExecutor();
  const { Numbers } = numbers();
  const onThreads = threaded(executor, import.meta.url);
  assert.throws(() => decorate(Numbers.prototype, "notStatic", onThreads), {
    name: "TypeError",
    message: /@threaded on "notStatic".*make the method static/,
  });
  assert.throws(() => decorate(Numbers, "size", onThreads), {
    name: "TypeError",
    message: /@threaded on accessor "size": expected a static method/,
  });
  assert.throws(() => decorate(Numbers, "scale", onThreads, memoize), {
    name: "TypeError",
    message: /@memoize on "scale": it is no task; put @threaded\(pool, import.meta.url\) beneath/,
  });
});

test("options that do not go together are told when the class is defined", () => {
  const executor = new EventLoopExecutor();
  const { Numbers } = numbers();
  assert.throws(
    () => decorate(Numbers, "scale", memoize({ maxSize: -1 }), threaded(executor, import.meta.url)),
    RangeError,
  );
});

test("decorators are written above static methods, and nowhere else", async () => {
  await using executor = new EventLoopExecutor();
  let calls = 0;
  // biome-ignore lint/complexity/noStaticOnlyClass: decorators are for static methods
  class Numbers {
    static readonly factor = 10;

    @memoize
    @threaded(executor, import.meta.url)
    static async scale(n: number): Promise<number> {
      calls++;
      // biome-ignore lint/complexity/noThisInStatic: what `this` is, is what is asked
      return this.factor * n;
    }
  }
  assert.deepEqual([await Numbers.scale(4), await Numbers.scale(4), calls], [40, 40, 1]);
  assert.throws(
    () => {
      class Wrong {
        // @ts-expect-error: a method of an instance is a compile error, too
        @threaded(executor, import.meta.url)
        async load(): Promise<void> {}
      }
      return Wrong;
    },
    { name: "TypeError", message: /@threaded on "load".*make the method static/ },
  );
});
