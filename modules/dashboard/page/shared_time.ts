// What lanes and charts have in common: the moment that is pointed at, and the span of time that is looked at.

import { signal } from "@preact/signals";

/** A span of time, in milliseconds since 1970. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** The moment below the pointer, in the lanes or in a chart; undefined while it is elsewhere. */
export const pointedAt = signal<number | undefined>(undefined);

/** Milliseconds that a pixel is there: nobody points more exactly. */
export const pointedWithin = signal(0);

/** What the lanes stand still at; undefined while they follow the present. */
export const heldSpan = signal<TimeSpan | undefined>(undefined);
