// Faults of values: arguments and results that cannot cross, or are larger and stranger than any.
import assert from "node:assert/strict";
import { type Executor, type Future, WorkerLostError } from "../../../mod.ts";
import { withCloning, withProcesses, withRealWorkers } from "../../testing/applicability.ts";
import { arithmetic, deaths, failures } from "../../testing/tasks.ts";
import { harm } from "../tasks.ts";
import type { Fault } from "./fault.ts";

const REFUSED_ARGUMENTS: readonly (readonly [name: string, make: () => unknown, error: RegExp])[] =
  [
    ["function", () => () => {}, /DataCloneError/],
    ["nested function", () => ({ deep: [() => {}] }), /DataCloneError/],
    ["symbol", () => Symbol("mine"), /DataCloneError|TypeError/],
    ["weak map", () => new WeakMap(), /DataCloneError/],
    ["promise", () => Promise.resolve(1), /DataCloneError/],
    ["getter that throws", () => trap(new RangeError("trapped")), /trapped/],
    ["revoked proxy", revokedProxy, /TypeError|DataCloneError/],
  ];

/** Faults of values. */
export const valueFaults: readonly Fault[] = [
  {
    id: "arguments-refused",
    title: "an argument that cannot be cloned is an error on its own future",
    applies: withCloning,
    async run(scene) {
      const pool = await scene.pool();
      const crowd = scene.gather(pool, 20);
      scene.strike();
      for (const [name, make, error] of REFUSED_ARGUMENTS) {
        const reason = await pool.submit(arithmetic.identity, make()).exception();
        assert.match(`${(reason as Error)?.name}: ${reason}`, error, name);
      }
      await scene.recover(pool);
      await crowd;
      assert.equal(pool.stats().lost, 0);
    },
  },
  {
    id: "results-refused",
    title: "a result that cannot be cloned is an error on its own future",
    applies: withCloning,
    async run(scene) {
      const pool = await scene.pool();
      const crowd = scene.gather(pool, 20);
      scene.strike();
      const futures: readonly Future<unknown>[] = [
        pool.submit(arithmetic.returnFunction),
        pool.submit(arithmetic.returnUnlistedPromise),
        pool.submit(arithmetic.returnSignal),
        pool.submit(harm.revokedProxy),
        pool.submit(failures.throwFunction),
        pool.submit(failures.throwUncloneable),
        pool.submit(failures.throwRevokedProxy),
      ];
      for (const future of futures) {
        // A thrown undefined would be one too, so it is the state that tells.
        await future.exception();
        assert.equal(future.state, "finished");
        assert.throws(() => {
          const { error } = future.snapshot();
          throw error ?? new Error("none");
        });
      }
      await scene.recover(pool);
      await crowd;
      assert.equal(pool.stats().lost, 0);
    },
  },
  {
    id: "result-exits",
    title: "a result whose getter exits or kills the process costs its own task",
    applies: withRealWorkers,
    async run(scene) {
      const pool = await scene.pool();
      const deadly = [() => pool.submit(deaths.exitWhileEncoding, 6)];
      if (scene.subject.traits.processes) deadly.push(() => pool.submit(deaths.killWhileEncoding));
      for (const submit of deadly) {
        scene.strike();
        const error = await submit().exception();
        assert.ok(error instanceof WorkerLostError, String(error));
        await scene.recover(pool);
      }
    },
  },
  {
    id: "strange-values",
    title: "cycles, hostile keys and what is nested deeply cross as they are, or are refused",
    applies: withCloning,
    async run(scene) {
      const pool = await scene.pool();
      scene.strike();
      const ring = await pool.submit(harm.ringOf, "ring");
      assert.equal(ring.self, ring);
      assert.equal(await pool.submit(harm.isRing, ring), true);
      await pool.submit(harm.hostileKeys).exception();
      const keys = JSON.parse('{"__proto__":{"polluted":true}}');
      assert.equal((await outcomeOf(pool.submit(harm.isPolluted, keys))) === true, false);
      assert.equal("polluted" in {}, false, "nor here");
      for (const depth of [100, 900]) await assertSameDepth(pool, depth, true);
      for (const depth of [5_000, 10_000]) await assertSameDepth(pool, depth, false);
      await scene.recover(pool);
      assert.equal(pool.stats().lost, 0);
      assert.deepEqual(scene.reports, []);
    },
  },
  {
    id: "large-values",
    title: "large buffers and strings cross whole, there and back",
    applies: withCloning,
    async run(scene) {
      const pool = await scene.pool({ maxWorkers: 1 });
      const size = scene.amount(16, 256) * 2 ** 20;
      scene.strike();
      const bytes = new Uint8Array(size).fill(3);
      assert.equal(await pool.submit(arithmetic.lengthOf, bytes), size);
      const made = await pool.submit(harm.makeBytes, scene.log().path, size);
      assert.deepEqual([made.length, made[0], made[size - 1]], [size, 7, 7]);
      const text = await pool.submit(arithmetic.makeText, size);
      assert.equal(text.length, size);
      await scene.recover(pool);
      assert.equal(pool.stats().lost, 0);
    },
  },
  {
    id: "detached-buffer",
    title: "a buffer that was given away already is refused at its own future",
    applies: withCloning,
    async run(scene) {
      const pool = await scene.pool();
      const buffer = new ArrayBuffer(64);
      structuredClone(buffer, { transfer: [buffer] });
      scene.strike();
      const moved = pool.submit(arithmetic.lengthOf.with({ transfer: [buffer] }), buffer);
      assert.ok((await moved.exception()) instanceof Error);
      await scene.recover(pool);
      assert.equal(pool.stats().lost, 0);
    },
  },
  {
    id: "shared-buffer",
    title: "a shared buffer for a process is refused: it would be a copy that looks shared",
    applies: withProcesses,
    async run(scene) {
      const pool = await scene.pool();
      scene.strike();
      const shared = new Uint8Array(new SharedArrayBuffer(64));
      for (const argument of [shared, shared.buffer, { deep: [shared] }]) {
        const error = await pool.submit(arithmetic.identity, argument).exception();
        assert.equal((error as Error | undefined)?.name, "DataCloneError");
      }
      await scene.recover(pool);
    },
  },
];

function trap(error: Error): object {
  return {
    get x(): never {
      throw error;
    },
  };
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

async function outcomeOf(future: Future<unknown>): Promise<unknown> {
  return await future.result().catch((error: unknown) => error);
}

/** Few enough levels cross, and more are refused. */
async function assertSameDepth(pool: Executor, depth: number, crosses: boolean): Promise<void> {
  const there = await outcomeOf(pool.submit(harm.depthOf, nest(depth)));
  assert.ok(crosses ? there === depth : isRefusal(there), `${depth} levels as an argument`);
  const nested = await outcomeOf(pool.submit(harm.nest, depth));
  let levels = 0;
  for (let level = nested; Array.isArray(level); level = level[0]) levels++;
  assert.ok(crosses ? levels === depth : isRefusal(nested), `${depth} levels as a result`);
}

function isRefusal(outcome: unknown): boolean {
  return outcome instanceof DOMException && outcome.name === "DataCloneError";
}

/** As the fixture makes it. */
function nest(depth: number): unknown[] {
  let nested: unknown[] = [];
  for (let n = 1; n < depth; n++) nested = [nested];
  return nested;
}
