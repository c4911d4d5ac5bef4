// Cases of the caller's async context: what is handed to an executor runs in the context of whoever handed it over.
import assert from "node:assert/strict";
import type { AsyncLocalStorage } from "node:async_hooks";
import { importTasks, type Task, type TasksOf, wait, type Yields } from "../../../mod.ts";
import { everywhere, inProcessOnly } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import type { Subject } from "../subject.ts";
import { contexts, failures, gates } from "../tasks.ts";

/** The class, where the platform has it. Looked for when a case asks: to import this file touches nothing. */
function storageClass(): (new () => AsyncLocalStorage<string>) | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(name: string): { AsyncLocalStorage: typeof AsyncLocalStorage } };
  };
  return process?.getBuiltinModule?.("node:async_hooks")?.AsyncLocalStorage;
}

/** Where the platform has `AsyncLocalStorage`. */
export function withStorage(applies: ConformanceCase["applies"]): ConformanceCase["applies"] {
  return (subject: Subject) => {
    if (storageClass() === undefined) return "this platform has no AsyncLocalStorage";
    return applies(subject);
  };
}

function makeStorage(): AsyncLocalStorage<string> {
  const Storage = storageClass();
  assert.ok(Storage !== undefined);
  return new Storage();
}

/** A task for executors that take a function as it is. */
function here<R>(task: () => R): Task<[], R> {
  return task as never;
}

/** A module that exports `look`, which is only here; without a dot, behind which Bun would look for a file's kind. */
function moduleOf<R>(context: CaseContext, look: () => R): TasksOf<{ look(): R }> {
  const slot = "futures-case-look";
  Object.assign(globalThis, { [slot]: look });
  context.defer(() => Reflect.deleteProperty(globalThis, slot));
  return importTasks(`data:text/javascript,export const look = () => globalThis["${slot}"]()`);
}

