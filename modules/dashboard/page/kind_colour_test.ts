// Tests of the colours of kinds: told apart by eyes of every kind. And of the one scale that all styles use.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { KIND_COLOURS } from "./kind_colour.ts";

/** What is seen of light without one sort of cones (Machado, Oliveira and Fernandes, 2009), in linear red, green, blue. */
const EYES: Readonly<Record<string, readonly (readonly number[])[]>> = {
  all: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** In Oklab, where equal distances look equal: about a fiftieth is just seen. */
const APART = 0.12;

function linear(colour: string): number[] {
  return [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
}

function times(matrix: readonly (readonly number[])[], vector: readonly number[]): number[] {
  return matrix.map((row) => row.reduce((sum, part, i) => sum + part * (vector[i] ?? 0), 0));
}

function oklab(rgb: readonly number[]): number[] {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    rgb.map((part) => Math.min(1, Math.max(0, part))),
  ).map(Math.cbrt);
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones,
  );
}

test("eight kinds have colours that are told apart, also without one sort of cones", () => {
  assert.equal(new Set(KIND_COLOURS).size, 8);
  for (const [eyes, matrix] of Object.entries(EYES)) {
    const seen = KIND_COLOURS.map((colour) => oklab(times(matrix, linear(colour))));
    for (const [i, a] of seen.entries()) {
      for (const [j, b] of seen.slice(0, i).entries()) {
        const apart = Math.hypot(...a.map((part, at) => part - (b[at] ?? 0)));
        assert.ok(apart > APART, `${KIND_COLOURS[i]} and ${KIND_COLOURS[j]}, ${eyes}: ${apart}`);
      }
    }
  }
});

test("sizes, weights and spaces are of the one scale in tokens.css", () => {
  for (const folder of ["./styles/", "../../../apps/playground/page/styles/"]) {
    const home = new URL(folder, import.meta.url);
    for (const name of readdirSync(home)) {
      if (name === "tokens.css") continue;
      const css = readFileSync(new URL(name, home), "utf8");
      const own = css.match(
        /font-size: [\d.]+px|font-weight: \d+|(?<=\s)(?:gap|padding|margin)(?:-\w+)*: [^;]*?(?<![-\w.])(?:[3-9]|[1-3]\d)px[^;]*;/g,
      );
      assert.equal(own, null, `${name}: ${own}`);
    }
  }
});
