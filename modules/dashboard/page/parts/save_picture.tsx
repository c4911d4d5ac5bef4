// SavePicture: a button that saves a drawing as a PNG, with the words that stand around it on the page.

import { attempt } from "../notices.ts";
import { Icon } from "./icon.tsx";

/** Words in a picture, at CSS pixels from its upper left corner. */
export interface Words {
  readonly text: string;
  readonly left: number;
  /** Of the middle of the line. */
  readonly middle: number;
  readonly isStrong?: boolean;
  /** A colour before them that tells what they mean. */
  readonly swatch?: string;
}

/** A picture to be saved, in CSS pixels. */
export interface Saved {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** What is drawn on the page, and where its upper left corner is in the picture. */
  readonly canvases: readonly HTMLCanvasElement[];
  readonly left: number;
  readonly top: number;
  readonly words: readonly Words[];
}

/** Room at the edge of a picture, and for a line of words. */
export const EDGE = 12;
export const LINE = 24;

const SWATCH = 9;

export function SavePicture({ of, what }: { of: () => Saved; what: string }) {
  return (
    <button
      type="button"
      class="square"
      title={`Save ${what} as a picture (PNG)`}
      aria-label={`Save ${what} as a picture`}
      onClick={() => attempt(() => save(of()))}
    >
      <Icon name="download" />
    </button>
  );
}

async function save(saved: Saved): Promise<void> {
  const blob = await new Promise<Blob | null>((resolve) => compose(saved).toBlob(resolve));
  if (blob === null) throw new Error("Cannot save picture: it is too large for this browser");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${saved.name}.png`;
  link.click();
  // Not at once, for the browser reads it after this turn.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function compose({ width, height, canvases, left, top, words }: Saved): HTMLCanvasElement {
  const whole = document.createElement("canvas");
  const ratio = devicePixelRatio;
  whole.width = Math.round(width * ratio);
  whole.height = Math.round(height * ratio);
  const context = whole.getContext("2d") as CanvasRenderingContext2D;
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  context.fillStyle = token("panel");
  context.fillRect(0, 0, whole.width, whole.height);
  // In the pixels of the screen, so that what was sharp there is sharp here.
  for (const canvas of canvases) context.drawImage(canvas, left * ratio, top * ratio);
  context.scale(ratio, ratio);
  context.textBaseline = "middle";
  for (const { text, left, middle, isStrong = false, swatch } of words) {
    if (swatch !== undefined) {
      context.fillStyle = swatch;
      context.fillRect(left, middle - SWATCH / 2, SWATCH, SWATCH);
    }
    context.font = `${isStrong ? `${token("bold")} ` : ""}${token("size-2")} ${token("sans")}`;
    context.fillStyle = token(isStrong ? "ink" : "quiet");
    context.fillText(text, swatch === undefined ? left : left + SWATCH + 5, middle);
  }
  return whole;
}
