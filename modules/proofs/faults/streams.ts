// Faults of streams: producers that die between items, readers that are gone, hosts that are blocked, forged items.

import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { TimeoutError, WorkerLostError } from "../../../mod.ts";
import type { LinkWord, WorkerMessage } from "../../core/seam/messages.ts";
import { everywhere, withProcesses, withWorkers } from "../../testing/applicability.ts";
import { arithmetic, streams } from "../../testing/tasks.ts";
import { timeToStart } from "../../testing/time_to_start.ts";
import { harm } from "../tasks.ts";
import type { Fault } from "./fault.ts";
import { forgeablePool, withSpawn } from "./forgeable_pool.ts";

/** What a worker may say on the link of a stream that is full, and none of ours does. */
const FORGED_WORDS: readonly (readonly [what: string, word: LinkWord])[] = [
  ["one item more than there may be", { does: "items", items: Array(3).fill("forged") }],
  ["a thousand items", { does: "items", items: Array(1000).fill("forged") }],
  ["items that cost less than nothing", { does: "items", items: [1], cost: -1 }],
  ["no items", { does: "items", items: [] }],
  ["credit of nothing", { does: "credit", count: 0 }],
  ["a second opening", { does: "open", to: "stream" }],
];

/** Faults of streams. */
export const streamFaults: readonly Fault[] = [
  {
    id: "stream-producer-killed",
    title:
      "a producer that is killed between items: those that came are in order, then WorkerLostError",
    applies: withProcesses,
    async run(scene) {
      const pool = await scene.pool();
      const rounds = scene.amount(5, 1000);
      let items = 0;
      for (let round = 0; round < rounds; round++) {
        const crowd = scene.gather(pool, 3);
        const stream = pool.stream(harm.killBetweenItems, 1 + ((round * 37) % 200));
        let next = 0;
        scene.strike();
        await assert.rejects(async () => {
          for await (const n of stream) assert.equal(n, next++);
        }, WorkerLostError);
        items += next;
        await crowd;
      }
      scene.note(`${rounds} deaths, ${items} items before them`);
      await scene.recover(pool);
    },
  },
  {
    id: "stream-reader-gone",
    title:
      "a stream that nobody reads any more, and nobody has ended, holds its worker and no more; a shutdown with a limit ends it",
    applies: everywhere,
    async run(scene) {
      const pool = await scene.pool();
      const log = scene.log();
      const stream = pool.stream(streams.logged.with({ buffer: 4 }), log.path, 1_000_000);
      await stream.next();
      scene.strike();
      await scene.until(() => log.lines().length >= 4);
      for (let round = 0; round < scene.amount(5, 100); round++) await scene.gather(pool, 20);
      assert.ok(log.lines().length <= 5);
      await scene.recover(pool);
      await pool.shutdown({ timeout: 50 });
      assert.ok(stream.future.cancelled());
    },
  },
  {
    id: "stream-host-blocked",
    title: "a host that is blocked for longer than `itemTimeout` blames no producer",
    applies: everywhere,
    async run(scene) {
      const pool = await scene.pool();
      const itemTimeout = await timeToStart(scene);
      const stream = pool.stream(streams.count.with({ itemTimeout, buffer: 8 }), 60);
      const seen: unknown[] = [];
      scene.strike();
      for await (const n of stream) {
        seen.push(n);
        if (n !== 10 && n !== 40) continue;
        // Nothing of what comes meanwhile is heard.
        for (const end = performance.now() + 1.5 * itemTimeout; performance.now() < end; );
      }
      assert.deepEqual(seen, [...Array(60).keys()]);
      await scene.recover(pool);
    },
  },
  {
    id: "stream-closed-at-the-end",
    title:
      "a stream that is left while its last item is on its way settles once, and frees its worker",
    applies: everywhere,
    async run(scene) {
      const pool = await scene.pool({ interruptGrace: 600_000 });
      const rounds = scene.amount(200, 100_000);
      scene.strike();
      const settled = { finished: 0, cancelled: 0 };
      for (let round = 0; round < rounds; round++) {
        if (round % 1000 === 999) await scene.gather(pool, 1);
        const to = round % 5;
        const task = round % 2 === 0 ? streams.countAtOnce : streams.count;
        const stream = pool.stream(task, to).start();
        let callbacks = 0;
        stream.future.addDoneCallback(() => callbacks++);
        for (let n = 0; n < to; n++) assert.equal((await stream.next()).value, n);
        // The end of the call is on its way, is here, or neither.
        for (let turn = round % 3; turn > 0; turn--)
          await new Promise((resolve) => setImmediate(resolve));
        const both =
          round % 4 < 2 ? [stream.next(), stream.return()] : [stream.return(), stream.next()];
        for (const { done } of await Promise.all(both)) assert.equal(done, true);
        assert.equal(callbacks, 1);
        settled[stream.future.cancelled() ? "cancelled" : "finished"]++;
      }
      scene.note(`${settled.finished} finished, ${settled.cancelled} were cancelled`);
      await scene.recover(pool);
      const { running, queued, abandoned } = pool.stats();
      assert.deepEqual([running, queued, abandoned], [0, 0, 0]);
    },
  },
  {
    id: "stream-forged",
    title:
      "a worker that sends items without credit, or other words out of turn, is ended as faulty",
    applies: withSpawn,
    async run(scene) {
      for (const [what, word] of FORGED_WORDS) {
        const { pool, hosts } = forgeablePool(scene);
        await scene.gather(pool, 2);
        const log = scene.log();
        const stream = pool.stream(streams.logged.with({ buffer: 2 }), log.path, 100).start();
        await scene.until(() => log.lines().length === 2);
        const before = scene.reports.length;
        scene.strike();
        // Words are told apart by their link: any number of a call will do.
        hosts.at(-1)?.onMessage({ kind: "link", seq: 0, link: 0, word } as WorkerMessage);
        const seen: unknown[] = [];
        await assert.rejects(
          async () => {
            for await (const n of stream) seen.push(n);
          },
          WorkerLostError,
          what,
        );
        assert.ok(!seen.includes("forged"), what);
        await scene.recover(pool);
        assert.equal(scene.reports.length - before, 1, what);
        await pool.shutdown();
      }
    },
  },
  {
    id: "stream-silent",
    title: "a producer that is stuck is ended by its `itemTimeout`, with what it had made before",
    applies: withWorkers,
    async run(scene) {
      const pool = await scene.pool();
      const itemTimeout = await timeToStart(scene);
      const gate = scene.gate();
      const crowd = scene.gather(pool, 10);
      const stream = pool.stream(harm.spinBetweenItems.with({ itemTimeout }), gate.path);
      assert.equal((await stream.next()).value, "before");
      scene.strike();
      await assert.rejects(stream.next(), TimeoutError);
      gate.open();
      await crowd;
      await scene.recover(pool);
      assert.equal(await pool.submit(arithmetic.square, 3), 9);
    },
  },
];
