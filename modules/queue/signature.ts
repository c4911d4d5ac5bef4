// Signatures: with a secret that submitters and agents share, a server that others write to can neither forge a job nor a result.

import { createHmac, timingSafeEqual } from "node:crypto";
import { assertString } from "../core/checks.ts";

/** What a signature is made with. */
export interface SigningKey {
  readonly secret: string;
  readonly jobId: string;
  /** Whether it signs what is asked or what is answered: one does not pass for the other. */
  readonly of: "job" | "result";
}

const encoder = new TextEncoder();

/**
 * Signs a text, so that whoever does not know the secret can neither write it nor use it for another job.
 *
 * @returns HMAC-SHA-256 in Base64.
 */
export function signatureOf(text: string, { secret, jobId, of }: SigningKey): string {
  // The list has an end of its own, so that no two texts with their jobs are one.
  const whose = JSON.stringify([of, jobId]);
  return createHmac("sha256", secret).update(whose).update(text).digest("base64");
}

/** Whether a signature is the one that belongs to a text. It takes as long whether or not. */
export function isSigned(text: string, signature: unknown, key: SigningKey): boolean {
  if (typeof signature !== "string") return false;
  const [ours, theirs] = [signatureOf(text, key), signature].map((known) => encoder.encode(known));
  return (
    ours?.length === theirs?.length && timingSafeEqual(ours as Uint8Array, theirs as Uint8Array)
  );
}

/** A secret is longer: one that can be guessed is none. */
const LEAST_LETTERS = 16;

/**
 * Throws for what is no secret; nothing of it is told.
 *
 * @throws {TypeError} For what is no text.
 * @throws {RangeError} For one that is too short.
 */
export function assertSecret(secret: unknown): asserts secret is string {
  assertString(secret, "secret");
  if (secret.length < LEAST_LETTERS)
    throw new RangeError(`Cannot use secret: expected at least ${LEAST_LETTERS} letters`);
}
