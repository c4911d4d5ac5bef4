// ResultWriter: what an agent writes of its calls: outcomes within the limits, and results that are signed.

import { WorkerLostError } from "../../core/errors.ts";
import { type CodecLimits, encodeText, encodeThrown } from "../codec.ts";
import { PayloadTooLargeError } from "../errors.ts";
import {
  type JobData,
  type JobResult,
  signedText,
  WIRE_VERSION,
  type WireAgent,
  type WireOutcome,
} from "../job.ts";
import { isSigned, signatureOf } from "../signature.ts";
import { encodeResult } from "../wire_values.ts";

/** Characters of all outcomes of one job together, for each that one may have. */
const MOST_OF_ONE = 16;

/** Writes what comes of jobs. */
export class ResultWriter {
  readonly limits: CodecLimits;
  /** Who it is. */
  readonly agent: WireAgent;
  readonly #secret: string | undefined;

  constructor(agent: WireAgent, limits: CodecLimits, secret: string | undefined) {
    this.agent = agent;
    this.limits = limits;
    this.#secret = secret;
  }

  /** @returns A promise only where files are to be read first. */
  success(name: string, value: unknown): WireOutcome | Promise<WireOutcome> {
    try {
      const text = encodeResult(name, value, this.limits);
      if (typeof text === "string") return [0, text];
      return text.then(
        (text): WireOutcome => [0, text],
        (error) => this.failure(error),
      );
    } catch (error) {
      return this.failure(error);
    }
  }

  failure(error: unknown): WireOutcome {
    return [1, encodeThrown(error, this.limits)];
  }

  detail(detail: unknown): string {
    try {
      const text = encodeText([detail], this.limits);
      if (typeof text === "string") return text;
      text.catch(() => {});
    } catch {
      // Told without it.
    }
    return "";
  }

  lostBefore(name: string, data: JobData): WireOutcome[] {
    return data.a.map(() =>
      this.failure(
        new WorkerLostError(
          { workerId: -1, taskName: name },
          { cause: new Error("Its agent was lost") },
        ),
      ),
    );
  }

  /** All outcomes of a chunk together are bounded, too. */
  cutToSize(outcomes: WireOutcome[]): void {
    let left = MOST_OF_ONE * this.limits.maxLength;
    for (const [at, [, text]] of outcomes.entries()) {
      left -= text.length;
      if (left >= 0) continue;
      outcomes[at] = this.failure(
        new PayloadTooLargeError("Cannot return: the results of its chunk are too large together"),
      );
    }
  }

  result(id: string, ms: number, c: readonly WireOutcome[]): JobResult {
    const signature = this.#secret && this.signature(id, JSON.stringify(c));
    return { v: WIRE_VERSION, w: this.agent, ms, c, ...(signature || {}) };
  }

  signature(jobId: string, text: string): { s?: string } {
    const secret = this.#secret;
    return secret === undefined ? {} : { s: signatureOf(text, { secret, jobId, of: "result" }) };
  }

  assertSigned(jobId: string, data: JobData): void {
    const secret = this.#secret;
    if (secret === undefined) return;
    if (!isSigned(signedText(data), data.s, { secret, jobId, of: "job" }))
      throw new TypeError("Cannot run job: it is not signed with the secret of this agent");
  }
}
