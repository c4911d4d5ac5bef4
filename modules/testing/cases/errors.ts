// Cases of how a task's error crosses. Row 82 and contract §6.
import assert from "node:assert/strict";
import * as errors from "../../../mod.ts";
import { everywhere, withCloning } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { PaymentError, UnknownError } from "../fixtures/failures.ts";
import { absent, arithmetic, failures, gates } from "../tasks.ts";

/** Cases of how a task's error crosses. */
export const errorsCases: readonly ConformanceCase[] = [
  {
    id: "py-82",
    title: "a task's error keeps its class and text, and its cause tells of the worker",
    applies: withCloning,
    async run(context) {
      const error = await context.create().submit(failures.rejectLater, "exact text").exception();
      assert.ok(error instanceof TypeError);
      assert.equal(error.message, "exact text");
      assert.ok(error.cause instanceof errors.RemoteTraceback);
      assert.match(String(error.cause.stack), /failures\.[jt]s/);
    },
  },
  {
    id: "cf-error-same-object",
    title: "in-process, the very error object thrown arrives",
    applies: ({ traits }) => !traits.clones || "a copy arrives, as a worker shares no objects",
    async run(context) {
      const thrown = new RangeError("mine");
      const future = context.create().submit((() => {
        throw thrown;
      }) as never);
      assert.equal(await future.exception(), thrown);
    },
  },
  {
    id: "cf-error-built-in",
    title: "each built-in error class arrives as itself",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const classes = [
        Error,
        EvalError,
        RangeError,
        ReferenceError,
        SyntaxError,
        TypeError,
        URIError,
      ];
      for (const ErrorClass of classes) {
        const error = await executor.submit(failures.throwBuiltIn, ErrorClass.name).exception();
        assert.ok(error instanceof ErrorClass);
        assert.equal(Object.getPrototypeOf(error), ErrorClass.prototype);
        assert.deepEqual([error.name, error.message], [ErrorClass.name, `a ${ErrorClass.name}`]);
        assert.ok(Object.prototype.toString.call(error) === "[object Error]");
      }
    },
  },
  {
    id: "cf-error-dom-exception",
    title: "a DOMException arrives as one, name and code included",
    applies: everywhere,
    async run(context) {
      const error = await context.create().submit(failures.throwDomException).exception();
      assert.ok(error instanceof DOMException);
      assert.deepEqual(
        [error.name, error.message, error.code],
        ["QuotaExceededError", "too much", 22],
      );
    },
  },
  {
    id: "cf-error-fields",
    title: "an error crosses with its code and own enumerable fields",
    applies: everywhere,
    async run(context) {
      const error = await context.create().submit(failures.throwWithFields).exception();
      assert.ok(error instanceof Error);
      const { code, path, tries } = error as Error & {
        code: string;
        path: string;
        tries: number[];
      };
      assert.deepEqual({ code, path, tries }, { code: "ENOENT", path: "/nowhere", tries: [1, 2] });
    },
  },
  {
    id: "cf-error-causes",
    title: "an error crosses with its chain of causes, classes and fields included",
    applies: everywhere,
    async run(context) {
      const error = await context.create().submit(failures.throwWithCause).exception();
      assert.ok(error instanceof Error && error.message === "top");
      assert.ok(error.cause instanceof TypeError && error.cause.message === "middle");
      const root = error.cause.cause;
      assert.ok(root instanceof RangeError && root.message === "root");
      assert.equal((root as RangeError & { code: string }).code, "E_ROOT");
    },
  },
  {
    id: "cf-error-cyclic-cause",
    title: "an error that is its own cause arrives and hangs nobody",
    applies: everywhere,
    async run(context) {
      const error = await context.create().submit(failures.throwWithCyclicCause).exception();
      assert.ok(error instanceof Error);
      assert.equal(error.message, "round");
    },
  },
  {
    id: "cf-error-aggregate",
    title: "an AggregateError crosses with its errors",
    applies: everywhere,
    async run(context) {
      const error = await context.create().submit(failures.throwAggregate).exception();
      assert.ok(error instanceof AggregateError);
      assert.equal(error.message, "several");
      const [first, second, third] = error.errors;
      assert.ok(first instanceof RangeError && first.message === "first");
      assert.ok(second instanceof TypeError && second.message === "second");
      assert.equal(third, "third");
    },
  },
  {
    id: "cf-error-registered",
    title: "an error of a class given to registerErrorClass() is revived as that class",
    applies: everywhere,
    async run(context) {
      const error = await context.create().submit(failures.throwRegistered, 12).exception();
      assert.ok(error instanceof PaymentError);
      assert.deepEqual([error.name, error.message, error.amount], ["PaymentError", "declined", 12]);
    },
  },
  {
    id: "cf-error-unregistered",
    title: "an error of an unknown class arrives as Error with its name",
    applies: withCloning,
    async run(context) {
      const error = await context.create().submit(failures.throwUnregistered).exception();
      assert.ok(error instanceof Error);
      assert.equal(error instanceof UnknownError, false);
      assert.deepEqual([error.name, error.message], ["UnknownError", "never heard of"]);
    },
  },
  {
    id: "cf-error-uncloneable",
    title: "an error that carries a function crosses without it",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const error = await executor.submit(failures.throwUncloneable).exception();
      assert.ok(error instanceof Error);
      assert.equal(error.message, "carries a function");
      assert.equal((error as Error & { code: string }).code, "E_FUNCTION");
      const thrownFunction = await executor
        .submit(failures.throwFunction)
        .result()
        .then(
          () => "resolved",
          () => "rejected",
        );
      assert.equal(thrownFunction, "rejected");
    },
  },
  {
    id: "cf-error-family",
    title:
      "the library's errors have their names, their parents, and the platform's where it has one",
    applies: everywhere,
    run() {
      const names = [
        "CancelledError",
        "TimeoutError",
        "InvalidStateError",
        "ShutdownError",
        "GroupClosedError",
        "QueueFullError",
        "BrokenExecutorError",
        "UnsupportedRuntimeError",
      ] as const;
      for (const name of names) {
        const error = new errors[name]("text");
        assert.ok(error instanceof Error);
        assert.deepEqual([error.name, error.message], [name, "text"]);
      }
      assert.ok(errors.WorkerLostError.prototype instanceof errors.BrokenExecutorError);
      assert.equal(new errors.TimeoutError("").name, new DOMException("", "TimeoutError").name);
      return Promise.resolve();
    },
  },
  {
    id: "cf-error-codes",
    title: "each error has its code: what is thrown at a call, and what a call fails with",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1, maxQueue: 0 });
      const gate = context.gate();
      const running = executor.submit(gates.waitAt, gate.path, 1);
      assert.equal(
        codeOfThrown(() => executor.submit(arithmetic.square, 3)),
        "CF_QUEUE_FULL",
      );
      assert.equal(running.cancel({ interrupt: true }), true);
      assert.equal(codeOf(await running.result().catch((error) => error)), "CF_CANCELLED");
      gate.open();
      await executor.ready;
      assert.equal(
        codeOfThrown(() => executor.submit("square" as never)),
        "CF_NOT_A_TASK",
      );
      const late = await new errors.Future().result({ timeout: 0 }).catch((error) => error);
      assert.deepEqual([(late as errors.TimeoutError).code, codeOf(late)], [23, "CF_TIMEOUT"]);
      const failed = executor.submit(absent.noSuchExport);
      assert.equal(codeOf(await failed.exception()), "CF_TASK_NOT_FOUND");
      assert.equal(
        codeOfThrown(() => executor.map(arithmetic.square, [], { sizes: 1 } as never)),
        "CF_UNKNOWN_OPTION",
      );
      assert.equal(
        codeOfThrown(() => executor.map(arithmetic.square, [], { bufferSize: 0 })),
        "CF_INVALID_OPTION",
      );
      await executor.shutdown();
      assert.equal(
        codeOfThrown(() => executor.submit(arithmetic.square, 3)),
        "CF_SHUT_DOWN",
      );
    },
  },
  {
    id: "cf-error-codes-crossing",
    title: "what cannot cross has its code beside the platform's, whichever way it was to go",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const sent = await executor.submit(arithmetic.square, (() => 3) as never).exception();
      const returned = await executor.submit(arithmetic.returnFunction).exception();
      for (const error of [sent, returned]) {
        assert.ok(error instanceof DOMException);
        assert.deepEqual([error.code, codeOf(error)], [25, "CF_CANNOT_CROSS"]);
      }
    },
  },
];

function codeOf(error: unknown): unknown {
  const { code, cfCode } = error as { code?: unknown; cfCode?: unknown };
  return cfCode ?? code;
}

function codeOfThrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return codeOf(error);
  }
  return undefined;
}
