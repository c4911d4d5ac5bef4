// readMultipart: takes a multipart form apart, as the Fetch standard says that browsers put it together.
//
// Not the runtimes' own `formData()`: Deno's and Bun's cut the name of a file at characters that mean something in a
// header, and each in its own way, so that `a=b;c.txt` arrived as `a=b`.

/** One field: a text, or a file with its name. */
export interface Part {
  readonly name: string;
  /** Undefined for a text. */
  readonly fileName: string | undefined;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Fields of a form at most: a kind has a few parameters. */
const MOST_PARTS = 100;

/** Bytes that the headers of one part may have. */
const MOST_HEADERS = 8 * 1024;

const CRLF = "\r\n";
const BLANK_LINE = "\r\n\r\n";

/** What three bytes in a name stand for: the others that begin with a percent sign stand for themselves. */
const ESCAPED: Readonly<Record<string, string>> = { "%22": '"', "%0D": "\r", "%0A": "\n" };

/**
 * Takes a form apart.
 *
 * @param contentType the header, which has the boundary.
 * @returns the fields in their order, or nothing where that is no form.
 */
export function readMultipart(
  contentType: string,
  body: Uint8Array<ArrayBuffer>,
): Part[] | undefined {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return undefined;
  // One character for each byte, for texts are searched as fast as can be, whatever they are filled with.
  const text = new TextDecoder("latin1").decode(body);
  const delimiter = `--${boundary}`;
  const between = `${CRLF}${delimiter}`;
  const parts: Part[] = [];
  // What stands in front of the first delimiter is for nobody.
  let at = text.startsWith(delimiter) ? 0 : text.indexOf(between) + CRLF.length;
  if (!text.startsWith(delimiter, at)) return undefined;
  for (;;) {
    at += delimiter.length;
    if (text.startsWith("--", at)) return parts;
    while (text[at] === " " || text[at] === "\t") at++;
    if (!text.startsWith(CRLF, at) || parts.length === MOST_PARTS) return undefined;
    const headersEnd = text.slice(at, at + MOST_HEADERS).indexOf(BLANK_LINE) + at;
    if (headersEnd < at) return undefined;
    const start = headersEnd + BLANK_LINE.length;
    const end = text.indexOf(between, start);
    const headers = new TextDecoder().decode(body.subarray(at, headersEnd));
    const named = end < 0 ? undefined : dispositionOf(headers);
    if (named === undefined) return undefined;
    parts.push({ ...named, bytes: body.subarray(start, end) });
    at = end + CRLF.length;
  }
}

/** RFC 2046 allows 70 characters, of which a space needs quotes and is not the last. */
function boundaryOf(contentType: string): string | undefined {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  return boundary !== undefined && /^[\x20-\x7e]{1,70}$/.test(boundary) ? boundary : undefined;
}

/** The names in the headers of a part. They end at a quote and nowhere else, which browsers therefore escape. */
function dispositionOf(headers: string): Pick<Part, "name" | "fileName"> | undefined {
  const disposition = /\r\ncontent-disposition:[ \t]*form-data((?:[^\r]|\r(?!\n))*)/i.exec(headers);
  if (disposition === null) return undefined;
  let name: string | undefined;
  let fileName: string | undefined;
  let rest = disposition[1] as string;
  while (rest.trim() !== "") {
    const found = /^[ \t]*;[ \t]*([\w*-]+)=(?:"([^"]*)"|([^\s;"]*))/.exec(rest);
    if (found === null) return undefined;
    const [whole, parameter = "", quoted, plain = ""] = found;
    const value = (quoted ?? plain).replace(/%(?:22|0D|0A)/gi, (code) => {
      return ESCAPED[code.toUpperCase()] as string;
    });
    if (parameter.toLowerCase() === "name") name = value;
    if (parameter.toLowerCase() === "filename") fileName = value;
    rest = rest.slice(whole.length);
  }
  return name === undefined ? undefined : { name, fileName };
}
