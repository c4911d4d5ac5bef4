// Talks to the server: requests, problems, and the live stream.

/** What the server refused, with the field it named. */
export class Refused extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title ?? "The server refused");
    this.field = problem.field;
  }
}

export async function get(path) {
  return answer(await fetch(path));
}

/** Posts JSON, or a form where there is a file. */
export async function post(path, body) {
  const isForm = body instanceof FormData;
  return answer(
    await fetch(path, {
      method: "POST",
      body: isForm ? body : JSON.stringify(body),
      headers: isForm ? {} : { "content-type": "application/json" },
    }),
  );
}

async function answer(response) {
  const body = await response.json();
  if (!response.ok) throw new Refused(body);
  return body;
}

/** Pixels as palette indices. */
export async function pixels(href) {
  return new Uint8Array(await (await fetch(href)).arrayBuffer());
}

/** How long to wait before a stream that the server refused is asked for again. */
const RETRY_MS = 2000;

/**
 * Follows the live stream for as long as the page is open; the server starts every stream with the whole truth.
 *
 * @param {{ snapshot(data: unknown): void, update(data: unknown): void, state(state: string): void }} reader
 */
export function follow(reader) {
  const source = new EventSource("/api/events");
  source.onopen = () => reader.state("live");
  source.addEventListener("snapshot", (event) => reader.snapshot(JSON.parse(event.data)));
  source.addEventListener("update", (event) => reader.update(JSON.parse(event.data)));
  source.onerror = () => {
    reader.state("reconnecting");
    // A broken connection is taken up again by the browser; a refusal is not.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => follow(reader), RETRY_MS);
  };
  // Leaves at once, instead of with the page's connections: a server has only so many streams.
  addEventListener("pagehide", () => source.close(), { once: true });
}
