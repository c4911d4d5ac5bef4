// Listens to a port, in the way that costs least on each platform. A file of its own, for both sides need it and little else.

/** What of a port is used here. */
export interface HeardPort<Received> {
  onmessage: ((event: { data: Received }) => void) | null;
  onmessageerror: (() => void) | null;
  /** Node's own way. */
  on?(type: "message" | "messageerror", listener: (data: Received) => void): unknown;
}

/**
 * Listens. On Node not as pages do: the class of their events is a part of `fetch` there, and all of that would be loaded with
 * the first message, for 90 ms on either side. Elsewhere as pages do: Deno walks through every message that is handed out in
 * Node's way, in search of ports to patch.
 */
export function hear<Received>(
  port: HeardPort<Received>,
  onMessage: (message: Received) => void,
  onUnreadable: () => void,
): void {
  if (port.on !== undefined && !("Deno" in globalThis || "Bun" in globalThis)) {
    port.on("message", onMessage);
    port.on("messageerror", onUnreadable);
    return;
  }
  port.onmessage = ({ data }) => onMessage(data);
  port.onmessageerror = onUnreadable;
}
