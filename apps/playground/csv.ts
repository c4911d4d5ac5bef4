// Reads the rows of a CSV text (RFC 4180), one after another.

/** The largest field that is read: what goes on for longer has lost its closing quote. */
const LONGEST_FIELD = 10_000;

/**
 * Yields each row as its fields. A line without anything is none.
 *
 * @throws {SyntaxError} For a field that is not closed, or is too long.
 */
export function* csvRowsOf(text: string): Generator<string[]> {
  // A mark of the order of bytes, as spreadsheets write it, is no part of the first field.
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  for (let row = 1; at < text.length; row++) {
    const fields: string[] = [];
    for (;;) {
      const field = text[at] === '"' ? quoted(text, at, row) : plain(text, at);
      if (field.value.length > LONGEST_FIELD)
        throw new SyntaxError(`Cannot read CSV: a field of row ${row} is too long`);
      fields.push(field.value);
      at = field.end;
      if (text[at] !== ",") break;
      at++;
    }
    // Behind a quoted field there may be anything, which is passed over as spreadsheets do.
    const end = text.indexOf("\n", at);
    at = end < 0 ? text.length : end + 1;
    if (fields.length > 1 || fields[0] !== "") yield fields;
  }
}

function plain(text: string, from: number): { value: string; end: number } {
  let end = from;
  while (end < text.length && !",\n".includes(text[end] as string)) end++;
  const value = text.slice(from, end);
  return { value: value.endsWith("\r") ? value.slice(0, -1) : value, end };
}

function quoted(text: string, from: number, row: number): { value: string; end: number } {
  let value = "";
  for (let at = from + 1; ; ) {
    const end = text.indexOf('"', at);
    if (end < 0) throw new SyntaxError(`Cannot read CSV: a quote of row ${row} is not closed`);
    value += text.slice(at, end);
    if (text[end + 1] !== '"') return { value, end: end + 1 };
    value += '"';
    at = end + 2;
  }
}
