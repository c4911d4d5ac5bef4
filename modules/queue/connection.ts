// How the server of a queue is reached: options checked, clients made that hold no program, errors that tell no secret.

import { isIP } from "node:net";
import type { Redis, RedisOptions } from "ioredis";
import { assertBoolean, assertString, typeName } from "../core/checks.ts";
import { readOptions } from "../core/options.ts";
import { Silences } from "./silences.ts";

/** Milliseconds between attempts to connect: at least, and at most. */
const RECONNECT_MS = [100, 2000] as const;
/** Milliseconds a connection has to be made. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Milliseconds in which the other end has to agree to an end: one that is no more does not. */
const FAREWELL_TIMEOUT_MS = 500;

/** How a server proves who it is, and we who we are. */
export interface QueueTls {
  /** The certificates that are trusted, as PEM. Default: the runtime's. */
  ca?: string;
  /** Our own certificate, as PEM. */
  cert?: string;
  /** Its key, as PEM. */
  key?: string;
  /** The name in the server's certificate. Default: the host's. */
  servername?: string;
}

/** Where a queue is. */
export interface QueueConnection {
  /** `redis://host:6379/0`, or `rediss://` for TLS. */
  url: string | URL;
  /** Default: the one in the address, if any. */
  username?: string;
  /** Default: the one in the address, if any. */
  password?: string;
  /** For `rediss://`. */
  tls?: QueueTls;
  /** Begins the names of all keys. Default: `"futures"`. */
  prefix?: string;
  /** Whether a password may travel unencrypted to another machine. Default: false. */
  insecure?: boolean;
}

const CONNECTION_OPTIONS = ["url", "username", "password", "tls", "prefix", "insecure"] as const;
const TLS_OPTIONS = ["ca", "cert", "key", "servername"] as const;

/** A connection whose options are checked. */
export class Server {
  readonly prefix: string;
  /** For people: host and port, and nothing secret. */
  readonly address: string;
  readonly #silences = new Silences();
  readonly #options: RedisOptions;

  /**
   * @throws {TypeError} For an option of the wrong type, or an address that is none of a server.
   * @throws {RangeError} For a password that would travel unencrypted to another machine.
   */
  constructor(given: QueueConnection) {
    const options = readOptions(given, CONNECTION_OPTIONS, "connect to queue");
    const url = readUrl(options.url);
    const tls = readOptions(options.tls, TLS_OPTIONS, "connect to queue");
    for (const name of TLS_OPTIONS) if (tls[name] !== undefined) assertString(tls[name], name);
    const { prefix = "futures", insecure = false } = options;
    assertString(prefix, "prefix");
    assertBoolean(insecure, "insecure");
    if (!/^[\w.-]{1,100}$/.test(prefix))
      throw new RangeError("Cannot use prefix: expected 1 to 100 letters, digits, '.', '_' or '-'");
    const username = options.username ?? decodeURIComponent(url.username);
    const password = options.password ?? decodeURIComponent(url.password);
    assertString(username, "username");
    assertString(password, "password");
    const host = url.hostname.replace(/^\[(.*)\]$/, "$1") || "127.0.0.1";
    const isSecure = url.protocol === "rediss:";
    if (!isSecure && options.tls !== undefined)
      throw new TypeError("Cannot use tls: the address is no rediss:// one");
    if (!isSecure && password !== "" && !isLoopback(host) && !insecure) {
      throw new RangeError(
        `Cannot connect to queue: the password would travel unencrypted to ${host}; use rediss://, or insecure: true`,
      );
    }
    const port = url.port === "" ? 6379 : Number(url.port);
    this.prefix = prefix;
    this.address = `${host}:${port}`;
    this.#options = {
      host,
      port,
      db: readDatabase(url),
      ...(username === "" ? {} : { username }),
      ...(password === "" ? {} : { password }),
      // An address is no name: some runtimes refuse it as such.
      ...(isSecure ? { tls: { ...(isIP(host) === 0 ? { servername: host } : {}), ...tls } } : {}),
      lazyConnect: true,
      connectTimeout: CONNECT_TIMEOUT_MS,
      keepAlive: 10_000,
      disconnectTimeout: FAREWELL_TIMEOUT_MS,
      // What was sent when a connection broke is sent again on the next one: our ids make that harmless.
      maxRetriesPerRequest: null,
      retryStrategy: (times) =>
        Math.min(RECONNECT_MS[0] * 2 ** Math.min(times, 10), RECONNECT_MS[1]),
      // A server that was made a replica: another one takes writes now.
      reconnectOnError: (error) => (error.message.startsWith("READONLY") ? 2 : false),
    };
  }

  /**
   * Makes a client that is not connected yet.
   *
   * @param name What the server's own list of clients calls it.
   * @param holds Whether the program goes on for it.
   */
  async client(name: string, holds: boolean): Promise<Redis> {
    const { Redis } = await import("ioredis");
    const client = new Redis({ ...this.#options, connectionName: name });
    if (holds) return this.#watched(client);
    letGo(client);
    return client;
  }

  /**
   * Has a client leave a connection of which only one end is left, which says nothing. So do those that BullMQ makes of it; they
   * connect by themselves, for BullMQ would try it once, and give up where the server is away just then.
   */
  #watched(client: Redis): Redis {
    this.#silences.add(client);
    client.once("end", () => this.#silences.delete(client));
    const { duplicate } = client;
    client.duplicate = (override) =>
      this.#watched(duplicate.call(client, { ...override, lazyConnect: false }));
    return client;
  }
}

/** Has a client hold no program: not by its socket, nor by the clock of its next attempt. */
function letGo(client: Redis): void {
  const inside = client as unknown as { stream?: Refable; reconnectTimeout?: Refable };
  const release = () => {
    inside.stream?.unref?.();
    inside.reconnectTimeout?.unref?.();
  };
  client.on("connect", release);
  client.on("reconnecting", release);
  // The socket is made a moment later.
  client.on("connecting", () => (setTimeout(release) as unknown as Refable).unref?.());
}

interface Refable {
  unref?(): void;
}

/** Errors that no other attempt would mend. */
const REFUSALS = /^(WRONGPASS|NOAUTH|NOPERM)|client sent AUTH|invalid password/i;

/** Whether the server knows us, and will not have us. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && REFUSALS.test(error.message);
}

/** Whether the server has no memory left. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && /^OOM /.test(error.message);
}

/** The same error without what a client has noted beside it: the command, and with it passwords and what tasks are given. */
export function withoutSecrets(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(typeName(error));
  const code = (error as { code?: unknown }).code;
  const text = error.message || (typeof code === "string" ? code : error.name);
  const clean = new Error(text);
  clean.name = error.name;
  return clean;
}

function readUrl(given: unknown): URL {
  const url = typeof given === "string" || given instanceof URL ? URL.parse(String(given)) : null;
  // What was given is not told: it may hold a password.
  if (url === null || (url.protocol !== "redis:" && url.protocol !== "rediss:"))
    throw new TypeError("Cannot connect to queue: url is no redis:// or rediss:// address");
  return url;
}

function readDatabase({ pathname }: URL): number {
  const [, digits] = /^\/?(\d{0,5})$/.exec(pathname) ?? [];
  if (digits === undefined)
    throw new TypeError("Cannot connect to queue: the path of its url is no number of a database");
  return Number(digits);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
