// Empty: what stands where there is nothing yet, and what to do about it.

import type { ComponentChildren } from "preact";

export function Empty({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      <p>{children}</p>
    </div>
  );
}
