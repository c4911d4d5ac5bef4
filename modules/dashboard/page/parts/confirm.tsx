// Confirm: asks before something that cannot be taken back. The browser's own dialog keeps the focus and hears Escape.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

export function Confirm({
  title,
  action,
  final,
  disabled,
  children,
  onConfirm,
  onClose,
}: {
  title: string;
  /** What the button says: what will be done. */
  action: string;
  /** Whether it cannot be taken back. */
  final: boolean;
  disabled?: boolean;
  children: ComponentChildren;
  onConfirm(): void;
  onClose(): void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="confirm" aria-labelledby="confirm-title" onClose={onClose}>
      <h2 id="confirm-title">{title}</h2>
      {children}
      <div class="confirm-actions">
        <button type="button" onClick={() => dialog.current?.close()}>
          Keep everything as it is
        </button>
        <button
          type="button"
          class={final ? "primary danger" : "primary"}
          disabled={disabled}
          onClick={() => {
            onConfirm();
            dialog.current?.close();
          }}
        >
          {action}
        </button>
      </div>
    </dialog>
  );
}
