// listen: what the server tells this tab, while it is seen. Tabs share one stream, where the browser has shared workers.

import { EventStream, type Told } from "./event_stream.ts";

/** Told by a tab to the shared worker. A hidden tab is as good as gone. */
export type FromTab = "seen" | "gone";

/** How a tab asks for the stream, and lets go of it. */
interface Source {
  open(): void;
  close(): void;
}

/** Hears the stream below a base whenever the tab is seen. What is hidden is told nothing, and holds no connection. */
export function listen(base: string, hear: (told: Told) => void): void {
  let isOpen = false;
  let source = sharedSource(base, hear, () => {
    source = ownSource(base, hear);
    if (isOpen) source.open();
  });
  function look(isSeen: boolean): void {
    if (isSeen === isOpen) return;
    isOpen = isSeen;
    if (isSeen) source.open();
    else {
      source.close();
      hear({ what: "connection", state: "connecting", heardAt: Date.now() });
    }
  }
  document.addEventListener("visibilitychange", () => look(!document.hidden));
  // A page that is left may be kept, and come back as it was.
  addEventListener("pagehide", () => look(false));
  addEventListener("pageshow", () => look(!document.hidden));
  look(!document.hidden);
}

/** The stream that all tabs share. */
function sharedSource(base: string, hear: (told: Told) => void, failed: () => void): Source {
  if (!("SharedWorker" in globalThis)) return ownSource(base, hear);
  const worker = new SharedWorker(new URL("stream.js", base), { type: "module", name: "stream" });
  worker.addEventListener("error", failed);
  const { port } = worker;
  let isOpen = false;
  port.onmessage = ({ data }: MessageEvent<Told>) => {
    // What was under way when the tab was hidden comes too late.
    if (isOpen) hear(data);
  };
  const say = (what: FromTab) => port.postMessage(what);
  return {
    open() {
      isOpen = true;
      say("seen");
    },
    close() {
      isOpen = false;
      say("gone");
    },
  };
}

/** A stream of this tab's own. */
function ownSource(base: string, hear: (told: Told) => void): Source {
  let stream: EventStream | undefined;
  return {
    open() {
      stream = new EventStream(new URL("api/events", base).href, hear);
    },
    close() {
      stream?.close();
      stream = undefined;
    },
  };
}
