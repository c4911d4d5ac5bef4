// startPage: listens to the stream, and draws what the page is made of.

import "@preact/signals";
import { render } from "preact";
import { type Additions, bring } from "./additions.ts";
import { BASE } from "./base.ts";
import { hear } from "./live.ts";
import { follow } from "./route.ts";
import { Shell } from "./shell.tsx";
import { listen } from "./stream/stream.ts";

export function startPage(additions: Additions): void {
  bring(additions);
  const place = document.getElementById("page") as HTMLElement;
  place.addEventListener("click", follow);
  render(<Shell />, place);
  listen(BASE, hear);
}
