// Says in this app's own words what is wrong with a value, naming the field.

import type { z } from "zod";
import { type FieldProblem, Problem } from "./problem.ts";

/** Checks a value; anything wrong with it is a problem that names the fields. `at` is where the value stands. */
export function check<S extends z.ZodType>(
  schema: S,
  value: unknown,
  { action, at = "" }: { action: string; at?: string },
): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw problemOf(parsed.error, { action, at });
}

/** Makes a problem of what a schema found. */
export function problemOf(
  error: { issues: readonly z.core.$ZodIssue[] },
  { action, at = "" }: { action: string; at?: string },
): Problem {
  const fields = error.issues.flatMap((issue) => describeIssue(issue, at));
  const first = fields[0];
  return new Problem(400, `Cannot ${action}: ${first?.field} ${first?.detail}`, { fields });
}

function describeIssue(issue: z.core.$ZodIssue, at: string): FieldProblem[] {
  const path = issue.path.map((part) => String(part).slice(0, 60)).join(".");
  const field = path !== "" ? `${at}${path}` : at.replace(/\.$/, "") || "body";
  const characters = "origin" in issue && issue.origin === "string" ? " characters" : "";
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        field: `${path === "" ? at : `${at}${path}.`}${key.slice(0, 60)}`,
        detail: "is not known",
      }));
    case "too_small":
      return [{ field, detail: `must be at least ${issue.minimum}${characters}` }];
    case "too_big":
      return [{ field, detail: `must be at most ${issue.maximum}${characters}` }];
    case "invalid_type": {
      const a = issue.expected === "int" ? "a whole number" : `a value of type ${issue.expected}`;
      return [{ field, detail: `must be ${a}` }];
    }
    case "invalid_value":
      return [{ field, detail: `must be one of ${issue.values.join(", ")}` }];
    default:
      return [{ field, detail: issue.message }];
  }
}
