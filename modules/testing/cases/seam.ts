// Cases of the seam: the six rules that every `Spawn` obeys (core/channel.ts).
import assert from "node:assert/strict";
import type { Channel, WorkerExit } from "../../core/seam/channel.ts";
import type { WireTask, WorkerMessage } from "../../core/seam/messages.ts";
import { type Applies, withOwnWorkers, withRealWorkers } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";

const MODULES = {
  arithmetic: new URL("../fixtures/arithmetic.ts", import.meta.url).href,
  contexts: new URL("../fixtures/context.ts", import.meta.url).href,
  deaths: new URL("../fixtures/deaths.ts", import.meta.url).href,
  gates: new URL("../fixtures/gates.ts", import.meta.url).href,
  places: new URL("../fixtures/identity.ts", import.meta.url).href,
};

const withChannel: Applies = ({ spawn }) =>
  spawn !== undefined || "there is no channel: the executor has no workers";

/** Cases of the seam. */
export const seamCases: readonly ConformanceCase[] = [
  {
    id: "seam-1",
    title: "spawn() returns before any handler runs",
    applies: withChannel,
    async run(context) {
      const worker = new WatchedWorker(context);
      assert.deepEqual(worker.events, []);
      worker.start();
      assert.deepEqual(worker.events, [], "nor does send() run one");
      await context.until(() => worker.messages.length > 0);
      await worker.end();
    },
  },
  {
    id: "seam-2",
    title: "messages arrive in order, once each; the first is ready or failed",
    applies: withChannel,
    async run(context) {
      const worker = new WatchedWorker(context);
      worker.start();
      const task = { module: MODULES.arithmetic, export: "square" };
      for (let n = 0; n < 200; n++) worker.run(task, [n]);
      await context.until(() => worker.values.size === 200);
      assert.equal(worker.messages[0]?.kind, "ready");
      assert.equal(worker.messages.filter(({ kind }) => kind === "ready").length, 1);
      const settled = worker.messages.filter((message) => message.kind === "settled");
      assert.deepEqual(
        settled.flatMap(({ first, values }) => values.map((_, index) => first + index)),
        Array.from({ length: 200 }, (_, n) => n),
        "every outcome once, in the order of the calls",
      );
      for (let n = 0; n < 200; n++) assert.equal(worker.values.get(n), n * n);
      await worker.end();

      const failing = new WatchedWorker(context);
      failing.start({ module: MODULES.places, export: "failToInitialize", args: ["no luck"] });
      await context.until(() => failing.messages.length > 0);
      assert.equal(failing.messages[0]?.kind, "failed");
      await failing.end();
    },
  },
  {
    id: "seam-3",
    title:
      "onExit comes once and last, whether the worker is stopped, terminated or exits by itself",
    applies: withChannel,
    async run(context) {
      const deeds: ((worker: WatchedWorker) => void)[] = [
        (worker) => worker.channel.send({ kind: "stop" }),
        (worker) => worker.channel.terminate(false),
        (worker) => worker.run({ module: MODULES.deaths, export: "exit" }, [3]),
        (worker) => worker.run({ module: MODULES.deaths, export: "exit" }, [0]),
      ];
      for (const [index, deed] of deeds.entries()) {
        const worker = new WatchedWorker(context);
        worker.start();
        await context.until(() => worker.messages.length > 0);
        deed(worker);
        await context.until(() => worker.exits.length > 0);
        if (index === 2) assert.equal(worker.exits[0]?.code, context.exitCode(3));
        await afterwards();
        assert.equal(worker.exits.length, 1, `deed ${index}`);
        assert.equal(worker.events.at(-1), "exit");
      }
    },
  },
  {
    id: "seam-3-silent",
    title: "onExit comes where the platform itself is silent: self.close(), a kill, a busy worker",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const { traits } = context.subject;
      const gate = context.gate();
      const deeds: [WireTask, unknown[]][] = [
        [{ module: MODULES.deaths, export: traits.processes ? "killOwnProcess" : "closeSelf" }, []],
        [{ module: MODULES.gates, export: "spinAt" }, [gate.path]],
      ];
      for (const [task, args] of deeds) {
        const worker = new WatchedWorker(context);
        worker.start();
        worker.run(task, args);
        if (task.export === "spinAt") {
          // The load of the module is the last thing a worker says before it spins.
          await context.until(() => worker.messages.some(({ kind }) => kind === "loaded"));
          worker.channel.terminate(true);
        }
        await context.until(() => worker.exits.length > 0);
        await afterwards();
        assert.equal(worker.exits.length, 1, task.export);
        assert.equal(worker.events.at(-1), "exit");
        const abandoned = task.export === "spinAt" && !traits.stopsBusyWorkers;
        assert.equal(worker.exits[0]?.abandoned ?? false, abandoned, task.export);
      }
    },
  },
  {
    id: "seam-unreadable",
    title: "what can be sent but not read is told by the worker's end: nobody waits for ever",
    applies: withChannel,
    async run(context) {
      const worker = new WatchedWorker(context);
      worker.start();
      const task = { module: MODULES.arithmetic, export: "identity" };
      // Past the packer, which lets none of it through to a process. Node's own serializer writes it and cannot read it.
      const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
      try {
        worker.run(task, [module]);
        await context.until(
          () =>
            worker.values.size === 1 || worker.messages.some(({ kind }) => kind === "unreadable"),
        );
      } catch (error) {
        // Refused at once, by what the platform throws.
        assert.match(String(error), /DataCloneError|serializer/);
      }
      await worker.end();
    },
  },
  {
    id: "seam-4",
    title: "send() throws at once for what cannot be cloned, and after the exit",
    applies: withChannel,
    async run(context) {
      const worker = new WatchedWorker(context);
      worker.start();
      const task = { module: MODULES.arithmetic, export: "identity" };
      assert.throws(() => worker.run(task, [() => {}]), { name: "DataCloneError" });
      worker.retry(task, ["sent"]);
      await context.until(() => worker.values.size === 1);
      assert.equal(worker.values.get(0), "sent", "the channel still works");
      await worker.end();
      const told = worker.events.length;
      const ended = { name: "ChannelEndedError" };
      assert.throws(() => worker.channel.send({ kind: "stop" }), ended);
      assert.throws(() => worker.channel.send({ kind: "stop" }), ended);
      await afterwards();
      assert.equal(worker.events.length, told, "and runs no handler");
    },
  },
  {
    id: "seam-5",
    title: "terminate() may be called at any time and any number of times, and leads to onExit",
    applies: withChannel,
    async run(context) {
      const early = new WatchedWorker(context);
      early.channel.terminate(false);
      early.channel.terminate(true);
      await context.until(() => early.exits.length === 1);
      early.channel.terminate(false);
      const ready = new WatchedWorker(context);
      ready.start();
      await context.until(() => ready.messages.length > 0);
      ready.channel.terminate(false);
      ready.channel.terminate(false);
      await context.until(() => ready.exits.length === 1);
      await afterwards();
      assert.deepEqual([early.exits.length, ready.exits.length], [1, 1]);
    },
  },
  {
    id: "seam-6",
    title: "messages sent in the same tick as spawn() are not lost",
    applies: withChannel,
    async run(context) {
      const workers = Array.from({ length: 3 }, () => new WatchedWorker(context));
      for (const worker of workers) {
        worker.start();
        worker.run({ module: MODULES.arithmetic, export: "square" }, [7]);
      }
      for (const worker of workers) {
        await context.until(() => worker.values.size === 1);
        assert.equal(worker.values.get(0), 49);
        await worker.end();
      }
    },
  },
  {
    id: "cf-worker-late-abort",
    title: "an abort that comes when its call is over leaves the next call alone",
    applies: withChannel,
    async run(context) {
      const worker = new WatchedWorker(context);
      const [gate, log] = [context.gate(), context.log()];
      worker.start();
      worker.run({ module: MODULES.arithmetic, export: "square" }, [3]);
      worker.run({ module: MODULES.contexts, export: "readSignalAt" }, [log.path, gate.path]);
      await context.until(() => log.lines().length === 1);
      const reason = { kind: "value", value: "late" } as const;
      worker.channel.send({ kind: "abort", seq: 0, reason });
      // Answered after the abort was seen, as messages arrive in order.
      worker.channel.send({ kind: "abort", seq: 1, reason });
      await context.until(() => worker.messages.some(({ kind }) => kind === "aborting"));
      gate.open();
      await context.until(() => worker.values.size === 2);
      assert.deepEqual(
        worker.messages.filter((message) => message.kind === "aborting"),
        [{ kind: "aborting", seq: 1 }],
      );
      assert.deepEqual([worker.values.get(0), worker.values.get(1)], [9, true]);
      await worker.end();
    },
  },
];

