// The version of the package. Not read from a manifest: the command may run from an address where there is none.

/** As in package.json; a test compares them. */
export const VERSION = "0.1.0";
