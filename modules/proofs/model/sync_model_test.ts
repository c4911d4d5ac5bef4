// Random deeds to channels, semaphores and barriers, beside references of ten lines: who waits, who has got what, in order.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import { InvalidStateError } from "../../../mod.ts";
import { Barrier, BrokenBarrierError, Channel, type Lease, Semaphore } from "../../sync/mod.ts";

/** Programs of so many deeds each; `MODEL_RUNS=1250` makes a hundred thousand of each kind. */
const RUNS = 60;
const DEEDS = 80;

const runs = Number(process.env.MODEL_RUNS ?? RUNS);
const deeds = fc.array(
  fc.record({
    kind: fc.constantFrom("give", "give", "take", "take", "try", "drop", "end"),
    which: fc.nat({ max: 1_000 }),
  }),
  { minLength: DEEDS, maxLength: DEEDS, size: "max" },
);
type Deeds = typeof deeds extends fc.Arbitrary<infer D> ? D : never;

/** What became of something that was asked for: undefined as long as it waits. */
class Asked {
  outcome: unknown;
  readonly #controller = new AbortController();

  constructor(ask: (signal: AbortSignal) => Promise<unknown>) {
    ask(this.#controller.signal).then(
      (value) => {
        this.outcome = value ?? "done";
      },
      (error: unknown) => {
        this.outcome = error;
      },
    );
  }

  drop(): void {
    this.#controller.abort("dropped");
  }
}

