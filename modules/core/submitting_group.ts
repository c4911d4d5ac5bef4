// The group that is submitting a call just now, for whoever tells observers of it: executors know nothing of groups.

let last = 0;
let submitting: number | undefined;

/** A number for a group, of which the program has no other. */
export function numberGroup(): number {
  return ++last;
}

/** What is submitted next, before `leaveGroup`, is of that group. */
export function enterGroup(group: number): void {
  submitting = group;
}

/** The submit is over. */
export function leaveGroup(): void {
  submitting = undefined;
}

/** The group of a call that has just been submitted. Told once: what observers submit when they hear of it is of no group. */
export function takeGroup(): number | undefined {
  const group = submitting;
  submitting = undefined;
  return group;
}
