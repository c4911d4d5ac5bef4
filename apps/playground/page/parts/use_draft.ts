// useDraft: the texts of a form, which are there again after a reload.

import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { keepDraft, readDraft } from "../drafts.ts";

/**
 * @param form what the draft is called.
 * @param atFirst what stands in the fields before anything is typed.
 * @returns what stands in them now, and how to change it.
 */
export function useDraft<T extends Readonly<Record<string, string>>>(
  form: string,
  atFirst: T,
): [T, (changes: Partial<T>) => void] {
  const texts = useSignal<T>(useMemo(() => readDraft(form, atFirst) ?? atFirst, []));
  function change(changes: Partial<T>): void {
    texts.value = { ...texts.peek(), ...changes };
    keepDraft(form, texts.peek());
  }
  return [texts.value, change];
}
