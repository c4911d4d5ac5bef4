// AddressedWork: one call that is for one worker, and for no other.

import { SingleWork } from "./single_work.ts";
import type { Place, Terms, Work } from "./work.ts";
import type { WorkOwner } from "./work_owner.ts";

/** One call, and whose it is. Lost with its worker, it cannot be run again: there is no other that it is for. */
export class AddressedWork extends SingleWork {
  readonly to: Place;

  constructor(
    owner: WorkOwner,
    terms: Terms,
    id: number,
    args: unknown[],
    to: Place,
    trace: string | undefined,
  ) {
    super(owner, terms, id, args, trace);
    this.to = to;
  }

  override failuresOf(): undefined {}
}

/** Whose a work is, if it is for one worker only. */
export function addresseeOf(work: Work): Place | undefined {
  return work instanceof AddressedWork ? work.to : undefined;
}
