// listenByNode: a server of `node:http` for what answers a `Request`, with limits on how long a request may take to come.
//
// Deno's own server has no such limit: half a header, or none at all, holds a connection for as long as its sender likes
// (docs/decisions/0039-the-playgrounds-threats.md has the trial). Bun's ends it after twelve seconds by itself.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { unknownMethod } from "../../modules/dashboard/guard.ts";
import { Problem } from "../../modules/dashboard/problem.ts";
import type { Listen, Server } from "./start.ts";

/** How long a request's header may take, from the moment its connection is there. */
const HEADER_MS = 10_000;

/** How long a whole request may take; a body has its own, shorter limit (request_body.ts), which can say why. */
const REQUEST_MS = 60_000;

/** How often connections are looked at. */
const LOOK_MS = 1000;

/** How long those under way may take to end, once the server is told to stop. */
const STOP_MS = 1000;

/** Those that the Fetch standard forbids: a `Request` cannot be made, so no app can be asked. */
const METHODS_OF_NO_REQUEST = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Listens. Throws what prevents that. */
export async function listenByNode({ hostname, port, fetch }: Listen): Promise<Server> {
  const limits = {
    headersTimeout: HEADER_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: LOOK_MS,
  };
  const server = createServer(limits, (incoming, outgoing) => {
    answer(incoming, outgoing, fetch).catch(() => outgoing.destroy());
  });
  server.listen(port, hostname);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), STOP_MS);
      await closed;
      clearTimeout(late);
    },
  };
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fetch: Listen["fetch"],
): Promise<void> {
  const response = await respond(incoming, fetch);
  outgoing.writeHead(response.status, [...response.headers].flat());
  const { body } = response;
  if (body === null || incoming.method === "HEAD") {
    outgoing.end();
    await body?.cancel();
    return;
  }
  const reader = body.getReader();
  // One listener of each: an answer that lasts, as of events do, waits for its reader thousands of times.
  let goOn = () => {};
  // Whoever goes in the middle ends what is made for them.
  outgoing.on("close", () => {
    goOn();
    reader.cancel().catch(() => {});
  });
  outgoing.on("drain", () => goOn());
  outgoing.flushHeaders();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    if (outgoing.write(read.value) || outgoing.destroyed) continue;
    await new Promise<void>((resolve) => {
      goOn = resolve;
    });
  }
  outgoing.end();
}

async function respond(incoming: IncomingMessage, fetch: Listen["fetch"]): Promise<Response> {
  const { method = "GET", url = "/", rawHeaders } = incoming;
  if (METHODS_OF_NO_REQUEST.has(method)) return unknownMethod(method).toResponse();
  // Of another form are addresses that only proxies are asked for.
  if (!url.startsWith("/"))
    return new Problem(400, "Cannot answer: address is no path").toResponse();
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    headers.append(rawHeaders[i] as string, rawHeaders[i + 1] as string);
  }
  const address = `http://${incoming.headers.host ?? "localhost"}${url}`;
  if (!URL.canParse(address))
    return new Problem(400, "Cannot answer: malformed address").toResponse();
  const body = hasBody(incoming) ? bodyOf(incoming) : null;
  return await fetch(new Request(address, { method, headers, body }));
}

/** A request has a body if it says how long that is, or that it will come in chunks. */
function hasBody({ method, headers }: IncomingMessage): boolean {
  if (method === "GET" || method === "HEAD") return false;
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"]) > 0;
}

/** Read as it is asked for; what is not wanted is let go with the answer. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = incoming[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}
