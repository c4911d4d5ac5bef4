// Serves a worker: starts its loop (server.ts), and knows what that loads when it is first needed.

import type { Port } from "../seam/channel.ts";
import type { ServeOptions } from "./call_maker.ts";
import { type Served, serveWith } from "./server.ts";

/**
 * Loads what few calls need, each when there is first need of it. Named literally, so that whoever packs a program into files
 * finds it.
 */
const rareParts = {
  actorSeat: () => import("./actor_seat.ts"),
  consoleCapture: () => import("./console_capture.ts"),
  debugging: () => import("./debugging.ts"),
  linkRings: () => import("./link_rings.ts"),
  nestedExports: () => import("./nested_exports.ts"),
  producer: () => import("./copying_producer.ts"),
  sharedValue: () => import("../shared_value.ts"),
};

/**
 * Serves `port` until the host says stop.
 *
 * Listens before it returns. An entry file calls it in its first turn.
 */
export function serve(port: Port, options: ServeOptions = {}): Served {
  if (options.byReference !== true) return serveWith(rareParts, port, options);
  return serveWith({ ...rareParts, producer: () => import("./producer.ts") }, port, options);
}
