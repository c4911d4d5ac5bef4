// Tests of two copies of the library in one program: a second one is made of its files, in a folder that git ignores.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as own from "../../mod.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A test runner that looks for tests meanwhile must not find these. */
const isNoTest = (path: string) => !path.endsWith("_test.ts");

mkdirSync(`${ROOT}/temp`, { recursive: true });
const folder = mkdtempSync(`${ROOT}/temp/copy-`);
for (const path of ["mod.ts", "modules/core", "modules/workers"])
  cpSync(`${ROOT}/${path}`, `${folder}/${path}`, { recursive: true, filter: isNoTest });
const other: typeof own = await import(pathToFileURL(`${folder}/mod.ts`).href);
after(() => rmSync(folder, { recursive: true }));

test("the copies are two", () => {
  assert.notEqual(own.Future, other.Future);
  assert.notEqual(own.CancelledError, other.CancelledError);
});

for (const [name, ours, theirs] of [
  ["the first", own, other],
  ["the second", other, own],
] as const) {
  test(`wait() of ${name} takes futures of both copies`, async () => {
    const futures = [new ours.Future<number>(), new theirs.Future<number>()] as const;
    const first = ours.wait(futures, { returnWhen: "FIRST_COMPLETED" });
    futures[1].setResult(1);
    assert.deepEqual([...(await first).done], [futures[1]]);
    const failed = ours.wait(futures, { returnWhen: "FIRST_EXCEPTION" });
    futures[0].setException(new Error("no"));
    assert.equal((await failed).done.size, 2);
    assert.equal((await ours.wait(futures)).notDone.size, 0);
  });

  test(`asCompleted() of ${name} takes futures of both copies`, async () => {
    const futures = [new ours.Future<number>(), new theirs.Future<number>()] as const;
    setTimeout(() => {
      futures[1].setResult(1);
      futures[0].setResult(0);
    });
    const order: own.AnyFuture[] = [];
    for await (const future of ours.asCompleted(futures)) order.push(future);
    assert.deepEqual(order, [futures[1], futures[0]]);
  });

  test(`waiting by ${name} is no look at a failure of the other copy`, async () => {
    const reported: unknown[] = [];
    const executor = new theirs.EventLoopExecutor({
      onError: (_error, { kind }) => reported.push(kind),
    });
    const fail = () => {
      throw new Error("no");
    };
    await ours.wait([executor.submit(fail)]);
    await executor.shutdown();
    assert.deepEqual(reported, ["unobserved"]);
  });

  test(`an executor of ${name} runs a task of the other copy, which knows its context`, async () => {
    await using executor = new ours.EventLoopExecutor();
    const square = theirs.task(import.meta.url, function square(n: number) {
      return [n * n, theirs.taskContext().worker.id, ours.taskContext().worker.id];
    });
    assert.deepEqual(await executor.submit(square, 3), [9, 0, 0]);
    const { nothing } = theirs.importTasks<{ nothing(): number }>(
      "data:text/javascript,export const nothing = () => 0",
    );
    assert.equal(await executor.submit(nothing), 0);
  });

  test(`a callback of ${name} that returns a future of the other copy leaves its failure alone`, async () => {
    const reported: unknown[] = [];
    const onError = (_error: unknown, { kind }: { kind: string }) => reported.push(kind);
    const executor = new ours.EventLoopExecutor({ onError });
    const failed = new theirs.Future<number>();
    const future = executor.submit(() => 1);
    future.addDoneCallback(() => failed);
    await future;
    failed.setException(new Error("no"));
    await executor.shutdown();
    assert.deepEqual(reported, []);
  });
}

test("a future of a copy that is too old or too new is refused in one clear sentence", async () => {
  class Future {
    done = () => true;
    addDoneCallback() {}
    [Symbol.for("@concurrent/futures/future/2")]() {}
  }
  const message =
    /^Cannot wait: a future is of another version of @concurrent\/futures, which this/;
  await assert.rejects(own.wait([new Future() as never]), { name: "TypeError", message });
  assert.throws(() => own.asCompleted([new own.Future(), new Future() as never]), TypeError);
});
