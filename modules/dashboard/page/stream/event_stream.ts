// EventStream: the server's stream of events, kept open as long as it is wanted, and what it tells in the server's words.

/** A browser gives up a stream that was refused; it is asked for again after so long. */
const ASK_AGAIN_MS = 2000;

/** The server says something every five seconds, if only that it is there. One that is silent for longer is not heard. */
const SILENCE_MS = 12_000;

const LOOK_MS = 1000;

/** What is told of the stream. Texts are JSON, as they came. */
export type Told =
  | { readonly what: "connection"; readonly state: "live" }
  /** Nothing has been heard since then, in milliseconds since 1970, or as long as before. */
  | {
      readonly what: "connection";
      readonly state: "connecting" | "lost";
      readonly heardAt: number | undefined;
    }
  | { readonly what: "snapshot" | "update"; readonly id: string; readonly text: string };

export class EventStream {
  readonly #address: string;
  readonly #tell: (told: Told) => void;
  readonly #watch: ReturnType<typeof setInterval>;
  #source: EventSource;
  #heardAt = Date.now();
  /** Not by an open connection: what is shown is old until something has come. */
  #isLive = false;
  #again: ReturnType<typeof setTimeout> | undefined;

  /** Opens the stream of an address, until it is closed. */
  constructor(address: string, tell: (told: Told) => void) {
    this.#address = address;
    this.#tell = tell;
    this.#source = this.#open();
    this.#watch = setInterval(() => this.#checkSilence(), LOOK_MS);
    tell({ what: "connection", state: "connecting", heardAt: undefined });
  }

  close(): void {
    clearInterval(this.#watch);
    clearTimeout(this.#again);
    this.#source.close();
  }

  /** The browser connects again by itself, and says what it saw last. */
  #open(): EventSource {
    const source = new EventSource(this.#address);
    source.addEventListener("open", () => {
      this.#heardAt = Date.now();
    });
    for (const what of ["snapshot", "update"] as const) {
      source.addEventListener(what, ({ data, lastEventId }) => {
        this.#hear();
        this.#tell({ what, id: lastEventId, text: data });
      });
    }
    source.addEventListener("beat", () => this.#hear());
    source.addEventListener("error", () => {
      this.#lose();
      if (source.readyState === EventSource.CLOSED) this.#openAgain();
    });
    return source;
  }

  #hear(): void {
    this.#heardAt = Date.now();
    if (this.#isLive) return;
    this.#isLive = true;
    this.#tell({ what: "connection", state: "live" });
  }

  /** A server that hangs, or a network that swallows, ends no connection. */
  #checkSilence(): void {
    const isHeard = Date.now() - this.#heardAt < SILENCE_MS;
    if (isHeard || this.#source.readyState !== EventSource.OPEN) return;
    this.#source.close();
    this.#lose();
    this.#openAgain();
  }

  #lose(): void {
    this.#isLive = false;
    this.#tell({ what: "connection", state: "lost", heardAt: this.#heardAt });
  }

  #openAgain(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => {
      this.#source = this.#open();
    }, ASK_AGAIN_MS);
  }
}
