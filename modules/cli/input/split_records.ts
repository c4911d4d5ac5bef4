// Splits bytes that come in chunks into the texts between line ends or NUL bytes.

/**
 * Yields, for each chunk, the records that it completes: many at once, because a turn for each would cost more than most
 * jobs. What stands behind the last separator is a record of its own. A carriage return before a line end is dropped.
 */
export async function* splitRecords(
  chunks: AsyncIterable<Uint8Array | string>,
  separator: "\n" | "\0",
): AsyncGenerator<string[], void> {
  const decoder = new TextDecoder();
  const open: string[] = [];
  for await (const chunk of chunks) {
    const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    const records = text.split(separator);
    // The first completes what is open, the last stays open. What is open is a list: a record may come in many chunks.
    const last = records.pop() as string;
    if (records.length > 0) {
      records[0] = open.join("") + records[0];
      open.length = 0;
      yield separator === "\n" ? records.map(withoutReturn) : records;
    }
    if (last !== "") open.push(last);
  }
  const rest = open.join("") + decoder.decode();
  if (rest !== "") yield [rest];
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
