// The worker that all tabs share: it has the one stream of events, open while any tab is seen, and hands on what it tells.
//
// A browser opens six connections to one host, and a stream holds one: with a stream in each, the seventh tab would hang
// and take the others' requests along.

import { EventStream, type Told } from "./event_stream.ts";
import type { FromTab } from "./stream.ts";

const BASE = new URL(".", location.href);

/** A tab that is seen. */
interface Tab {
  /** What came while it waited for a picture of the whole; nothing, once it has one. */
  held: Told[] | undefined;
}

const tabs = new Map<MessagePort, Tab>();
let stream: EventStream | undefined;
let connection: Extract<Told, { what: "connection" }> | undefined;
/** Whether the stream has told everything, so that who comes now has missed it. */
let isUnderWay = false;

addEventListener("connect", (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port === undefined) return;
  port.onmessage = ({ data }: MessageEvent<FromTab>) => {
    if (data === "seen") join(port);
    else leave(port);
  };
});

function join(port: MessagePort): void {
  tabs.set(port, { held: [] });
  stream ??= new EventStream(new URL("api/events", BASE).href, hear);
  // That it is live is told by the picture: what the tab shows is of an earlier time until then.
  if (connection !== undefined && connection.state !== "live") port.postMessage(connection);
  if (isUnderWay) void catchUp(port);
}

/** A stream nobody looks at is closed. */
function leave(port: MessagePort): void {
  tabs.delete(port);
  if (tabs.size > 0) return;
  stream?.close();
  stream = undefined;
  connection = undefined;
  isUnderWay = false;
}

function hear(told: Told): void {
  if (told.what === "connection") connection = told;
  if (told.what === "snapshot") isUnderWay = true;
  for (const [port, tab] of tabs) {
    if (told.what === "snapshot") tab.held = undefined;
    const waits = tab.held !== undefined && isUnderWay;
    if (told.what === "update" && tab.held !== undefined) tab.held.push(told);
    else if (told.what !== "connection" || told.state !== "live" || !waits) port.postMessage(told);
  }
}

/** Gives a tab that came later the whole as it is now, and then what has changed since. */
async function catchUp(port: MessagePort): Promise<void> {
  const response = await fetch(new URL("api/snapshot", BASE)).catch(() => undefined);
  const id = response?.headers.get("last-event-id") ?? "";
  const text = response?.ok ? await response.text().catch(() => "") : "";
  const tab = tabs.get(port);
  // Meanwhile it may have gone, or the stream begun anew.
  if (tab?.held === undefined) return;
  if (text === "") return restart();
  const { held } = tab;
  tab.held = undefined;
  port.postMessage({ what: "snapshot", id, text } satisfies Told);
  for (const told of held) {
    if (told.what === "update" && isAfter(told.id, id)) port.postMessage(told);
  }
}

/** Where no picture is to be had, the stream gives one to everybody. */
function restart(): void {
  stream?.close();
  isUnderWay = false;
  stream = new EventStream(new URL("api/events", BASE).href, hear);
}

/** An id is of one start of the server, and counts its changes. */
function isAfter(id: string, other: string): boolean {
  const number = (text: string) => Number(text.slice(text.lastIndexOf("-") + 1));
  return number(id) > number(other);
}
