// Picture: a tile of the Mandelbrot set from its raw pixels, one byte each, in colours of our own.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { JobDetail } from "../../contract.ts";
import { BASE } from "../base.ts";
import { attempt } from "../notices.ts";

/** A picture as a task returns it. */
interface RawPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** A picture that the server has. */
export function Picture({
  picture: { width, height, href },
  title,
}: {
  picture: NonNullable<JobDetail["picture"]>;
  title: string;
}) {
  const pixels = useSignal<Uint8Array | undefined>(undefined);
  useEffect(() => {
    attempt(async () => {
      const response = await fetch(new URL(href, BASE));
      pixels.value = new Uint8Array(await response.arrayBuffer());
    });
  }, [href]);
  return <Pixels pixels={{ width, height, pixels: pixels.value }} title={title} />;
}

/** A picture that this page has, or will have. */
export function Pixels({
  pixels: { width, height, pixels },
  title,
}: {
  pixels: Omit<RawPicture, "pixels"> & { readonly pixels: Uint8Array | undefined };
  title: string;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (pixels === undefined || !canvas.current) return;
    canvas.current.getContext("2d")?.putImageData(colour(pixels, width, height), 0, 0);
    canvas.current.dataset.drawn = "true";
  }, [pixels]);
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

export function isPixels(value: unknown): value is RawPicture {
  const { width, height, pixels } = (value ?? {}) as Partial<RawPicture>;
  return typeof width === "number" && typeof height === "number" && pixels instanceof Uint8Array;
}

/** Colours pixels. Points of the set are dark; the others go from deep blue over white and gold, and round again. */
export function colour(pixels: Uint8Array, width: number, height: number): ImageData {
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
