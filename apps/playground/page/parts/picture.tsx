// Picture: a tile of the Mandelbrot set from its raw pixels, one byte each, in colours of our own.

import { useEffect, useRef } from "preact/hooks";
import type { JobDetail } from "../../contract.ts";
import { BASE } from "../base.ts";
import { attempt } from "../notices.ts";

export function Picture({
  picture: { width, height, href },
  title,
}: {
  picture: NonNullable<JobDetail["picture"]>;
  title: string;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    attempt(async () => {
      const response = await fetch(new URL(href, BASE));
      const pixels = new Uint8Array(await response.arrayBuffer());
      const context = canvas.current?.getContext("2d");
      context?.putImageData(colour(pixels, width, height), 0, 0);
      if (canvas.current) canvas.current.dataset.drawn = "true";
    });
  }, [href]);
  return (
    <canvas
      ref={canvas}
      class="picture"
      width={width}
      height={height}
      role="img"
      aria-label={`${title}, ${width} by ${height} pixels`}
    />
  );
}

/** Points of the set are dark; the others go from deep blue over white and gold, and round again. */
function colour(pixels: Uint8Array, width: number, height: number): ImageData {
  const image = new ImageData(width, height);
  for (let i = 0; i < Math.min(pixels.length, width * height); i++) {
    const value = pixels[i] as number;
    const t = value / 255;
    const wave = (shift: number) =>
      value === 0 ? 12 : 128 + 127 * Math.cos(6.283 * (t * 2 + shift));
    image.data.set([wave(0.55), wave(0.45), wave(0.3), 255], 4 * i);
  }
  return image;
}
