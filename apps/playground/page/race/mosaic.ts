// The mosaic: the picture that 64 jobs draw, tile by tile, as far as they have come.

import { signal } from "@preact/signals";
import { type Part, TILES, WHOLE_SET } from "./plane.ts";

/** A tile as it is now. */
export interface Tile {
  readonly state: "empty" | "waiting" | "running" | "done" | "failed";
  readonly pixels?: Uint8Array;
}

const EMPTY: readonly Tile[] = Array.from({ length: TILES * TILES }, () => ({ state: "empty" }));

/** The part of the plane that it shows. */
export const part = signal<Part>(WHOLE_SET);
export const tiles = signal<readonly Tile[]>(EMPTY);

/** Begins a picture anew. */
export function clear(next: Part): void {
  part.value = next;
  tiles.value = EMPTY.map(() => ({ state: "waiting" }));
}

export function put(at: number, tile: Tile): void {
  if (tiles.peek()[at]?.state === tile.state) return;
  tiles.value = tiles.peek().with(at, tile);
}
