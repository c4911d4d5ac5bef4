// Where a checkout keeps what is built of it.

/**
 * The folder, whose name says what makes it: who uses a checkout that nobody has built gets to read no more than this path.
 * Node looks for all files before it runs any, so no file of ours could tell.
 */
export const BUILT = "built_by_npm_run_build";
