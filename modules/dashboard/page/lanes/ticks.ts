// Ticks: where the ruler above the lanes has its marks, and what they say.

const STEPS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000,
  60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000,
];

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** Finds round times between two, at most `most` of them. */
export function ticksBetween(from: number, to: number, most: number): Tick[] {
  const span = to - from;
  const step = STEPS.find((wanted) => span / wanted <= most) ?? (STEPS.at(-1) as number);
  const ticks: Tick[] = [];
  // Counted in steps since midnight here, so that an hour's mark is an hour of this place's clock.
  const zone = new Date(from).getTimezoneOffset() * 60_000;
  for (let n = Math.ceil((from - zone) / step); n * step + zone <= to; n++) {
    const at = n * step + zone;
    ticks.push({ at, label: clock(at, step) });
  }
  return ticks;
}

/** Says a time of day, as exactly as `step` asks for. */
export function clock(at: number, step: number): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, "0");
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (step >= 60_000) return minutes;
  const seconds = `${minutes}:${two(date.getSeconds())}`;
  if (step >= 1000) return seconds;
  const fraction = ((at % 1000) + 1000) % 1000;
  // Milliseconds, and tenths of them after another point.
  const exact = step < 1 ? fraction.toFixed(1) : String(Math.round(fraction));
  return `${seconds}.${exact.padStart(step < 1 ? 5 : 3, "0")}`;
}