/** Settled promises are told in microtasks; through an async method it takes a few. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
}

test("a channel is what the reference says, whatever is done to it", async () => {
  const program = fc.record({ capacity: fc.nat({ max: 3 }), deeds });
  await fc.assert(fc.asyncProperty(program, channelIsRight), { numRuns: runs });
});

async function channelIsRight(program: { capacity: number; deeds: Deeds }): Promise<void> {
  const channel = new Channel<number>({ capacity: program.capacity });
  const asked: Asked[] = [];
  const expected: unknown[] = [];
  // The reference: what lies in the channel, of whom it is, and whether its sender waits; who waits to receive.
  let sent: { value: number; by: number }[] = [];
  let receivers: number[] = [];
  let isClosed = false;
  const match = () => {
    for (const receiver of receivers.splice(0, Math.min(receivers.length, sent.length)))
      expected[receiver] = { value: (sent.shift() as { value: number }).value, done: false };
    for (const { by } of sent.slice(0, program.capacity)) expected[by] ??= "done";
    if (isClosed && sent.length === 0)
      for (const receiver of receivers.splice(0))
        expected[receiver] = { value: undefined, done: true };
  };

  for (const { kind, which } of program.deeds) {
    const at = asked.length;
    switch (kind) {
      case "give":
        asked.push(new Asked((signal) => channel.send(which, { signal })));
        if (isClosed) expected[at] = InvalidStateError;
        else sent.push({ value: which, by: at });
        if (receivers.length > 0) expected[at] ??= "done";
        break;
      case "take":
        asked.push(new Asked((signal) => channel.receive({ signal })));
        receivers.push(at);
        // A sender without room waits until it is received.
        for (const { by } of sent.slice(0, 1)) expected[by] ??= "done";
        break;
      case "try":
        asked.push(new Asked(() => channel.trySend(which)));
        if (isClosed) expected[at] = InvalidStateError;
        else if (receivers.length > 0 || sent.length < program.capacity) {
          sent.push({ value: which, by: at });
          expected[at] = true;
        } else expected[at] = false;
        break;
      case "drop": {
        const waiting = asked.flatMap((_, index) => (expected[index] === undefined ? [index] : []));
        const dropped = waiting[which % waiting.length];
        if (dropped === undefined) break;
        asked[dropped]?.drop();
        expected[dropped] = "dropped";
        sent = sent.filter(({ by }) => by !== dropped);
        receivers = receivers.filter((by) => by !== dropped);
        break;
      }
      case "end":
        // Seldom, or no program comes far.
        if (which % 30 > 0) break;
        void channel.close();
        isClosed = true;
        break;
    }
    match();
    await settle();
    compare(asked, expected);
  }
}

test("a semaphore is what the reference says, whatever is done to it", async () => {
  const program = fc.record({ permits: fc.integer({ min: 1, max: 3 }), deeds });
  await fc.assert(fc.asyncProperty(program, semaphoreIsRight), { numRuns: runs });
});

async function semaphoreIsRight(program: { permits: number; deeds: Deeds }): Promise<void> {
  const semaphore = new Semaphore(program.permits);
  const asked: Asked[] = [];
  const expected: unknown[] = [];
  // The reference: who holds one, who waits, and how many were granted.
  let held: number[] = [];
  let queue: number[] = [];
  let token = 0;
  const match = () => {
    while (held.length < program.permits && queue.length > 0) {
      const next = queue.shift() as number;
      held.push(next);
      expected[next] = ++token;
    }
  };
  const tokenOf = async (lease: Promise<Lease | undefined>) => (await lease)?.token ?? "none";
  const leases: (Lease | undefined)[] = [];

  for (const { kind, which } of program.deeds) {
    const at = asked.length;
    switch (kind) {
      case "take":
      case "end":
        asked.push(
          new Asked((signal) =>
            tokenOf(semaphore.acquire({ signal }).then((lease) => (leases[at] = lease))),
          ),
        );
        queue.push(at);
        break;
      case "try":
        asked.push(
          new Asked(() => tokenOf(semaphore.tryAcquire().then((lease) => (leases[at] = lease)))),
        );
        if (held.length < program.permits && queue.length === 0) queue.push(at);
        else expected[at] = "none";
        break;
      case "give": {
        const holder = held[which % held.length];
        if (holder === undefined) break;
        assert.equal(leases[holder]?.release(), true);
        assert.equal(leases[holder]?.release(), false);
        held = held.filter((other) => other !== holder);
        break;
      }
      case "drop": {
        const dropped = queue[which % queue.length];
        if (dropped === undefined) break;
        asked[dropped]?.drop();
        expected[dropped] = "dropped";
        queue = queue.filter((by) => by !== dropped);
        break;
      }
    }
    match();
    await settle();
    compare(asked, expected);
  }
}

test("a barrier is what the reference says, whatever is done to it", async () => {
  const program = fc.record({ parties: fc.integer({ min: 1, max: 4 }), deeds });
  await fc.assert(fc.asyncProperty(program, barrierIsRight), { numRuns: runs });
});

async function barrierIsRight(program: { parties: number; deeds: Deeds }): Promise<void> {
  const barrier = new Barrier(program.parties);
  const asked: Asked[] = [];
  const expected: unknown[] = [];
  // The reference: who has arrived, in order, and whether it is broken.
  let arrived: number[] = [];
  let isBroken = false;
  const breakAll = () => {
    isBroken = true;
    for (const other of arrived.splice(0)) expected[other] = BrokenBarrierError;
  };

  for (const { kind, which } of program.deeds) {
    const at = asked.length;
    if (kind === "drop") {
      const dropped = arrived[which % arrived.length];
      if (dropped === undefined || which % 3 > 0) continue;
      asked[dropped]?.drop();
      arrived = arrived.filter((other) => other !== dropped);
      expected[dropped] = "dropped";
      breakAll();
    } else if (kind === "end") {
      void barrier.reset();
      breakAll();
      isBroken = false;
    } else {
      asked.push(new Asked(async (signal) => `${await barrier.wait({ signal })}`));
      if (isBroken) expected[at] = BrokenBarrierError;
      else arrived.push(at);
      if (arrived.length === program.parties)
        for (const [order, other] of arrived.splice(0).entries()) expected[other] = `${order}`;
    }
    await settle();
    compare(asked, expected);
  }
}

/** An error is expected by its class. */
function compare(asked: readonly Asked[], expected: readonly unknown[]): void {
  for (const [at, { outcome }] of asked.entries()) {
    const wanted = expected[at];
    if (typeof wanted === "function") assert.ok(outcome instanceof wanted, `${at}: ${outcome}`);
    else assert.deepEqual(outcome, wanted, `what was asked for as number ${at}`);
  }
}
