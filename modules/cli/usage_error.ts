// UsageError: what the command was told cannot be done; its message is all the user needs.

/** The exit code for wrong use, and for what makes a run impossible. */
export const WRONG_USE = 102;

/** Ends the command with exit code 102, before anything has run. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
