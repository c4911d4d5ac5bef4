// The theme: light or dark, as the system says or as the reader chose.

import { effect, signal } from "@preact/signals";

const NAME = "futures.theme";

const system = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(system.matches);
system.addEventListener("change", () => {
  systemIsDark.value = system.matches;
});

const chosen = signal(read());

/** Whether the page is dark now. Canvases that read this are painted again when it changes. */
export function isDark(): boolean {
  return chosen.value === undefined ? systemIsDark.value : chosen.value === "dark";
}

/** Chooses the other one. What the system says anyway is not a choice, so it is followed again. */
export function switchTheme(): void {
  const wanted = isDark() ? "light" : "dark";
  chosen.value = (wanted === "dark") === systemIsDark.value ? undefined : wanted;
}

effect(() => {
  const theme = chosen.value;
  if (theme === undefined) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  // Where storage is forbidden, the choice lasts as long as the page.
  try {
    if (theme === undefined) localStorage.removeItem(NAME);
    else localStorage.setItem(NAME, theme);
  } catch {}
});

/** Whether the reader wants things to stand still. */
export const reducedMotion = signal(matchMedia("(prefers-reduced-motion: reduce)").matches);
matchMedia("(prefers-reduced-motion: reduce)").addEventListener("change", ({ matches }) => {
  reducedMotion.value = matches;
});

function read(): "light" | "dark" | undefined {
  try {
    const stored = localStorage.getItem(NAME);
    return stored === "light" || stored === "dark" ? stored : undefined;
  } catch {
    return undefined;
  }
}
