// CodePlace: where what was typed is to run, and how much of it: in this page, or in the server's sandbox where it has one.

import { count, duration, size } from "../../../../modules/dashboard/page/format.ts";
import { ownCode } from "../catalogue.ts";
import { HERE } from "../here/kinds_here.ts";
import { Choice, type Place } from "./choice.tsx";

export function CodePlace({ value, onChoose }: { value: string; onChoose(name: string): void }) {
  const limits = ownCode.value;
  const server = limits?.executor ?? "sandbox";
  const places: Place[] = [
    { name: HERE, about: "threads of this page, without a network", possible: true },
    {
      name: server,
      about: limits ? (
        "processes of the server, without permissions"
      ) : (
        <>
          start with <code>--allow-code</code>
        </>
      ),
      possible: limits !== null,
    },
  ];
  return (
    <>
      <Choice label="Where" places={places} value={value} onChoose={onChoose} />
      {limits === null ? (
        <p class="quiet">
          The server runs none of this. <code>deno task playground</code> <code>--allow-code</code>{" "}
          has it do so, for whoever is at this machine and has the token that is printed.
        </p>
      ) : (
        value === limits.executor && (
          <dl class="code-limits">
            {(
              [
                ["Permissions", "none"],
                ["Time", duration(limits.timeout)],
                ["Heap", `${limits.heap} MiB`],
                ["Memory", `${limits.memory} MiB`],
                ["Output", size(limits.output)],
                ["Result", size(limits.result)],
                ["Code", size(limits.length)],
                ["Calls", count(limits.calls)],
              ] as const
            ).map(([what, most]) => (
              <div key={what}>
                <dt>{what}</dt>
                <dd>{most}</dd>
              </div>
            ))}
          </dl>
        )
      )}
    </>
  );
}
