// What Ctrl-C and other signals do: once stops the intake, twice interrupts, three times ends at once.

import process from "node:process";

/** What is done when signals come. */
export interface SignalDeeds {
  /** Starts no more jobs. */
  stop(): void;
  /** Ends the jobs that run. */
  interrupt(): void;
  /** Ends everything, at once. */
  endAtOnce(exitCode: number): void;
}

/** A shell's exit code for a program that a signal ended. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Heeds signals. */
export class Signals {
  #code: number | undefined = undefined;
  #interrupts = 0;

  constructor(deeds: SignalDeeds) {
    process.on("SIGINT", () => {
      this.#code = EXIT_CODES.SIGINT;
      this.#interrupts++;
      if (this.#interrupts === 1) deeds.stop();
      else if (this.#interrupts === 2) deeds.interrupt();
      else deeds.endAtOnce(EXIT_CODES.SIGINT);
    });
    for (const name of ["SIGTERM", "SIGHUP"] as const) {
      process.on(name, () => {
        const isAgain = this.#code === EXIT_CODES[name];
        this.#code = EXIT_CODES[name];
        if (isAgain) deeds.endAtOnce(EXIT_CODES[name]);
        else deeds.interrupt();
      });
    }
  }

  /** The exit code, if a signal has come. */
  get exitCode(): number | undefined {
    return this.#code;
  }

  /** How often Ctrl-C was pressed. */
  get interrupts(): number {
    return this.#interrupts;
  }
}
