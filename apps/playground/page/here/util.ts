// node:util in a page: what errors are told with (record/error_view.ts).

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what it takes out
const CONTROLS = /\x1b\[[\d;?]*[A-Za-z]/g;

export const stripVTControlCharacters = (text: string): string => text.replace(CONTROLS, "");
