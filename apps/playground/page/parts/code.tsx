// Code: a piece of TypeScript, coloured lightly, that can be copied.

import { useSignal } from "@preact/signals";
import { Icon } from "../../../../modules/dashboard/page/parts/icon.tsx";

const TOKEN =
  /(?<comment>\/\/[^\n]*)|(?<string>"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)|(?<number>\b\d[\d_.e-]*\b)|(?<word>\b(?:import|from|export|const|let|await|using|new|typeof|for|of|async|function|return|if|true|false|null|undefined|type)\b)/g;

const SAID_MS = 1500;

export function Code({ text, label }: { text: string; label: string }) {
  const copied = useSignal(false);
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(text);
    copied.value = true;
    setTimeout(() => {
      copied.value = false;
    }, SAID_MS);
  }
  return (
    <figure class="code">
      <figcaption>
        <span>{label}</span>
        <button type="button" class="quiet-button" onClick={copy}>
          <Icon name={copied.value ? "done" : "copy"} />
          {copied.value ? "Copied" : "Copy"}
        </button>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{coloured(text)}</code>
      </pre>
    </figure>
  );
}

/** Splits a text into what has a colour and what has none; all of it stays text. */
function coloured(text: string) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [kind] = Object.entries(match.groups ?? {}).find(([, part]) => part !== undefined) ?? [];
    parts.push(text.slice(end, match.index), <span class={`code-${kind}`}>{match[0]}</span>);
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts;
}
