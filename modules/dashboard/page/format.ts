// How figures look: durations, counts, sizes, times of day.

const COUNT = new Intl.NumberFormat("en");

/** Says a duration as exactly as it matters: "0.42 ms", "12 ms", "3.20 s", "2 min 05 s". */
export function duration(ms: number): string {
  if (ms < 0) return duration(0);
  if (ms < 1) return ms === 0 ? "0 ms" : `${ms.toFixed(2)} ms`;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
}

/** Says a whole number: "12,345". */
export function count(n: number): string {
  return COUNT.format(n);
}

/** Says a number and its noun: "1 job", "12 jobs". */
export function counted(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** Says how many there were of something in a second: "25,600 a second", "0.4 a second". */
export function rate(n: number, ms: number): string {
  const perSecond = (n / Math.max(ms, 0.001)) * 1000;
  return `${perSecond < 10 ? perSecond.toFixed(1) : count(Math.round(perSecond))} a second`;
}

/** Says a size: "12 bytes", "1.4 kB", "3.2 MB". */
export function size(bytes: number): string {
  if (bytes < 1000) return counted(bytes, "byte");
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Says a time of day to the millisecond. */
export function timeOfDay(at: number): string {
  const date = new Date(at);
  const pad = (n: number, digits: number) => String(n).padStart(digits, "0");
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => pad(n, 2));
  return `${clock.join(":")}.${pad(date.getMilliseconds(), 3)}`;
}

/** Says a number as code does: 20_000_000. */
export function literal(value: unknown): string {
  if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) >= 10_000) {
    return String(value).replace(/\B(?=(\d{3})+$)/g, "_");
  }
  return JSON.stringify(value) ?? "undefined";
}
