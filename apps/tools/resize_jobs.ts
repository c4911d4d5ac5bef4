// What the threads do for resize.ts.

import { readFileSync, writeFileSync } from "node:fs";
import { decode, encode, type ImageData } from "fast-png";

/** Makes a picture smaller: each pixel is the mean of those it stands for. Returns the new size. */
export function resize(from: string, to: string, most: number): [width: number, height: number] {
  const picture = decode(readFileSync(from));
  const { channels, depth } = picture;
  const scale = Math.max(1, picture.width / most);
  const [width, height] = [picture.width, picture.height].map((side) =>
    Math.max(1, Math.round(side / scale)),
  ) as [number, number];
  const data =
    depth === 16
      ? new Uint16Array(width * height * channels)
      : new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++)
        data[(y * width + x) * channels + channel] = mean(picture, x, y, scale, channel);
    }
  }
  writeFileSync(to, encode({ width, height, channels, depth, data }));
  return [width, height];
}

type Picture = Pick<ImageData, "data" | "width" | "height"> & { readonly channels: number };

function mean(picture: Picture, x: number, y: number, scale: number, channel: number): number {
  const { data, width, height, channels } = picture;
  const right = Math.min(width, Math.ceil((x + 1) * scale));
  const bottom = Math.min(height, Math.ceil((y + 1) * scale));
  let sum = 0;
  let count = 0;
  for (let row = Math.floor(y * scale); row < bottom; row++) {
    for (let column = Math.floor(x * scale); column < right; column++) {
      sum += data[(row * width + column) * channels + channel] as number;
      count++;
    }
  }
  return Math.round(sum / Math.max(1, count));
}
