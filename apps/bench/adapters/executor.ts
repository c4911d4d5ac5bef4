// Adapts any executor of ours.

import {
  type ExecutorOptions,
  type Future,
  importTasks,
  memoize,
  type PoolExecutor,
  share,
  type Task,
  TaskGroup,
  wait,
} from "@concurrent/futures";
import { trace } from "@concurrent/futures/otel";
import { Channel, Lock, Semaphore } from "@concurrent/futures/sync";
import { trace as spans } from "@opentelemetry/api";
import { TracerProvider } from "@opentelemetry/sdk-trace";
import { type Adapter, callAll, callEach, type Pool } from "../contender.ts";

/** Entries of a map that takes long to copy. */
const ENTRIES = 50_000;

/** @param variant How a burst is waited for: by `"wait"`, by Promise `"all"`, or by awaiting each future. */
export function executorAdapter(
  create: (maxWorkers: number, limits?: Pick<ExecutorOptions, "perKey">) => PoolExecutor,
  variant: string | undefined,
): Adapter {
  return {
    open({ workers, task: name, moved }) {
      const tasks = importTasks<Record<string, (argument: unknown) => unknown>>(
        new URL(moved ? "./moved_tasks.ts" : "../tasks.ts", import.meta.url),
      );
      const plain = tasks[name] as Task<[unknown], unknown>;
      const task = moved
        ? plain.with({ transfer: (bytes) => [(bytes as Uint8Array<ArrayBuffer>).buffer] })
        : plain;
      const executor = create(workers);
      const call = (argument: unknown) => executor.submit(task, argument);
      const keyed = new Map<number, PoolExecutor>();
      const known = memoize(task);
      return {
        call,
        memoized: (argument) => executor.submit(known, argument),
        many: (WAYS[variant ?? ""] ?? callEach)(call),
        async map(args) {
          const results: unknown[] = [];
          for await (const result of executor.map(task, args)) results.push(result);
          return results;
        },
        async stream(count, buffer) {
          const { upTo } = generators;
          const results: unknown[] = [];
          const named = buffer === undefined ? upTo : upTo.with({ buffer });
          for await (const item of executor.stream(named, count)) results.push(item);
          return results;
        },
        async large(count, bytes, moved) {
          let whole = 0;
          for await (const item of executor.stream(generators.buffers, count, bytes, moved))
            if (item.length === bytes && item[0] === 7) whole++;
          if (whole !== count) throw new RangeError("Wrong buffers");
        },
        async group(args) {
          await using group = new TaskGroup<unknown>(executor);
          for (const argument of args) group.submit(task, argument);
          return await group.join();
        },
        async keyed(args, keys) {
          const key = (_task: unknown, [n]: readonly unknown[]) => (n as number) % keys;
          const found = keyed.get(keys) ?? create(workers, { perKey: { maxRunning: 10_000, key } });
          keyed.set(keys, found);
          return await callEach((argument) => found.submit(task, argument))(args);
        },
        acquire: (what, times) =>
          executor.submit(sharing.acquire, what === "lock" ? new Lock() : new Semaphore(2), times),
        async answered(times) {
          const [questions, answers] = [new Channel<number>(), new Channel<number>()];
          const answering = executor.submit(sharing.answer, questions, answers);
          let sum = 0;
          for (let n = 0; n < times; n++) {
            await questions.send(n);
            sum += (await answers.receive()).value ?? 0;
          }
          await questions.close();
          await answering;
          return sum;
        },
        async lookUp(times, isShared) {
          const map = new Map(Array.from({ length: ENTRIES }, (_, n) => [`key ${n}`, n]));
          using table = share(map);
          const look = (n: number) =>
            isShared
              ? executor.submit(sharing.lookInShared, table, `key ${n}`)
              : executor.submit(sharing.lookIn, map, `key ${n}`);
          await look(0);
          const start = performance.now();
          for (let n = 0; n < times; n++)
            if ((await look(n)) !== n) throw new RangeError("Wrong result");
          return (performance.now() - start) / times;
        },
        async actor() {
          const actor = await executor.actor(sharing.Incrementer);
          return (n) => actor.increment(n);
        },
        interrupt: (future) => void (future as Future<unknown>).cancel({ interrupt: true }),
        cancel: (future) => void (future as Future<unknown>).cancel(),
        observe() {
          const listening = executor.observe(() => {});
          return () => listening[Symbol.dispose]();
        },
        trace() {
          spans.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [] }));
          const following = trace(executor);
          return () => {
            following[Symbol.dispose]();
            spans.disable();
          };
        },
        close: () => Promise.all([executor, ...keyed.values()].map((each) => each.shutdown())),
      } satisfies Pool;
    },
  };
}

const generators = importTasks<typeof import("../generators.ts")>(
  new URL("../generators.ts", import.meta.url),
);

const sharing = importTasks<typeof import("../sharing.ts")>(
  new URL("../sharing.ts", import.meta.url),
);

const WAYS: Record<string, (call: (argument: unknown) => Future<unknown>) => Pool["many"]> = {
  wait: waitForAll,
  all: callAll,
};

function waitForAll(call: (argument: unknown) => Future<unknown>): Pool["many"] {
  return async (args) => {
    const futures = args.map(call);
    await wait(futures);
    return futures.map((future) => future.snapshot().value);
  };
}
