// Tests of hostile programs: they hold on executors that need no runtime, and find one that does not keep its word.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLoopExecutor, type Executor, type Future, type PoolOptions } from "../../../mod.ts";
import { runtimeBlindSubjects } from "../../testing/subjects.ts";
import { type HostileRun, runHostile } from "./program.ts";
import { drawSteps, type Step } from "./steps.ts";
import { THEN } from "./thenables.ts";

const STEPS = 400;
const SEEDS = [1, 2, 3];

for (const { name, traits, create } of runtimeBlindSubjects("here")) {
  test(`hostile programs hold on the ${name}`, async () => {
    for (const seed of SEEDS) {
      const isOdd = seed % 2 === 1;
      const run = { create, traits, maxWorkers: isOdd ? 1 : 3, isObserved: isOdd };
      const { calls, values, failures } = await runHostile(drawSteps(seed, STEPS), run);
      assert.ok(calls > STEPS / 2 && values > 0 && failures > 0, `${calls} ${values} ${failures}`);
    }
  });
}

/** What an executor does to the third call of a program. */
type Mischief = (submit: () => Future<unknown>, again: () => Future<unknown>) => Future<unknown>;

/** An executor that plays a trick on one call. */
function spoilt(mischief: Mischief): HostileRun {
  class Spoilt extends EventLoopExecutor {
    #calls = 0;
    #last: (() => Future<unknown>) | undefined = undefined;

    // biome-ignore lint/suspicious/noExplicitAny: whatever it is, it is handed on
    override submit(...call: [any, ...any[]]): any {
      const submit = () => super.submit(...call);
      const last = this.#last ?? submit;
      this.#last = submit;
      return ++this.#calls === 3 ? mischief(submit, last) : submit();
    }
  }
  const create = (options: PoolOptions): Executor => new Spoilt(options);
  const [eventLoop] = runtimeBlindSubjects("here");
  assert.ok(eventLoop);
  return { create, traits: eventLoop.traits, maxWorkers: 1, isObserved: false, stillMs: 300 };
}

const ORDINARY: readonly Step[] = Array.from({ length: 6 }, () => ({ deed: "plain" }) as const);

test("a program finds another call's value, one that runs twice, and one that hangs", async () => {
  await runHostile(
    ORDINARY,
    spoilt((submit) => submit()),
  );
  await assert.rejects(
    runHostile(
      ORDINARY,
      spoilt((_submit, again) => again()),
    ),
    /the value of plain call 2/,
  );
  const twice: Mischief = (submit) => {
    submit();
    return submit();
  };
  // One that does not itself tell which have begun, or the first would have told it to nobody.
  const withEcho = ORDINARY.with(2, { deed: "echo" });
  await assert.rejects(runHostile(withEcho, spoilt(twice)), /echo 2 began twice/);
  const never: Mischief = (submit) => {
    const future = submit();
    return Object.defineProperty(future, THEN, { value: () => new Promise<never>(() => {}) });
  };
  await assert.rejects(runHostile(ORDINARY, spoilt(never)), /hangs: 1 calls are open, plain 2/);
});
