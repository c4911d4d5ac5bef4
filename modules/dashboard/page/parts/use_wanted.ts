// useWanted: a value of the server's that a reader changes by clicks, none of which is lost however quick they are.

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { complain } from "../notices.ts";

/** What was asked for is shown until the server has told of it, or for so long: somebody else may have changed it again. */
const SHOWN_MS = 1000;

/**
 * Shows what was asked for at once, and asks the server for it; of what was asked for meanwhile, for the last.
 *
 * @param now the value as the server tells it.
 * @param send asks for another.
 * @returns the value to show, and how to change it: by what is shown, not by what the server knows of yet.
 */
export function useWanted<T>(
  now: T,
  send: (wanted: T) => Promise<unknown>,
): [T, (change: (shown: T) => T) => void] {
  const wanted = useSignal<{ readonly value: T } | undefined>(undefined);
  const latest = useRef(now);
  latest.current = now;
  const isSending = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const shown = () =>
    wanted.peek() === undefined ? latest.current : (wanted.peek() as { value: T }).value;

  async function sendAll(): Promise<void> {
    isSending.current = true;
    clearTimeout(timer.current);
    try {
      for (let sent: unknown; wanted.peek() !== sent; ) {
        const next = wanted.peek() as { readonly value: T };
        sent = next;
        await send(next.value);
      }
      timer.current = setTimeout(() => {
        wanted.value = undefined;
      }, SHOWN_MS);
    } catch (error) {
      wanted.value = undefined;
      complain(error);
    } finally {
      isSending.current = false;
    }
  }

  function change(how: (shown: T) => T): void {
    wanted.value = { value: how(shown()) };
    if (!isSending.current) void sendAll();
  }

  return [wanted.value === undefined ? now : wanted.value.value, change];
}
