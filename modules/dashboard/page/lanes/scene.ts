// Scene: what the lanes show at a moment, and where it stands in the picture.

import type { Palette } from "./palette.ts";
import type { LaneRow, Row } from "./rows.ts";
import type { Bar } from "./timeline.ts";

export interface Scene {
  readonly rows: readonly Row[];
  readonly from: number;
  readonly to: number;
  readonly now: number;
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Device pixels in a CSS pixel. */
  readonly ratio: number;
  readonly palette: Palette;
  /** The bar under the pointer, or chosen by keyboard. */
  readonly marked: Bar | undefined;
  /** The moment that is pointed at, here or in a chart. */
  readonly pointed: number | undefined;
}

/** Where a time is, in CSS pixels, on a whole device pixel: all bars move by the same steps. */
export function place({ from, to, width, ratio }: Scene): (time: number) => number {
  const scale = (width * ratio) / (to - from);
  const origin = Math.round(from * scale);
  return (time) => (Math.round(time * scale) - origin) / ratio;
}

/** The row of a bar, if it is in the picture. */
export function rowOf({ rows }: Scene, bar: Bar): LaneRow | undefined {
  return rows.find((row): row is LaneRow => row.what === "lane" && row.lane.key === bar.lane);
}
