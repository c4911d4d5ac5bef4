// The catalogue: which kinds of jobs and which experiments the server has. It does not change while it lives.

import { signal } from "@preact/signals";
import type { ExperimentView, KindDescription } from "../contract.ts";

export const kinds = signal<KindDescription[]>([]);
export const experiments = signal<ExperimentView[]>([]);

export function kindOf(name: string): KindDescription | undefined {
  return kinds.value.find((kind) => kind.name === name);
}

/** What people call a kind. */
export function kindTitle(name: string): string {
  return kindOf(name)?.title ?? name;
}
