// animationOf: an animated PNG of screenshots, of each frame only the part that is other than the one before.
//
// The format is that of https://www.w3.org/TR/png-3/#apngFrameBasedAnimation.

import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";
import { decode } from "fast-png";

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

/** Bytes of a pixel: red, green, blue. */
const PIXEL = 3;

/** Colours are told in so many steps, which nobody sees in what moves, and which packs much better. */
const STEP = 12;

/** A picture, and how long it is shown, in milliseconds. */
export interface Frame {
  readonly png: Uint8Array;
  readonly ms: number;
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Makes one picture of many of the same size; it begins anew at its end. */
export function animationOf(frames: readonly Frame[]): Uint8Array {
  const told: { box: Box; pixels: Pixels; ms: number }[] = [];
  let before: Pixels | undefined;
  for (const { png, ms } of frames) {
    const pixels = pixelsOf(png);
    const box =
      before === undefined ? { left: 0, top: 0, ...pixels } : differenceOf(before, pixels);
    const last = told.at(-1);
    // Where nothing changed, what was there is shown longer.
    if (box === undefined && last !== undefined) last.ms += ms;
    else if (box !== undefined) told.push({ box, pixels, ms });
    before = pixels;
  }
  const [first] = told;
  if (first === undefined) throw new RangeError("Cannot make animation: there is no frame");
  const { width, height } = first.pixels;
  const parts = [
    SIGNATURE,
    chunk("IHDR", [u32(width), u32(height), Buffer.from([8, 2, 0, 0, 0])]),
    chunk("acTL", [u32(told.length), u32(0)]),
  ];
  let sequence = 0;
  for (const [i, { box, pixels, ms }] of told.entries()) {
    const shown = Buffer.alloc(6);
    shown.writeUInt16BE(Math.min(65_535, ms), 0);
    shown.writeUInt16BE(1000, 2);
    const place = [box.width, box.height, box.left, box.top].map(u32);
    parts.push(chunk("fcTL", [u32(sequence++), ...place, shown]));
    const data = packed(pixels, box);
    parts.push(i === 0 ? chunk("IDAT", [data]) : chunk("fdAT", [u32(sequence++), data]));
  }
  return Buffer.concat([...parts, chunk("IEND", [])]);
}

/** Without its transparency: a screenshot has none. */
function pixelsOf(png: Uint8Array): Pixels {
  const { width, height, data, channels } = decode(png);
  const pixels = new Uint8Array(width * height * PIXEL);
  for (let from = 0, to = 0; to < pixels.length; from += channels, to += PIXEL) {
    for (let part = 0; part < PIXEL; part++) {
      const value = data[from + part] as number;
      pixels[to + part] = Math.min(255, Math.round(value / STEP) * STEP);
    }
  }
  return { width, height, data: pixels };
}

/** The smallest box that has all that differs; undefined where nothing does. */
function differenceOf(a: Pixels, b: Pixels): Box | undefined {
  let [left, top, right, bottom] = [b.width, b.height, -1, -1];
  for (let at = 0; at < b.data.length; at++) {
    if (a.data[at] === b.data[at]) continue;
    const pixel = Math.floor(at / PIXEL);
    const [x, y] = [pixel % b.width, Math.floor(pixel / b.width)];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** The rows of a box, each told by how it differs from the one above: what is alike packs well. */
function packed({ width, data }: Pixels, { left, top, width: wide, height }: Box): Uint8Array {
  const row = wide * PIXEL;
  const rows = new Uint8Array(height * (row + 1));
  for (let y = 0; y < height; y++) {
    const to = y * (row + 1);
    const from = ((top + y) * width + left) * PIXEL;
    const above = from - width * PIXEL;
    rows[to] = y === 0 ? 0 : 2;
    for (let i = 0; i < row; i++) {
      const value = data[from + i] as number;
      rows[to + 1 + i] = y === 0 ? value : value - (data[above + i] as number);
    }
  }
  return deflateSync(rows, { level: 9 });
}

function chunk(type: string, parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), ...parts]);
  return Buffer.concat([u32(body.length - 4), body, u32(crc32(body))]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}
