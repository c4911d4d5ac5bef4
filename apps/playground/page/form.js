// The form: made from the kinds the server describes, so a new kind needs no change here.

import { post, Refused } from "./api.js";
import { h, setText } from "./dom.js";

const SAMPLE =
  "A future is a promise you can cancel, ask, and wait for. A promise is not a future.";

const form = document.getElementById("form");
const said = document.getElementById("said");

export function buildForm(kinds, executors) {
  const description = h("p", { className: "quiet hint" });
  const own = h("div", { className: "fields" });
  const executor = h(
    "select",
    { name: "executor" },
    ...executors.map(({ name, type }) => {
      return h("option", { value: name }, `${name} (${type})`);
    }),
  );
  const kindSelect = h(
    "select",
    { name: "kind" },
    ...kinds.map(({ name, title }) => {
      return h("option", { value: name }, title);
    }),
  );
  const chosen = () => kinds.find(({ name }) => name === kindSelect.value);
  const chooseKind = () => {
    const kind = chosen();
    setText(description, kind.description);
    own.replaceChildren(...ownFields(kind));
    for (const option of executor.options) {
      const { sharesEventLoop } = executors.find(({ name }) => name === option.value);
      option.disabled = kind.needsWorker && sharesEventLoop;
    }
    if (executor.selectedOptions[0]?.disabled) {
      executor.value = [...executor.options].find(({ disabled }) => !disabled)?.value ?? "";
    }
  };
  kindSelect.onchange = chooseKind;
  form.append(
    field("Kind", kindSelect),
    description,
    own,
    field("Executor", executor),
    h(
      "div",
      { className: "fields" },
      field("Count", number("count", { min: 1, max: 1000, value: 1, required: true })),
      field("Priority", number("priority", { min: -100, max: 100, placeholder: "0" })),
    ),
    h(
      "details",
      {},
      h("summary", {}, "More options"),
      h(
        "div",
        { className: "fields" },
        field("Timeout (ms)", number("timeout", { min: 1, max: 600_000, placeholder: "none" })),
        field("Retries", number("retries", { min: 0, max: 5, placeholder: "0" })),
      ),
    ),
    h("button", { type: "submit", className: "primary" }, "Submit"),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    submit(chosen());
  };
  chooseKind();
}

async function submit(kind) {
  if (!form.reportValidity()) return;
  try {
    const { jobs } = await post("/api/jobs", bodyOf(kind));
    say(jobs.length === 1 ? "Submitted 1 job." : `Submitted ${jobs.length} jobs.`, false);
  } catch (error) {
    say(error.message, true);
    if (error instanceof Refused) form.elements.namedItem(fieldName(error.field))?.focus?.();
  }
}

/** A chosen file goes as a form, everything else as JSON. */
function bodyOf(kind) {
  const values = new FormData(form);
  const file = values.get("file");
  if (file instanceof File && file.name !== "") {
    values.delete("text");
    for (const [name, value] of [...values]) if (value === "") values.delete(name);
    return values;
  }
  const parameters = {};
  for (const [name, { type }] of Object.entries(kind.parameters)) {
    const value = values.get(name);
    if (value !== "") parameters[name] = type === "string" ? value : Number(value);
  }
  const body = { kind: kind.name, executor: values.get("executor"), parameters };
  for (const name of ["count", "timeout", "priority", "retries"]) {
    const value = values.get(name);
    if (value !== "") body[name] = Number(value);
  }
  if (kind.file !== null) body.file = values.get("text");
  return body;
}

function ownFields(kind) {
  const fields = Object.entries(kind.parameters).map(([name, parameter]) => {
    const { title, unit, type } = parameter;
    const input =
      type === "string"
        ? h("input", { name, value: parameter.default, maxLength: parameter.maxLength })
        : number(name, {
            min: parameter.minimum,
            max: parameter.maximum,
            value: parameter.default,
            required: true,
            step: type === "integer" ? 1 : "any",
          });
    return field(unit ? `${title} (${unit})` : title, input);
  });
  if (kind.file === null) return fields;
  const text = h("textarea", { name: "text", rows: 3, value: SAMPLE });
  return [
    field("File", h("input", { type: "file", name: "file" })),
    field("or a text", text),
    ...fields,
  ];
}

function field(label, input) {
  return h("label", {}, h("span", {}, label), input);
}

function number(name, props) {
  return h("input", { type: "number", inputMode: "decimal", name, ...props });
}

function fieldName(field) {
  return String(field ?? "").replace(/^parameters\./, "");
}

function say(text, refused) {
  setText(said, text);
  said.dataset.refused = String(refused);
}
