// Writes the page of results.

import { availableParallelism, cpus, platform, release } from "node:os";
import type { Section } from "./report.ts";
import { type Scenario, sizeOf } from "./scenario.ts";
import { failureTexts, markdownTable, number, tableOf, verdictText } from "./table.ts";

/** When and how it was measured. */
export interface Circumstances {
  readonly date: Date;
  readonly versions: readonly string[];
  readonly rounds: number;
  readonly quick: boolean;
  /** Programs that wanted to run when it began, ours not among them: the load of the last minute. */
  readonly load: number;
}

/** Makes the page of all sections. */
export function pageOf(
  scenarios: readonly Scenario[],
  sections: readonly Section[],
  { date, versions, rounds, quick, load }: Circumstances,
): string {
  const verdicts = sections.flatMap((section) => section.verdicts);
  const met = verdicts.filter((verdict) => verdict.met).length;
  return `# Benchmarks

Written by \`deno task bench --write docs/benchmarks.md\`; not edited by hand.

- When: ${date.toISOString().slice(0, 10)}
- On: ${cpus()[0]?.model.trim() ?? "unknown processor"}, ${availableParallelism()} cores, ${platform()} ${release()}; load before: ${number(load)}
- With: ${versions.join("; ")}
- How: ${rounds} rounds${quick ? " with less of what takes longest (`--quick`)" : ""}, each contender in a fresh process in every round, in turn; every figure is a
  median of the rounds, and every ratio the median of the ratios within a round. In each process, half of the work is
  done once before, unmeasured, except in cold scenarios. Results are checked.
- Goals met: ${met} of ${verdicts.length}

Absolute figures depend on the machine and on what else it does; only ratios within one run say something. "Naked" is
the hand-written transport: one worker, one message at a time, 256 in flight, or 256 tasks per message; ratios are to
the faster one where a runtime has two. "Best peer" is the fastest of the libraries that queue tasks.

Repeat it with \`deno task bench\`, or a part with \`deno task bench --only burst,map --rounds 3\`;
\`deno task bench --help\` lists the options. The other libraries are installed on first use.
${scenarios.map((scenario) => chapter(scenario, sections, quick)).join("")}`;
}

function chapter(scenario: Scenario, all: readonly Section[], quick: boolean): string {
  const sections = all.filter((section) => section.scenario === scenario.name);
  if (sections.length === 0) return "";
  const parts = sections.map((section) => {
    const verdicts = section.verdicts.map(
      (verdict) => `- ${verdict.met ? "✓" : "✗"} ${verdictText(verdict)}`,
    );
    const failures = failureTexts(section).map((text) => `- ${text.replaceAll("|", "\\|")}`);
    const lists = [verdicts, failures].filter((lines) => lines.length > 0);
    return [
      markdownTable(tableOf(scenario, section)),
      ...lists.map((lines) => lines.join("\n")),
    ].join("\n\n");
  });
  const size = number(sizeOf(scenario, quick));
  return `\n## ${scenario.name}\n\n${scenario.title}. Size: ${size}.\n\n${parts.join("\n\n")}\n`;
}
