// The playground's kinds in this page: the same functions, from the same file, in this page's own workers.

import type { KindDescription } from "../../contract.ts";
import { type BatchHere, runHere } from "./jobs_here.ts";
import { textOf } from "./run.ts";

export { HERE } from "./views_here.ts";

/** What may not run here, and why. */
const NOT_HERE: ReadonlyMap<string, string> = new Map([
  ["exhaust", "it would take the memory of this page"],
  ["csvRows", "the reader of its rows is the server"],
  ["lock", "its lock is the server's"],
  ["deadlock", "its lock is the server's"],
  ["lookup", "its table is the server's"],
  ["visit", "this page limits no keys"],
]);

/** Says why a kind cannot run in this page; null, where it can. */
export function whyNotHere({ name }: KindDescription): string | null {
  return NOT_HERE.get(name) ?? null;
}

/** Runs jobs of a kind in this page. */
export async function runKindHere(
  kind: KindDescription,
  parameters: Readonly<Record<string, unknown>>,
  file: Uint8Array | undefined,
  count: number,
  options: Readonly<Record<string, number | undefined>>,
): Promise<BatchHere> {
  const args = kind.task.arguments.map((name) =>
    name === "(file)" ? file : name === "(all)" ? parameters : parameters[name],
  );
  const about = kind.task.arguments
    .map((name) =>
      name === "(file)" ? "file" : JSON.stringify(name === "(all)" ? parameters : parameters[name]),
    )
    .join(", ");
  const call = { name: kind.task.export, kind: kind.name, args, about, parameters, options };
  return await runHere(
    "kind",
    kind.title,
    await textOf("jobs.js"),
    Array.from({ length: count }, () => call),
  );
}
