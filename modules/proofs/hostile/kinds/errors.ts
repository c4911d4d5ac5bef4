// Errors as values.

import { type Kind, made, pick, RAGING, revoked, withOwn } from "../kind.ts";

class PaymentError extends Error {
  override name = "PaymentError";
  amount = 3;
}

/** Errors as values, by the names of the kinds. */
export const ERRORS: Readonly<Record<string, Kind>> = {
  error: {
    fate: "cloned",
    make: (random) => pick(random, [new Error("e"), new TypeError("t"), new URIError("\ud800")]),
  },
  "error-with-cause": {
    fate: "cloned",
    make: () => new Error("e", { cause: new TypeError("t", { cause: 3 }) }),
  },
  "error-with-fields": {
    fate: "cloned",
    make: () => Object.assign(new RangeError("e"), { code: "E", at: [1] }),
  },
  "error-of-class": { fate: "cloned", make: () => new PaymentError("declined") },
  aggregate: {
    fate: "either",
    make: () => new AggregateError([new RangeError("a"), "b"], "several"),
  },
  suppressed: {
    fate: "either",
    make: () => made("SuppressedError", new RangeError("later"), new TypeError("earlier"), "both"),
  },
  "raging-error": {
    fate: "cloned",
    make: (random) =>
      withOwn(
        new Error("e"),
        pick(random, ["message", "stack", "name", "cause", "code", "toString", "constructor"]),
        RAGING,
      ),
  },
  "strange-error": {
    fate: "cloned",
    make: (random) =>
      withOwn(new Error("e"), pick(random, ["name", "message", "stack", "cause"]), {
        value: pick(random, [Symbol("s"), Object.create(null), 5, revoked({}), () => {}]),
      }),
  },
  "error-cycle": {
    fate: "cloned",
    make: () => {
      const error = new Error("round");
      error.cause = Object.assign(new Error("back"), { cause: error });
      return error;
    },
  },
};
