// printError: prints an error that nobody takes, whatever it is made of.

/**
 * Prints `what` and the error, and never throws: a console may refuse to show a proxy, or run what an object says it is
 * shown by, and whoever reports has other things left to do.
 */
export function printError(what: string, error: unknown): void {
  try {
    console.error(what, error);
  } catch {
    try {
      console.error(what, describe(error));
    } catch {
      // There is no console that prints.
    }
  }
}

function describe(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "(an object that cannot be shown)";
  }
}
