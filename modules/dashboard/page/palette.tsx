// Palette: finds anything that can be done, by a few letters of its name; and the sheet of keys.

import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { additions, type Command } from "./additions.ts";
import { commands, KEYS, matching } from "./commands.ts";

/** Commands that are shown at once. */
const SHOWN = 12;

/** What is open. */
export const overlay = signal<"palette" | "keys" | undefined>(undefined);

/** Opens them by keys, wherever the reader is. */
export function usePaletteKeys(): void {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (document.querySelector("dialog[open]:not(.palette)")) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        overlay.value = overlay.peek() === "palette" ? undefined : "palette";
      } else if (event.key === "?" && !isTyping(event)) {
        event.preventDefault();
        overlay.value = "keys";
      }
    }
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}

/** Whether a letter is text there, and no key. An editor lies in a root of its own. */
function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

export function Overlay() {
  if (overlay.value === "palette") return <Palette />;
  if (overlay.value === "keys") return <Keys />;
  return null;
}

function Palette() {
  const typed = useSignal("");
  const chosen = useSignal(0);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const found = matching(commands(), typed.value).slice(0, SHOWN);
  const at = Math.min(chosen.value, found.length - 1);

  function run(command: Command | undefined): void {
    if (command === undefined) return;
    // Closed first, so that what it opens has the focus.
    dialog.current?.close();
    command.run();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) chosen.value = (at + step + found.length) % Math.max(1, found.length);
    else if (event.key === "Enter") run(found[at]);
    else return;
    event.preventDefault();
  }

  return (
    <dialog ref={dialog} class="palette" aria-label="Commands" onClose={close}>
      <input
        type="text"
        role="combobox"
        aria-label="Find a command"
        aria-expanded={true}
        aria-controls="palette-list"
        aria-activedescendant={found[at] && `palette-${at}`}
        autocomplete="off"
        placeholder="What do you want to do?"
        value={typed.value}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          chosen.value = 0;
        }}
        onKeyDown={onKeyDown}
      />
      <div id="palette-list" role="listbox" aria-label="Commands">
        {found.map((command, i) => (
          <div
            key={command.title}
            id={`palette-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === at}
            onClick={() => run(command)}
          >
            {command.title}
          </div>
        ))}
      </div>
      {found.length === 0 && <p class="quiet">No commands match</p>}
    </dialog>
  );
}

function Keys() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="palette keys" aria-labelledby="keys-title" onClose={close}>
      <h2 id="keys-title">Keys</h2>
      {[...KEYS, ...(additions().keys ?? [])].map(({ where, keys }) => (
        <section key={where}>
          <h3>{where}</h3>
          <dl>
            {keys.map(([key, does]) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <button type="button" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}

function close(): void {
  overlay.value = undefined;
}
