// The API page: every route, made from the OpenAPI document, as plain HTML without a script.

import { Hono } from "hono";
import { html } from "hono/html";

/** The part of an OpenAPI document that is shown. */
interface Document {
  info: { title: string; version: string; description?: string };
  paths?: Record<string, unknown>;
  components?: { schemas?: Record<string, unknown> };
}

interface Operation {
  summary?: string;
  description?: string;
  parameters?: { name: string; in: string; required?: boolean; schema?: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; font-size: 1.1rem; }
code, pre { font: 0.9rem/1.4 ui-monospace, monospace; }
pre { overflow: auto; padding: 0.75rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 6px; }
.method { text-transform: uppercase; font-weight: 700; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: 0.25rem 1rem 0.25rem 0; vertical-align: top; }
`;

/** Routes to the page and its style. */
export function apiPage(document: Document): Hono {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(
      ([method, operation]) => [method, path, operation] as const,
    ),
  );
  const schemas = Object.entries(document.components?.schemas ?? {});
  const { title, version, description } = document.info;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}: API</title>
<link rel="stylesheet" href="../docs.css">
</head>
<body>
<main>
<h1>${title} ${version}</h1>
<p>${description}</p>
<p>For programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
${operations.map((operation) => showOperation(...operation))}
<h2 id="schemas">Schemas</h2>
${schemas.map(
  ([name, schema]) => html`<details id="schema-${name}"><summary><code>${name}</code></summary>
<pre tabindex="0">${JSON.stringify(schema, null, 2)}</pre></details>
`,
)}
</main>
</body>
</html>`;
  return (
    new Hono()
      .get("/api/docs", (c) => c.html(page))
      // Not below the data, which no style sheet is (guard.ts).
      .get("/docs.css", (c) => c.body(STYLE, 200, { "content-type": "text/css; charset=utf-8" }))
  );
}

function showOperation(method: string, path: string, operation: Operation) {
  const { summary, description, parameters = [], requestBody, responses } = operation;
  return html`<section>
<h2><span class="method">${method}</span> <code>${path}</code></h2>
<p>${summary}. ${description ?? ""}</p>
${
  parameters.length === 0
    ? ""
    : html`<table><thead><tr><th>Parameter</th><th>In</th><th>Schema</th></tr></thead><tbody>
${parameters.map(
  (
    parameter,
  ) => html`<tr><td><code>${parameter.name}</code>${parameter.required ? " *" : ""}</td><td>${parameter.in}</td>
<td><code>${JSON.stringify(parameter.schema ?? {})}</code></td></tr>
`,
)}</tbody></table>`
}
${Object.entries(requestBody?.content ?? {}).map(
  ([
    type,
    { schema },
  ]) => html`<p>Takes <code>${type}</code></p><pre tabindex="0">${JSON.stringify(schema, null, 2)}</pre>
`,
)}
<table><thead><tr><th>Answers</th><th></th><th></th></tr></thead><tbody>
${Object.entries(responses).map(
  ([status, response]) => html`<tr><td>${status}</td><td>${response.description}</td>
<td>${Object.entries(response.content ?? {}).map(
    ([type, { schema }]) => html`<code>${type}</code> <code>${nameOf(schema)}</code>`,
  )}</td></tr>
`,
)}</tbody></table>
</section>
`;
}

/** A schema by its name, or whole where it has none. */
function nameOf(schema: object): string {
  const reference = "$ref" in schema ? String(schema.$ref) : undefined;
  return reference?.split("/").at(-1) ?? JSON.stringify(schema);
}
