// Cases of registerClass(): instances of a program's own classes cross, and so do those of Temporal.
import assert from "node:assert/strict";
import { registerClass } from "../../../mod.ts";
import {
  everywhere,
  readInWorkers,
  withCloning,
  withRealWorkers,
  withWorkers,
} from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { Broken, Money, Names, Order } from "../fixtures/money.ts";
import { arithmetic, money } from "../tasks.ts";

interface OfTemporal {
  readonly from: (text: string) => object;
}

const TEMPORAL: Readonly<Record<string, string>> = {
  Instant: "2026-11-30T12:00:00.000000001Z",
  ZonedDateTime: "2026-11-30T12:00:00+01:00[Europe/Berlin]",
  PlainDate: "2026-11-30",
  PlainTime: "12:00:00.5",
  PlainDateTime: "2026-11-30T12:00:00",
  PlainYearMonth: "2026-11",
  PlainMonthDay: "11-30",
  Duration: "P1DT2H",
};

/** Cases of registered classes. */
export const registeredClassesCases: readonly ConformanceCase[] = [
  {
    id: "cf-class-crosses",
    title:
      "an instance of a registered class is one on the other side, also in the first call that loads its module",
    applies: readInWorkers(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const sum = await executor.submit(money.add, new Money(1n), new Money(2n));
      assert.equal(sum instanceof Money && sum.cents, 3n);
      assert.equal(await executor.submit(money.isMoney, sum), true);
      const both = [1n, 2n].map((cents) => executor.submit(money.add, new Money(cents), sum));
      assert.deepEqual(
        (await Promise.all(both)).map(({ cents }) => cents),
        [4n, 5n],
      );
    },
  },
  {
    id: "cf-class-nested",
    title: "instances cross within values and within each other, also of a class of lists",
    applies: readInWorkers(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const price = new Money(7n);
      const parts: [string, Money][] = [
        ["one", price],
        ["other", price],
      ];
      const made = await executor.submit(money.order, { parts });
      assert.equal(made instanceof Order && made.parts.get("one")?.cents, 7n);
      assert.equal(await executor.submit(money.totalOf, made), 14n);
      const names = Object.assign(Names.from(["a", "b"]) as Names, { label: "x" });
      const reversed = await executor.submit(money.reversed, names);
      assert.deepEqual(
        [reversed instanceof Names, [...reversed], reversed.label],
        [true, ["b", "a"], "X"],
      );
    },
  },
  {
    id: "cf-class-everywhere",
    title: "instances cross in maps, streams, progress, the fields of errors and initializerArgs",
    applies: readInWorkers(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const sums = executor.starmap(
        money.add,
        [1n, 2n, 3n].map((n): [Money, Money] => [new Money(n), new Money(n)]),
      );
      assert.deepEqual(
        (await Array.fromAsync(sums)).map(({ cents }) => cents),
        [2n, 4n, 6n],
      );
      const coins = await Array.fromAsync(executor.stream(money.coins, 3));
      assert.deepEqual(
        coins.map((coin) => coin instanceof Money && coin.cents),
        [1n, 2n, 3n],
      );
      const reporting = executor.submit(money.reports, 5n);
      let detail: unknown;
      reporting.onProgress((progress) => {
        detail = progress.detail;
      });
      await reporting;
      assert.equal(detail instanceof Money && detail.cents, 5n);
      const error = (await executor.submit(money.throwsWith, 9n).exception()) as { price?: Money };
      assert.equal(error.price instanceof Money && error.price.cents, 9n);
    },
  },
  {
    id: "cf-class-initializer",
    title: "instances cross in initializerArgs",
    applies: readInWorkers(withWorkers),
    async run(context) {
      const executor = context.create({
        maxWorkers: 1,
        initializer: money.setBudget,
        initializerArgs: [new Money(11n)],
      });
      assert.equal(await executor.submit(money.budgetOf), 11n);
    },
  },
  {
    id: "cf-class-faults",
    title: "what a class throws of an instance fails that call, by task and argument, and no other",
    applies: readInWorkers(withCloning),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const before = executor.submit(arithmetic.square, 2);
      const [unsaid, unmade] = ["toWire", "fromWire"].map((at) =>
        executor.submit(money.isMoney, new Broken(at)),
      );
      const behind = executor.submit(arithmetic.square, 3);
      await assert.rejects(unsaid?.result() ?? Promise.resolve(), { message: "broken in toWire" });
      await assert.rejects(unmade?.result() ?? Promise.resolve(), {
        name: "DataCloneError",
        message:
          /Cannot begin task "isMoney": argument 1 cannot be put together: .*Broken.*broken in fromWire/,
      });
      await assert.rejects(executor.submit(money.breaks, "toWire").result(), {
        message: "broken in toWire",
      });
      await assert.rejects(executor.submit(money.breaks, "fromWire").result(), {
        name: "DataCloneError",
        message:
          /Cannot return from task "breaks": its result cannot be put together: .*broken in fromWire/,
      });
      assert.deepEqual(await Promise.all([before, behind]), [4, 9]);
      assert.equal(executor.stats().lost, 0);
    },
  },
  {
    id: "cf-class-refused",
    title:
      "what an instance says of itself is refused by its path, and an instance of itself as such",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const odd = new Order(new Money(1n), new Map());
      odd.of = { deep: [() => 1] };
      await assert.rejects(executor.submit(money.isMoney, odd).result(), {
        name: "DataCloneError",
        message: /Cannot send task "isMoney": argument 1, toWire\(\)\.of\.deep\[0\] is a function/,
      });
      odd.of = odd;
      await assert.rejects(executor.submit(money.isMoney, odd).result(), {
        name: "DataCloneError",
        message: /argument 1, toWire\(\)\.of is an instance of money\/Order that is made of itself/,
      });
    },
  },
  {
    id: "cf-class-unknown",
    title:
      "an instance whose class is not known where it arrives fails its call, and costs no worker",
    applies: readInWorkers(withRealWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      class Stranger {
        readonly n = 1;
      }
      registerClass(Stranger, { toWire: ({ n }) => n, fromWire: () => new Stranger() });
      await assert.rejects(executor.submit(arithmetic.identity, new Stranger()).result(), {
        name: "DataCloneError",
        message:
          /Cannot begin task "identity": argument 1 .*no class "Stranger" is known here; .*registerClass/,
      });
      await assert.rejects(executor.submit(money.returnsUnknown).result(), {
        name: "DataCloneError",
        message: /Cannot return from task "returnsUnknown": .*no class "Local" is known here/,
      });
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      assert.equal(executor.stats().lost, 0);
    },
  },
  {
    id: "cf-class-register",
    title:
      "registerClass() refuses what is no class, what has another way to cross, and wrong options",
    applies: everywhere,
    run() {
      const form = { toWire: () => 1, fromWire: () => ({}) };
      const refused: [unknown, unknown, RegExp][] = [
        [7, form, /expected a class, got number/],
        [() => 1, form, /expected a class/],
        [class {}, form, /it has no name; give one/],
        [class Fault extends Error {}, form, /registerErrorClass/],
        [class Bytes extends Uint8Array {}, form, /a typed array/],
        [class Plain {}, { toWire: () => 1 }, /fromWire: expected a function/],
        [class Plain {}, { ...form, towire: 1 }, /"towire", did you mean "toWire"/],
      ];
      for (const [its, given, message] of refused)
        assert.throws(() => registerClass(its as never, given as never), {
          name: "TypeError",
          message,
        });
      return Promise.resolve();
    },
  },
  {
    id: "cf-class-temporal",
    title: "all of Temporal crosses, where the platform has it",
    applies: everywhere,
    async run(context) {
      const { Temporal } = globalThis as unknown as {
        Temporal?: Record<string, OfTemporal>;
      };
      if (Temporal === undefined) return;
      const executor = context.create({ maxWorkers: 1 });
      for (const [name, text] of Object.entries(TEMPORAL)) {
        const value: object = Temporal[name]?.from(text) ?? {};
        const [back] = (await executor.submit(arithmetic.identity, [value])) as [object];
        assert.equal(Object.getPrototypeOf(back), Object.getPrototypeOf(value), name);
        assert.equal(String(back), String(value), name);
      }
    },
  },
];
