// Reports of failures nobody has looked at: what struck many is told once, with a count.

import { BrokenExecutorError, WorkerLostError } from "../errors.ts";
import type { ErrorContext } from "../executor.ts";
import type { Unobserved } from "../work/work_owner.ts";

/** So many kinds of errors are told of one map; the last stands for all others, too. */
const MOST_KINDS = 16;
/** What differs between messages of one kind: numbers and quoted values. */
const PARTICULARS = /"[^"]*"|'[^']*'|`[^`]*`|\d+/g;
/** Enough of a message to tell its kind. */
const TELLING_LENGTH = 500;

/** What `onError` is given. */
export interface Report {
  readonly error: unknown;
  readonly about: ErrorContext;
}

/** What is to be reported of failures nobody has looked at, in the order they came. */
export function unobservedReports(unobserved: Iterable<Unobserved>): Report[] {
  const groups: Group[] = [];
  const broken = new Map<string, Group>();
  for (const work of unobserved) {
    const kinds = new Map<string, Group>();
    let last: Group | undefined;
    for (const error of work.unobservedErrors()) {
      const { kind, isOfExecutor } = look(error);
      const known = isOfExecutor ? broken : kinds;
      let group = known.get(kind) ?? (kinds.size >= MOST_KINDS ? last : undefined);
      if (group === undefined) {
        group = { error, work, count: 0 };
        groups.push(group);
        known.set(kind, group);
        if (!isOfExecutor) last = group;
      }
      group.count++;
    }
  }
  return groups.map(({ error, work: { task, future }, count }) => ({
    error,
    about: {
      kind: "unobserved",
      ...(future === undefined ? {} : { future }),
      task,
      ...(count === 1 ? {} : { count }),
    },
  }));
}

/** Failures of one kind. */
interface Group {
  readonly error: unknown;
  readonly work: Unobserved;
  count: number;
}

/** What kind of error it is, and whether it is what all calls of a broken executor get. It may be anything. */
function look(error: unknown): { kind: string; isOfExecutor: boolean } {
  try {
    const isOfExecutor =
      error instanceof BrokenExecutorError && !(error instanceof WorkerLostError);
    const { name, code, message = error } = (error ?? {}) as Record<string, unknown>;
    const text = `${String(name)} ${String(code)} ${String(message).slice(0, TELLING_LENGTH)}`;
    return { kind: text.replaceAll(PARTICULARS, "…"), isOfExecutor };
  } catch {
    return { kind: "unreadable", isOfExecutor: false };
  }
}
