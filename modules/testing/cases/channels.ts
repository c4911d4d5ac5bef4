// Cases of Channel: values between calls, wherever they run. Decision 47.
import assert from "node:assert/strict";
import {
  EventLoopExecutor,
  InvalidStateError,
  TimeoutError,
  WorkerLostError,
} from "../../../mod.ts";
import { Channel, SyncEvent } from "../../sync/mod.ts";
import { inProcessOnly, withCloning, withLinks, withRealWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { values as specimens } from "../fixtures/channel_values.ts";
import { channels } from "../tasks.ts";

/** Cases of channels. */
export const channelCases: readonly ConformanceCase[] = [
  {
    id: "cf-channel-order",
    title: "what one call sends is received in order, and the end after it",
    applies: withLinks(),
    async run(context) {
      const channel = new Channel<number>({ capacity: 4 });
      const sending = context
        .create({ maxWorkers: 1 })
        .submit(channels.sendNumbers, channel, 0, 300, true);
      const received: number[] = [];
      for await (const n of channel) received.push(n);
      assert.deepEqual(
        received,
        Array.from({ length: 300 }, (_, n) => n),
      );
      assert.equal(await sending, 300);
      assert.deepEqual(await channel.receive(), { value: undefined, done: true });
    },
  },
  {
    id: "cf-channel-receive",
    title: "a call receives what the program sends, to the end",
    applies: withLinks(),
    async run(context) {
      const channel = new Channel<number>();
      const receiving = context.create({ maxWorkers: 1 }).submit(channels.receiveAll, channel);
      for (let n = 0; n < 100; n++) await channel.send(n);
      assert.equal(await channel.close(), true);
      assert.equal(await channel.close(), false);
      assert.equal((await receiving).length, 100);
    },
  },
  {
    id: "cf-channel-sizes",
    title:
      "values large and small, of every kind, sent at once, come back in the order in which they were sent",
    applies: withLinks(),
    async run(context) {
      const [there, back] = [
        new Channel<unknown>({ capacity: 8 }),
        new Channel<unknown>({ capacity: 8 }),
      ];
      const echoing = context.create({ maxWorkers: 1 }).submit(channels.echo, there, back);
      const small = [0, -1, 2 ** 40, 0.5, "", "a", "é".repeat(256), true, null, undefined];
      const large = [{ deep: [1] }, "x".repeat(5_000), new Uint8Array(3), 3n, new Map([[1, 2]])];
      // Small ones and large ones travel in different ways: each is now before, now behind the other.
      const sent = Array.from({ length: 300 }, (_, n) =>
        n % 3 === 0 || n % 7 === 1 ? large[n % large.length] : small[n % small.length],
      );
      const sending = Promise.all(sent.map((value) => there.send(value)));
      const received: unknown[] = [];
      for (const _ of sent) received.push((await back.receive()).value);
      await sending;
      await there.close();
      assert.deepEqual(received, sent);
      assert.equal(await echoing, sent.length);
    },
  },
  {
    id: "cf-channel-as-it-was",
    title:
      "what a call sends and does not wait for crosses as it was then, and before the call ends",
    applies: withLinks(withCloning),
    async run(context) {
      const channel = new Channel<object | number>({ capacity: 4 });
      await context.create({ maxWorkers: 1 }).submit(channels.sendAndChange, channel);
      const received = [];
      for (let n = 0; n < 3; n++) received.push((await channel.tryReceive())?.value);
      assert.deepEqual(received, [1, { changed: false }, 2]);
    },
  },
  {
    id: "cf-channel-rendezvous",
    title: "without a capacity a sender waits for its receiver",
    applies: withLinks(),
    async run(context) {
      const channel = new Channel<number>();
      const executor = context.create({ maxWorkers: 2 });
      await assert.rejects(
        executor.submit(channels.sendWithin, channel, 1, 30).result(),
        TimeoutError,
      );
      const sending = executor.submit(channels.sendNumbers, channel, 7, 1);
      assert.deepEqual(await channel.receive(), { value: 7, done: false });
      assert.equal(await sending, 1);
    },
  },
  {
    id: "cf-channel-timeout",
    title:
      "nobody receives a value whose sender gave up, and a receiver that gave up costs no value",
    applies: withLinks(),
    async run(context) {
      const channel = new Channel<number>();
      const executor = context.create({ maxWorkers: 2 });
      const late = executor.submit(channels.sendWithin, channel, 1, 10);
      await assert.rejects(late.result(), { name: "TimeoutError" });
      assert.equal(await channel.tryReceive(), undefined);
      const early = executor.submit(channels.receiveWithin, channel, 10);
      await assert.rejects(early.result(), { name: "TimeoutError" });
      assert.equal(await channel.trySend(2), false);
    },
  },
  {
    id: "cf-channel-abort",
    title: "a receiver whose signal aborts rejects with its reason, and takes no value along",
    applies: withLinks(),
    async run(context) {
      const channel = new Channel<number>();
      const executor = context.create({ maxWorkers: 1 });
      for (let round = 0; round < 20; round++) {
        const giving = executor.submit(channels.receiveAborted, channel);
        const sending = channel.send(round);
        const error = await giving.exception();
        // Either it was there first, or it was told to give up: the value is somewhere.
        if (error === undefined) {
          assert.deepEqual(await giving, { value: round, done: false });
        } else {
          assert.equal((error as Error).message, "enough");
          assert.deepEqual(await channel.receive(), { value: round, done: false });
        }
        await sending;
      }
    },
  },
  {
    id: "cf-channel-capacity",
    title: "a channel keeps as many values as it has room for, and no more",
    applies: withLinks(),
    async run(context) {
      const channel = new Channel<number>({ capacity: 5 });
      const executor = context.create({ maxWorkers: 1 });
      assert.equal(await executor.submit(channels.fill, channel), 5);
      assert.deepEqual(await executor.submit(channels.drain, channel), [0, 1, 2, 3, 4]);
      assert.equal(await channel.tryReceive(), undefined);
      assert.equal(await new Channel().trySend(1), false);
    },
  },
  {
    id: "cf-channel-many",
    title:
      "of many senders and many receivers each value is received once, those of one sender in order",
    applies: withLinks(),
    async run(context) {
      const channel = new Channel<number>({ capacity: 3 });
      const executor = context.create({ maxWorkers: 4 });
      const receiving = [0, 1].map(() => executor.submit(channels.receiveAll, channel));
      const sending = [0, 1000].map((from) =>
        executor.submit(channels.sendNumbers, channel, from, 60),
      );
      for (const sent of sending) await sent;
      await channel.close();
      const received = await Promise.all(receiving);
      const all = received.flat().toSorted((a, b) => a - b);
      assert.deepEqual(
        all,
        [0, 1000].flatMap((from) => Array.from({ length: 60 }, (_, n) => from + n)),
      );
      for (const own of received)
        for (const from of [0, 1000]) {
          const ofOne = own.filter((n) => n >= from && n < from + 60);
          assert.deepEqual(
            ofOne,
            ofOne.toSorted((a, b) => a - b),
          );
        }
    },
  },
  {
    id: "cf-channel-between",
    title: "two calls of one executor speak to each other",
    applies: withLinks(),
    async run(context) {
      const [questions, answers] = [new Channel<number>(), new Channel<number>()];
      const executor = context.create({ maxWorkers: 2 });
      const answering = executor.submit(channels.answer, questions, answers);
      const asking = executor.submit(channels.ask, questions, answers, 20);
      assert.equal(await asking, 2870);
      await answering;
    },
  },
  {
    id: "cf-channel-mixed",
    title: "calls of different executors speak to each other",
    applies: withLinks(),
    async run(context) {
      const [questions, answers] = [new Channel<number>(), new Channel<number>()];
      const answering = context
        .create({ maxWorkers: 1 })
        .submit(channels.answer, questions, answers);
      const other = context.keep(new EventLoopExecutor({ onError: context.onError }));
      assert.equal(await other.submit(channels.ask, questions, answers, 10), 385);
      await answering;
    },
  },
  {
    id: "cf-channel-close",
    title:
      "what was sent before a close is received, that of senders who wait too; then all are done",
    applies: withLinks(),
    async run(context) {
      const channel = new Channel<number>({ capacity: 1 });
      const waiting = [1, 2, 3].map((n) => channel.send(n));
      await channel.close();
      const executor = context.create({ maxWorkers: 1 });
      assert.deepEqual(await executor.submit(channels.receiveAll, channel), [1, 2, 3]);
      await Promise.all(waiting);
      assert.deepEqual(await executor.submit(channels.receiveOne, channel), { done: true });
    },
  },
  {
    id: "cf-channel-close-error",
    title: "receivers get what a channel was closed with behind the values, and senders as a cause",
    applies: withLinks(),
    async run(context) {
      const channel = new Channel<number>({ name: "orders", capacity: 1 });
      await channel.send(1);
      const executor = context.create({ maxWorkers: 1 });
      assert.equal(await executor.submit(channels.closeWith, channel, "no more"), true);
      assert.deepEqual(await channel.receive(), { value: 1, done: false });
      await assert.rejects(channel.receive(), { name: "RangeError", message: "no more" });
      const receiving = await executor.submit(channels.receiveAll, channel).exception();
      assert.ok(receiving instanceof RangeError && receiving.message === "no more");
      const sending = await executor.submit(channels.sendNumbers, channel, 1, 1).exception();
      assert.ok(sending instanceof InvalidStateError);
      assert.match(sending.message, /"orders".*closed/);
      assert.ok(sending.cause instanceof RangeError);
    },
  },
  {
    id: "cf-channel-close-wakes",
    title: "a close wakes all that wait to receive",
    applies: withLinks(),
    async run(context) {
      const channel = new Channel<number>();
      const executor = context.create({ maxWorkers: 3 });
      const receiving = [1, 2, 3].map(() => executor.submit(channels.receiveAll, channel));
      await context.until(() => executor.stats().running === 3);
      await channel.close();
      assert.deepEqual(await Promise.all(receiving), [[], [], []]);
    },
  },
  {
    id: "cf-channel-values",
    title: "values arrive as arguments do",
    applies: withLinks(),
    async run(context) {
      const channel = new Channel<unknown>();
      const executor = context.create({ maxWorkers: 1 });
      for (const [name, value] of specimens()) {
        const receiving = executor.submit(channels.receiveOne, channel);
        await channel.send(value);
        const got = await receiving;
        assert.deepEqual(got, { value, done: false }, name);
      }
    },
  },
  {
    id: "cf-channel-unclonable",
    title: "a value that cannot cross fails its own send, by its path, and the channel goes on",
    applies: withLinks(withCloning),
    async run(context) {
      const channel = new Channel<unknown>({ capacity: 8 });
      const executor = context.create({ maxWorkers: 1 });
      const [before, spoilt, behind] = await executor.submit(channels.sendUnclonable, channel);
      assert.deepEqual([before, behind], ["sent", "sent"]);
      assert.match(spoilt as string, /^DataCloneError: .*\.deep\[0\] is a function/);
      assert.deepEqual(await executor.submit(channels.drain, channel as Channel<number>), [
        "before",
        "behind",
      ]);
      // The other way: what the program sends is refused to whoever would receive it.
      await channel.send(() => 1);
      await channel.send("after");
      await assert.rejects(executor.submit(channels.receiveOne, channel).result(), {
        name: "DataCloneError",
      });
      assert.deepEqual(await executor.submit(channels.receiveOne, channel), {
        value: "after",
        done: false,
      });
    },
  },
  {
    id: "cf-channel-reference",
    title: "on one event loop values pass as they are",
    applies: inProcessOnly,
    async run(context) {
      const channel = new Channel<{ n: number }>();
      const done = new SyncEvent();
      const sending = context.create().submit(channels.sendAndLook, channel, done);
      const { value } = await channel.receive();
      if (value !== undefined) value.n = 2;
      await done.set();
      assert.equal(await sending, 2);
    },
  },
  {
    id: "cf-channel-flood",
    title: "a call may have hundreds of sends under way, and they arrive in order",
    applies: withLinks(),
    async run(context) {
      const channel = new Channel<number>();
      const sending = context.create({ maxWorkers: 1 }).submit(channels.sendMany, channel, 500);
      for (let n = 0; n < 500; n++)
        assert.deepEqual(await channel.receive(), { value: n, done: false });
      assert.equal(await sending, 500);
    },
  },
  {
    id: "cf-channel-leave",
    title: "leaving the loop leaves the channel open",
    applies: withLinks(),
    async run(context) {
      const channel = new Channel<number>({ capacity: 3 });
      await context.create({ maxWorkers: 1 }).submit(channels.sendNumbers, channel, 0, 3);
      for await (const n of channel) if (n === 1) break;
      assert.deepEqual(await channel.receive(), { value: 2, done: false });
      assert.equal(await channel.trySend(3), true);
    },
  },
  {
    id: "cf-channel-sender-dies",
    title: "a value whose sender died while it waited is received by nobody",
    applies: withLinks(withRealWorkers),
    async run(context) {
      const [channel, asked, gate] = [new Channel<number>(), new SyncEvent(), context.gate()];
      const executor = context.create({ maxWorkers: 1 });
      const dying = executor.submit(channels.dieAtChannel, channel, true, asked, gate.path);
      await asked.wait();
      gate.open();
      await assert.rejects(dying.result(), WorkerLostError);
      assert.equal(await channel.tryReceive(), undefined);
      const sending = executor.submit(channels.sendNumbers, channel, 5, 1);
      assert.deepEqual(await channel.receive(), { value: 5, done: false });
      await sending;
    },
  },
  {
    id: "cf-channel-receiver-dies",
    title: "a receiver that died while it waited takes no value along",
    applies: withLinks(withRealWorkers),
    async run(context) {
      const [channel, asked, gate] = [new Channel<number>(), new SyncEvent(), context.gate()];
      const executor = context.create({ maxWorkers: 1 });
      const dying = executor.submit(channels.dieAtChannel, channel, false, asked, gate.path);
      await asked.wait();
      gate.open();
      await assert.rejects(dying.result(), WorkerLostError);
      assert.equal(await channel.trySend(1), false);
      const receiving = executor.submit(channels.receiveOne, channel);
      await channel.send(2);
      assert.deepEqual(await receiving, { value: 2, done: false });
    },
  },
  {
    id: "cf-channel-options",
    title: "options of a channel are checked",
    applies: withLinks(),
    async run() {
      assert.throws(() => new Channel({ capacity: -1 }), RangeError);
      assert.throws(() => new Channel({ capacity: 1.5 }), TypeError);
      assert.throws(() => new Channel({ name: 7 as never }), TypeError);
      assert.throws(() => new Channel({ capacty: 1 } as never), /did you mean "capacity"/);
      const channel = new Channel();
      await assert.rejects(channel.receive({ timeout: -1 }), RangeError);
      await assert.rejects(channel.send(1, { timeout: "soon" as never }), TypeError);
      await assert.rejects(channel.receive({ signal: {} as never }), TypeError);
      await assert.rejects(channel.receive({ timeout: 0 }), TimeoutError);
      const aborted = AbortSignal.abort(new RangeError("before"));
      await assert.rejects(channel.receive({ signal: aborted }), /before/);
    },
  },
];
