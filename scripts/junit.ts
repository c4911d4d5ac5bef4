// Reads the JUnit reports that the test runners of Deno, Bun and Node write.

/** What a report says of its test cases. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Of each failed test its file and name, then the beginning of its error. */
  readonly failures: readonly string[];
}

const ATTRIBUTES = String.raw`(?:\s+[\w-]+="[^"]*")*`;

/** A test case that failed: its attributes, those of the failure, and the failure's text. */
const FAILED_CASE = new RegExp(
  String.raw`<testcase\b(${ATTRIBUTES})\s*>\s*<(?:failure|error)\b(${ATTRIBUTES})\s*(?:/>|>([^<]*))`,
  "g",
);

/** Counts the test cases of a report. A missing report, read as "", is one without cases. */
export function readReport(xml: string): TestCounts {
  const total = xml.match(/<testcase\b/g)?.length ?? 0;
  const failed = xml.match(/<(failure|error)\b/g)?.length ?? 0;
  const skipped = xml.match(/<skipped\b/g)?.length ?? 0;
  const failures = Array.from(xml.matchAll(FAILED_CASE), ([, test = "", failure = "", text = ""]) =>
    [
      `${attribute(test, "classname")} ${attribute(test, "name")}`.trim(),
      ...(unescapeXml(text).trim() || attribute(failure, "message"))
        .split("\n")
        .slice(0, MAX_LINES),
    ].join("\n"),
  );
  return { passed: total - failed - skipped, failed, skipped, failures };
}

/** More of an error than this is read where it was first printed. */
const MAX_LINES = 30;

function attribute(attributes: string, name: string): string {
  return unescapeXml(attributes.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1] ?? "");
}

function unescapeXml(text: string): string {
  return text.replace(/&[#\w]+;/g, (entity) => ENTITIES[entity] ?? entity);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&#10;": "\n",
};
