// Checks what comes from a worker: a task shares its worker with our end of the link, and may have got at it.

import type { LinkWord, WorkerMessage } from "./messages.ts";

const LEVELS: ReadonlySet<unknown> = new Set(["debug", "info", "log", "warn", "error"]);

/** Tells whether a message has the form of one. What it says may be false all the same. */
export function isWorkerMessage(value: unknown): value is WorkerMessage {
  if (typeof value !== "object" || value === null) return false;
  const message = value as Partial<Record<string, unknown>>;
  switch (message.kind as WorkerMessage["kind"]) {
    case "settled":
      return (
        Number.isSafeInteger(message.first) &&
        Array.isArray(message.values) &&
        message.values.length > 0 &&
        (message.elapsed === undefined || isDuration(message.elapsed)) &&
        (message.errors === undefined || isListOfErrors(message.errors))
      );
    case "started":
    case "aborting":
      return Number.isSafeInteger(message.seq);
    case "progress":
      return Number.isSafeInteger(message.seq) && typeof message.fraction === "number";
    case "inspector":
      return typeof message.url === "string";
    case "console":
      return (
        (message.seq === undefined || Number.isSafeInteger(message.seq)) &&
        typeof message.text === "string" &&
        LEVELS.has(message.level)
      );
    case "link":
      return (
        Number.isSafeInteger(message.seq) &&
        Number.isSafeInteger(message.link) &&
        isLinkWord(message.word)
      );
    case "fault":
      return (
        isObject(message.error) && (message.seq === undefined || Number.isSafeInteger(message.seq))
      );
    case "failed":
      return isObject(message.error);
    case "unreadable":
      return message.seq === undefined || Number.isSafeInteger(message.seq);
    case "look":
    case "ready":
    case "loading":
    case "loaded":
    case "pong":
    case "leaving":
    case "idle":
      return true;
    default:
      return false;
  }
}

/** Tells whether a value has the form of a word over a link. */
export function isLinkWord(value: unknown): value is LinkWord {
  if (!isObject(value)) return false;
  const word = value as Partial<Record<string, unknown>>;
  switch (word.does as LinkWord["does"]) {
    case "open":
      return typeof word.to === "string";
    case "items":
      return (
        Array.isArray(word.items) &&
        word.items.length > 0 &&
        (word.cost === undefined || isCount(word.cost)) &&
        (word.errors === undefined ||
          (Array.isArray(word.errors) &&
            word.errors.every(
              (item) => isObject(item) && isPlace(item.at) && isObject(item.error),
            )))
      );
    case "credit":
      return isCount(word.count);
    case "close":
      return word.error === undefined || isObject(word.error);
    default:
      return false;
  }
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isPlace(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isListOfErrors(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((item) => isObject(item) && Number.isSafeInteger(item.seq) && isObject(item.error))
  );
}

function isDuration(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && Number.isFinite(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
