// The catalogue: which kinds of jobs and which experiments the server has. It does not change while it lives.

import { type Signal, signal } from "@preact/signals";
import { kinds as shown } from "../../../modules/dashboard/page/catalogue.ts";
import type { ExperimentView, KindDescription, OpponentView, OwnCodeLimits } from "../contract.ts";

/** Those of the dashboard's catalogue: here each has all that a form needs. */
export const kinds = shown as unknown as Signal<readonly KindDescription[]>;
/** How much of what is typed the server runs; null where it runs none of it. */
export const ownCode = signal<OwnCodeLimits | null>(null);
export const experiments = signal<ExperimentView[]>([]);

/** Looked for when the first comparison is thought of. */
export const opponents = signal<readonly OpponentView[]>([]);

export function kindOf(name: string): KindDescription | undefined {
  return kinds.value.find((kind) => kind.name === name);
}
