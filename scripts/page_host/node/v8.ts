// node:v8 of a page: its flags are set when Chromium is started.

export default { setFlagsFromString: (): void => {} };
