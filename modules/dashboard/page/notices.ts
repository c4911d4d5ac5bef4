// Notices: short words about what was just done or refused, which go away by themselves.

import { signal } from "@preact/signals";
import { Refusal } from "./api.ts";

const SHOWN_MS = 6000;
const AT_ONCE = 3;

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly refused: boolean;
}

export const notices = signal<readonly Notice[]>([]);
let last = 0;

export function say(text: string, refused = false): void {
  const notice = { id: ++last, text, refused };
  notices.value = [...notices.value.slice(1 - AT_ONCE), notice];
  setTimeout(() => dismiss(notice.id), SHOWN_MS);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** Says why something could not be done. */
export function complain(error: unknown): void {
  say(reasonOf(error), true);
}

/** What a reader is told of an error; a request that came to no answer has none of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (error instanceof TypeError) return "The server does not answer. Is it still running?";
  return error instanceof Error ? error.message : String(error);
}

/** Does something for a reader, and tells them if it fails. */
export async function attempt(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    complain(error);
  }
}