/** Cases of the caller's async context. */
export const asyncContextCases: readonly ConformanceCase[] = [
  {
    id: "cf-caller-task",
    title: "a task that waited for a place runs in the context of its caller, not of who freed it",
    applies: withStorage(inProcessOnly),
    async run(context) {
      const storage = makeStorage();
      const executor = context.create({ maxWorkers: 1 });
      const open = Promise.withResolvers<void>();
      const first = storage.run("Ann", () =>
        executor.submit(
          here(async () => {
            await open.promise;
            return storage.getStore();
          }),
        ),
      );
      const look = async () => {
        const before = storage.getStore();
        await new Promise((resolve) => setTimeout(resolve));
        return [before, storage.getStore()];
      };
      const behind = ["Ben", "Cleo", "Dan"].map((name) =>
        storage.run(name, () => executor.submit(here(look))),
      );
      const nobody = executor.submit(here(look));
      const sync = storage.run("Eve", () => executor.submit(here(() => storage.getStore())));
      storage.run("Fay", () => open.resolve());
      assert.equal(await first, "Ann");
      assert.deepEqual(await Promise.all([...behind, nobody]), [
        ["Ben", "Ben"],
        ["Cleo", "Cleo"],
        ["Dan", "Dan"],
        [undefined, undefined],
      ]);
      assert.equal(await sync, "Eve");
    },
  },
  {
    id: "cf-caller-module",
    title: "a task that is named by its module runs in the context of its caller, from the first",
    applies: withStorage(inProcessOnly),
    async run(context) {
      const storage = makeStorage();
      const { look } = moduleOf(context, async () => {
        const before = storage.getStore();
        await undefined;
        return [before, storage.getStore()];
      });
      const executor = context.create({ maxWorkers: 1 });
      const futures = ["Ann", "Ben"].map((name) => storage.run(name, () => executor.submit(look)));
      assert.deepEqual(await Promise.all(futures), [
        ["Ann", "Ann"],
        ["Ben", "Ben"],
      ]);
    },
  },
  {
    id: "cf-caller-retry",
    title: "a task that is run again, or sent to another place, runs in the context of its caller",
    applies: withStorage(inProcessOnly),
    async run(context) {
      const storage = makeStorage();
      const executor = context.create({ maxWorkers: 1 });
      assert.ok("terminateWorker" in executor && "workers" in executor);
      const pool = executor as typeof executor & {
        terminateWorker(id: number): boolean;
        workers(): { id: number }[];
      };
      const seen: unknown[] = [];
      const started: PromiseWithResolvers<void>[] = [1, 2].map(() => Promise.withResolvers<void>());
      const tasks = moduleOf(context, () => {
        seen.push(storage.getStore());
        started[seen.length - 1]?.resolve();
        return seen.length < 2 ? new Promise(() => {}) : "done";
      });
      const future = storage.run("Ann", () => executor.submit(tasks.look.with({ retries: 1 })));
      const behind = storage.run("Ben", () => executor.submit(here(() => storage.getStore())));
      await started[0]?.promise;
      storage.run("Cleo", () => pool.terminateWorker(pool.workers()[0]?.id ?? -1));
      assert.equal(await future, "done");
      assert.deepEqual(seen, ["Ann", "Ann"]);
      assert.equal(await behind, "Ben");
    },
  },
  {
    id: "cf-caller-map",
    title: "elements of map run in the context of its call, and so does its source",
    applies: withStorage(inProcessOnly),
    async run(context) {
      const storage = makeStorage();
      const executor = context.create({ maxWorkers: 2 });
      const sources: unknown[] = [];
      function* lazily() {
        try {
          for (let n = 0; n < 6; n++) {
            sources.push(storage.getStore());
            yield n;
          }
        } finally {
          sources.push(storage.getStore());
        }
      }
      async function* later() {
        for (const n of lazily()) yield n;
      }
      const look = async () => {
        await undefined;
        return storage.getStore();
      };
      const maps = storage.run("Ann", () =>
        [lazily(), later()].flatMap((source) => [
          executor.map(here(look) as Task<never[]>, source as Iterable<never>, { bufferSize: 2 }),
        ]),
      );
      const other = storage.run("Ben", () =>
        executor.map(here(look) as Task<never[]>, [1, 2, 3] as never),
      );
      const read = (results: AsyncIterable<unknown>) =>
        storage.run("Cleo", () => Array.fromAsync(results));
      const [eager, ...lazy] = await Promise.all([other, ...maps].map(read));
      assert.deepEqual(eager, ["Ben", "Ben", "Ben"]);
      for (const results of lazy) assert.deepEqual(results, Array(6).fill("Ann"));
      assert.deepEqual(new Set(sources), new Set(["Ann"]));
      const left = storage.run("Ann", () =>
        executor.map(here(look) as Task<never[]>, lazily() as Iterable<never>, { bufferSize: 1 }),
      );
      sources.length = 0;
      await storage.run("Cleo", () => left.return());
      assert.deepEqual(sources, ["Ann"], "a source that is left cleans up in its own context");
    },
  },
  {
    id: "cf-caller-callback",
    title: "a done callback runs in the context in which it was added",
    applies: withStorage(everywhere),
    async run(context) {
      const storage = makeStorage();
      const gate = context.gate();
      const executor = context.create({ maxWorkers: 1 });
      const future = storage.run("Ann", () => executor.submit(gates.waitAt, gate.path, 1));
      const cancelled = storage.run("Ann", () => executor.submit(gates.waitAt, gate.path, 2));
      const seen: unknown[] = [];
      const look = () => seen.push(storage.getStore());
      for (const name of ["Ben", "Cleo"]) storage.run(name, () => future.addDoneCallback(look));
      future.addDoneCallback(look);
      storage.run("Dan", () => cancelled.addDoneCallback(look));
      storage.run("Eve", () => cancelled.cancel());
      assert.deepEqual(seen, ["Dan"]);
      gate.open();
      await future;
      storage.run("Fay", () => future.addDoneCallback(look));
      assert.deepEqual(seen, ["Dan", "Ben", "Cleo", undefined, "Fay"]);
    },
  },
  {
    id: "cf-caller-progress",
    title: "a progress listener runs in the context in which it was added",
    applies: withStorage(everywhere),
    async run(context) {
      const storage = makeStorage();
      const gate = context.gate();
      const executor = context.create({ maxWorkers: 1 });
      const future = storage.run("Ann", () =>
        executor.submit(contexts.waitThenProgressAt, gate.path),
      );
      const seen: unknown[] = [];
      storage.run("Ben", () => future.onProgress(() => seen.push(storage.getStore())));
      gate.open();
      await future;
      assert.deepEqual(seen, ["Ben"]);
    },
  },
  {
    id: "cf-caller-observer",
    title: "an observer runs in the context in which it began to observe",
    applies: withStorage(everywhere),
    async run(context) {
      const storage = makeStorage();
      const executor = context.create({ maxWorkers: 1 });
      const seen = new Map<string, Set<unknown>>();
      const look = (event: { type: string }) => {
        const names = seen.get(event.type) ?? new Set();
        seen.set(event.type, names.add(storage.getStore()));
      };
      using _ = storage.run("Ann", () => executor.observe(look));
      const submit = () => executor.submit(contexts.progressAtOnce);
      const futures = ["Ben", "Cleo"].map((name) => storage.run(name, submit));
      // Called in the middle of what observers are told of outcomes.
      const later = Promise.withResolvers<void>();
      futures[0]?.addDoneCallback(() => {
        storage.run("Eve", submit).addDoneCallback(() => later.resolve());
      });
      await wait(futures);
      await later.promise;
      storage.run("Dan", () => submit().cancel());
      for (const type of ["submitted", "started", "progress", "settled"])
        assert.deepEqual([...(seen.get(type) ?? [])], ["Ann"], type);
    },
  },
  {
    id: "cf-caller-onerror",
    title: "onError runs in the context in which its executor was made",
    applies: withStorage(everywhere),
    async run(context) {
      const storage = makeStorage();
      const seen: unknown[] = [];
      const onError = () => void seen.push(storage.getStore());
      const executor = storage.run("Ann", () => context.create({ maxWorkers: 1, onError }));
      const future = storage.run("Ben", () => executor.submit(failures.throwRangeError, "one"));
      storage.run("Cleo", () =>
        future.addDoneCallback(() => {
          throw new Error("mine");
        }),
      );
      await wait([future, storage.run("Ben", () => executor.submit(failures.throwRangeError, ""))]);
      await storage.run("Dan", () => executor.shutdown());
      assert.deepEqual(seen, ["Ann", "Ann"]);
    },
  },
  {
    id: "cf-caller-customers",
    title: "customers who submit from their requests, again and again, each see their own context",
    applies: withStorage(inProcessOnly),
    async run(context) {
      const storage = makeStorage();
      const executor = context.create({ maxWorkers: 2 });
      const wrong: unknown[] = [];
      const look = (customer: string) => async () => {
        if (storage.getStore() !== customer) wrong.push([customer, storage.getStore()]);
        if (Number(customer) % 3 === 0) await new Promise((resolve) => setTimeout(resolve));
        if (storage.getStore() !== customer) wrong.push([customer, storage.getStore()]);
      };
      const request = async (customer: string) => {
        for (let n = 0; n < 10; n++) {
          const future = executor.submit(here(look(customer)));
          future.addDoneCallback(() => {
            if (storage.getStore() !== customer) wrong.push(["callback", customer]);
          });
          await future;
          if (storage.getStore() !== customer) wrong.push(["await", customer]);
        }
      };
      const customers = Array.from({ length: 20 }, (_, n) => String(n));
      await Promise.all(customers.map((customer) => storage.run(customer, request, customer)));
      assert.deepEqual(wrong, []);
    },
  },
  {
    id: "cf-caller-stream",
    title:
      "a stream runs in the context of whoever made it, its end too, whoever reads it or leaves it",
    applies: withStorage(inProcessOnly),
    async run(context) {
      const storage = makeStorage();
      const executor = context.create();
      const seen = new Set<unknown>();
      const look = () => void seen.add(storage.getStore());
      function* sync() {
        try {
          for (;;) yield look();
        } finally {
          look();
        }
      }
      async function* later() {
        try {
          for (;;) yield look();
        } finally {
          look();
        }
      }
      function* sources() {
        try {
          for (;;) yield look();
        } finally {
          look();
        }
      }
      for (const task of [sync, later]) {
        const generator = task as unknown as Task<unknown[], unknown, Yields<void>>;
        const streams = storage.run("Ann", () => [
          executor.stream(generator),
          executor.flatMap(generator, sources(), { bufferSize: 2 }),
        ]);
        for (const stream of streams) {
          await storage.run("Ben", async () => await stream.next());
          await storage.run("Cleo", async () => await stream.return?.());
        }
      }
      assert.deepEqual([...seen], ["Ann"]);
    },
  },
];
