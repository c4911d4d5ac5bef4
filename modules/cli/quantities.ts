// Reads what flags say of times, rates, numbers of jobs, and when to halt.

import { UsageError } from "./usage_error.ts";

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a duration, as `1s`, `1000ms`, `1.5m` or plain milliseconds. */
export function readDuration(text: string, flag: string): number {
  const [, digits, unit = "ms"] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? [];
  if (digits === undefined)
    throw new UsageError(
      `Cannot use ${flag}: expected a time such as 1s, 500ms or 2m, got "${text}"`,
    );
  return Number(digits) * (UNITS[unit] as number);
}

/** Reads a rate, as `10/s` or `600/m`, and returns the milliseconds from one start to the next. */
export function readRate(text: string, flag: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)\/(ms|s|m|h|d)$/.exec(text) ?? [];
  if (digits === undefined || Number(digits) === 0)
    throw new UsageError(
      `Cannot use ${flag}: expected a rate such as 10/s or 600/m, got "${text}"`,
    );
  return (UNITS[unit] as number) / Number(digits);
}

/** Reads a rate as so many in so many milliseconds: as many as whole numbers allow, for a limit over all machines is counted so. */
export function readRateLimit(text: string, flag: string): { max: number; per: number } {
  const [, digits, unit = ""] = /^(\d+)\/(ms|s|m|h|d)$/.exec(text) ?? [];
  if (digits !== undefined && Number(digits) > 0)
    return { max: Number(digits), per: UNITS[unit] as number };
  return { max: 1, per: Math.ceil(readRate(text, flag)) };
}

/** Reads a number of jobs: `8`, a share of the cores (`50%`), or more or fewer than there are (`+1`, `-1`). */
export function readJobs(text: string, cores: number): number {
  const [, sign, digits, percent] = /^([+-]?)(\d+)(%?)$/.exec(text) ?? [];
  const number = Number(digits);
  if (digits === undefined || (percent && sign) || (!sign && number === 0))
    throw new UsageError(
      `Cannot use --jobs: expected a number such as 8, 50% or +1, got "${text}"`,
    );
  if (percent) return Math.max(1, Math.round((cores * number) / 100));
  if (sign === "+") return cores + number;
  return sign === "-" ? Math.max(1, cores - number) : number;
}

/** Reads a count from 0. */
export function readCount(text: string, flag: string): number {
  if (!/^\d+$/.test(text))
    throw new UsageError(`Cannot use ${flag}: expected a whole number from 0, got "${text}"`);
  return Number(text);
}

/** When to start no more jobs, or to end those that run too. */
export interface Halt {
  readonly when: "soon" | "now";
  /** So many failed jobs, or such a share of those that are done. */
  readonly fail: number;
  readonly isShare: boolean;
}

/** A share means nothing before so many jobs are done; as GNU parallel has it. */
const LEAST_FOR_SHARE = 3;

/** Reads `soon,fail=3` or `now,fail=10%`. */
export function readHalt(text: string): Halt {
  const [, when, digits, percent] = /^(soon|now),fail=(\d+)(%?)$/.exec(text) ?? [];
  const most = percent ? 100 : Number.POSITIVE_INFINITY;
  if (when === undefined || Number(digits) === 0 || Number(digits) > most) {
    throw new UsageError(
      `Cannot use --halt: expected now or soon and a number of failures, such as now,fail=1 or soon,fail=10%, got "${text}"`,
    );
  }
  return { when: when as Halt["when"], fail: Number(digits), isShare: percent === "%" };
}

/** Tells whether it is time to halt. */
export function isHaltDue({ fail, isShare }: Halt, failed: number, done: number): boolean {
  if (!isShare) return failed >= fail;
  return done >= LEAST_FOR_SHARE && failed * 100 >= fail * done;
}

/** With less, runtimes do not come as far as to say so: the whole command breaks off. */
const LEAST_MEMORY = 16;

/** Reads a size, as `512`, `512M` or `2G`, and returns it in MiB. */
export function readMebibytes(text: string, flag: string): number {
  const [, digits, unit = "M"] = /^(\d+(?:\.\d+)?)([MG])?$/i.exec(text) ?? [];
  const size = Number(digits) * (unit.toUpperCase() === "G" ? 1024 : 1);
  if (!(size >= LEAST_MEMORY))
    throw new UsageError(
      `Cannot use ${flag}: expected a size such as 512M or 2G, and at least ${LEAST_MEMORY}M, got "${text}"`,
    );
  return size;
}
