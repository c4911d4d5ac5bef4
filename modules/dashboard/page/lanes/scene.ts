// Scene: what the lanes show at a moment, and where it stands in the picture.

import type { Palette } from "./palette.ts";
import type { Bar, Lane } from "./timeline.ts";

/** The height of a lane and of the ruler above them, in CSS pixels. */
export const ROW = 28;
export const RULER = 26;
/** The height of a bar, and how far it is from its lane's upper edge. */
export const BAR = 16;
export const BAR_TOP = 4;

export interface Scene {
  readonly lanes: readonly Lane[];
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
}

/** Where a time is, in CSS pixels, on a whole device pixel: all bars move by the same steps. */
export function place({ from, to, width, ratio }: Scene): (time: number) => number {
  const scale = (width * ratio) / (to - from);
  const origin = Math.round(from * scale);
  return (time) => (Math.round(time * scale) - origin) / ratio;
}
