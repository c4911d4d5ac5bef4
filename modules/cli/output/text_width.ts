// How many columns of a terminal a text takes, and the part of it that fits.

/** Made when it is first needed: its tables take long to load, and most texts are ASCII. */
let segmenter: Intl.Segmenter | undefined;

function letters(text: string): Iterable<{ readonly segment: string }> {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}

/** East Asian wide and full-width letters, and emoji: two columns each. */
const WIDE =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F680}-\u{1F6FF}\u{1F900}-\u{1F9FF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the terminal
const CONTROL = /[\x00-\x1f\x7f-\x9f]+/g;

/** Makes one line of a text that may hold anything. */
export function plainLine(text: string): string {
  return text.replace(CONTROL, " ");
}

/** The columns that a line takes. */
export function textWidth(line: string): number {
  if (/^[\x20-\x7e]*$/.test(line)) return line.length;
  let width = 0;
  for (const { segment } of letters(line)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** The line itself if it fits, else its beginning and an ellipsis. */
export function fit(line: string, columns: number): string {
  if (textWidth(line) <= columns) return line;
  let kept = "";
  let width = 1;
  for (const { segment } of letters(line)) {
    width += WIDE.test(segment) ? 2 : 1;
    if (width > columns) break;
    kept += segment;
  }
  return columns < 1 ? "" : `${kept}…`;
}
