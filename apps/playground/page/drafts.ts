// Drafts: what was typed and is not sent, kept as long as the tab, so that a reload takes nothing.
//
// Files are not among them: a page may not keep more of one than its reader gives it each time.

import { BASE } from "../../../modules/dashboard/page/base.ts";

/** Texts by their names: all that fields hold. */
type Texts = Readonly<Record<string, string>>;

/** Another dashboard may be mounted at another path of this origin. */
const PREFIX = `futures.draft ${new URL(BASE).pathname}`;

/**
 * Gives the draft of a form: every field of it that the form knows, and for the others what stands in them at first.
 *
 * @returns undefined, where nothing was typed yet.
 */
export function readDraft<T extends Texts>(form: string, atFirst: T): T | undefined {
  const stored = readStored(form);
  if (stored === undefined) return undefined;
  const known = Object.entries(atFirst).map(([name, text]) => {
    const typed = Object.hasOwn(stored, name) ? stored[name] : undefined;
    return [name, typeof typed === "string" ? typed : text];
  });
  return Object.fromEntries(known) as T;
}

/** Keeps what stands in a form. Where there is no room, or storage is forbidden, it lasts as long as the page. */
export function keepDraft(form: string, texts: Texts): void {
  try {
    sessionStorage.setItem(`${PREFIX} ${form}`, JSON.stringify(texts));
  } catch {}
}

function readStored(form: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(`${PREFIX} ${form}`) ?? "null");
    return typeof stored === "object" && stored !== null
      ? (stored as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
