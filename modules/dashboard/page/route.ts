// The route: which view is shown and how it is narrowed, all of it in the URL's query.
//
// The query, because it works at any address the page is mounted at. The fragment is never sent to a server, so it is
// left for what must not be.

import { computed, signal } from "@preact/signals";

const query = signal(new URLSearchParams(location.search));

addEventListener("popstate", () => {
  query.value = new URLSearchParams(location.search);
});

/** The name of the view that is shown. */
export const viewName = computed(() => query.value.get("view") || "live");

/** The id of the job whose panel is open beside the view. */
export const openJob = computed(() => query.value.get("job"));

/** Reads one part of the query; whoever reads it while drawing is drawn again when it changes. */
export function asked(name: string): string | undefined {
  return query.value.get(name) ?? undefined;
}

/** Goes to a view. Nothing but what is given here stays in the query. */
export function goTo(view: string, parts: Record<string, string> = {}): void {
  show(new URLSearchParams(viewParts(view, parts)), "pushState");
  scrollTo(0, 0);
}

/** The address of a view, for links. */
export function addressOf(view: string, parts: Record<string, string> = {}): string {
  const search = new URLSearchParams(viewParts(view, parts)).toString();
  return search === "" ? "?" : `?${search}`;
}

/** Changes parts of the query and keeps the others; an empty one is taken out. */
export function ask(
  changes: Record<string, string | undefined>,
  how: "remember" | "replace" = "remember",
): void {
  const next = new URLSearchParams(query.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === "") next.delete(name);
    else next.set(name, value);
  }
  show(next, how === "remember" ? "pushState" : "replaceState");
}

export function openPanel(id: string): void {
  ask({ job: id });
}

export function closePanel(): void {
  ask({ job: undefined });
}

/** Follows a link inside the page without loading it anew; everything else is the browser's. */
export function follow(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest?.("a[href^='?']");
  const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey);
  if (!link || !plain || event.defaultPrevented) return;
  event.preventDefault();
  show(new URLSearchParams(link.getAttribute("href") ?? ""), "pushState");
  scrollTo(0, 0);
}

function viewParts(view: string, parts: Record<string, string>): Record<string, string> {
  // The first view has the bare address.
  return view === "live" ? parts : { view, ...parts };
}

function show(next: URLSearchParams, how: "pushState" | "replaceState"): void {
  const search = next.toString();
  history[how](null, "", `${location.pathname}${search === "" ? "" : `?${search}`}`);
  query.value = next;
}