// Calls sent ahead are claimed in shared memory where there is some: 1 offers a call to the worker (core/memory/shared_memory.ts).
const OFFERED = 1;

let spawned = 0;

/** A worker spoken to without a pool. */
class WatchedWorker {
  readonly channel: Channel;
  readonly messages: WorkerMessage[] = [];
  readonly exits: WorkerExit[] = [];
  readonly events: string[] = [];
  readonly values = new Map<number, unknown>();
  readonly #context: CaseContext;
  readonly #identity = { id: spawned, name: `Seam_${spawned++}` };
  #sent = 0;
  #hasReturned = false;

  constructor(context: CaseContext) {
    const { spawn } = context.subject;
    assert.ok(spawn);
    this.#context = context;
    this.channel = spawn(
      {
        onMessage: (message) => {
          assert.ok(this.#hasReturned, "no handler runs before spawn() returned");
          this.events.push(message.kind);
          this.messages.push(message);
          if (message.kind !== "settled") return;
          for (const [index, value] of message.values.entries()) {
            this.values.set(message.first + index, value);
          }
        },
        onExit: (exit) => {
          this.events.push("exit");
          this.exits.push(exit);
        },
      },
      this.#identity,
    );
    this.#hasReturned = true;
    context.defer(() => this.channel.terminate(true));
  }

  start(initializer?: WireTask & { args: unknown[] }): void {
    this.channel.send({
      kind: "start",
      worker: this.#identity,
      ...(initializer === undefined ? {} : { initializer }),
    });
  }

  run(task: WireTask, args: unknown[]): void {
    this.#send(this.#sent++, task, args);
  }

  /** Sends another call in the place of the last one, which could not be sent. */
  retry(task: WireTask, args: unknown[]): void {
    this.#send(this.#sent - 1, task, args);
  }

  async end(): Promise<void> {
    this.channel.terminate(false);
    await this.#context.until(() => this.exits.length > 0);
  }

  #send(seq: number, task: WireTask, args: unknown[]): void {
    const words = this.channel.memory?.words;
    if (words instanceof Int32Array) Atomics.store(words, seq % words.length, OFFERED);
    // Each call defines its task anew: how often one is defined is no rule of the seam.
    this.channel.send({
      kind: "run",
      first: seq,
      define: [task],
      runs: [{ task: seq, id: seq, count: 1, arity: args.length, args }],
    });
  }
}

/** Some turns of the event loop, in which nothing more may come. */
async function afterwards(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
}
