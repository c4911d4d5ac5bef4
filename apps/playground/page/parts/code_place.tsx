// CodePlace: where what was typed is to run, and how much of it: in this page, or in the server's sandbox where it has one.

import { useId } from "preact/hooks";
import { count, duration, size } from "../../../../modules/dashboard/page/format.ts";
import { ownCode } from "../catalogue.ts";
import { HERE } from "../here/kinds_here.ts";

export function CodePlace({ value, onChoose }: { value: string; onChoose(name: string): void }) {
  const group = useId();
  const limits = ownCode.value;
  const server = limits?.executor ?? "sandbox";
  const places = [
    { name: HERE, about: "threads of this page, without a network", possible: true },
    {
      name: server,
      about: limits ? "processes of the server, without permissions" : "start with --allow-code",
      possible: limits !== null,
    },
  ];
  return (
    <>
      <fieldset class="choice">
        <legend>Where</legend>
        {places.map(({ name, about, possible }) => (
          <label key={name} data-possible={possible}>
            <input
              type="radio"
              name={group}
              checked={name === value}
              disabled={!possible}
              onInput={() => onChoose(name)}
            />
            <span class="choice-name">{name}</span>
            <span class="choice-about">{about}</span>
          </label>
        ))}
      </fieldset>
      {limits === null ? (
        <p class="quiet">
          The server runs none of this. <code>deno task playground --allow-code</code> has it do so,
          for whoever is at this machine and has the token that is printed.
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
