// testPage(): a test that looks at a page, and tells everything that went wrong: in the test, and when what it used was disposed of.

import { test } from "node:test";

/** Makes a test. Where its own error is followed by what the browser complains of, both are told, in this order. */
export function testPage(name: string, body: () => Promise<void>): void {
  test(name, async () => {
    try {
      await body();
    } catch (error) {
      throw unfolded(error);
    }
  });
}

/** A reporter shows all errors of an `AggregateError`, and of a `SuppressedError` neither: only where the first one arose. */
export function unfolded(error: unknown): unknown {
  const errors = inOrder(error);
  if (errors.length === 1) return error;
  return new AggregateError(errors, `${errors.length} errors, one after another`);
}

function inOrder(error: unknown): unknown[] {
  if (!(error instanceof SuppressedError)) return [error];
  return [...inOrder(error.suppressed), ...inOrder(error.error)];
}
