// UsageError: what the command was told cannot be done; its message is all the user needs.

/** Ends the command with exit code 102, before anything has run. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
