/** @file The API's description as a page that people read. */

import type { OpenApiDocument } from "./openapi.ts";
import type { Answer, Operation, Parameter } from "./openapi/operations.ts";
import { htmlPage } from "./read/html-page.ts";
import { escapeMarkup } from "./read/markup.ts";

interface Place {
  method: string;
  path: string;
  operation: Operation;
}

export function docsPage({ info, paths, components }: OpenApiDocument): string {
  const places = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const tags = [...new Set(places.flatMap(({ operation }) => operation.tags))];
  const contents = [...tags, "documents"].map((tag) => `<li><a href="#${tag}">${tag}</a></li>`);
  return htmlPage(
    "API",
    `<h1>API</h1><p>${escapeMarkup(info.description)}</p>` +
      `<p>For programs: <a href="/openapi.json">openapi.json</a>.</p>` +
      `<nav aria-label="Contents"><ul>${contents.join("")}</ul></nav>` +
      tags.map((tag) => section(tag, places)).join("") +
      `<h2 id="documents">documents</h2>` +
      Object.entries(components.schemas).map(schemaDetails).join(""),
  );
}

function section(tag: string, places: readonly Place[]): string {
  const own = places.filter(({ operation }) => operation.tags.includes(tag));
  return `<h2 id="${tag}">${tag}</h2>${own.map(operationSection).join("")}`;
}

function operationSection({ method, path, operation }: Place): string {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const body = Object.entries(requestBody?.content ?? {})
    .map(
      ([type, { schema }]) => `<p>Body: ${typeName(schema)} <span class="quiet">${type}</span></p>`,
    )
    .join("");
  return (
    `<section class="operation" aria-labelledby="${operationId}">` +
    `<h3 id="${operationId}"><code>${method.toUpperCase()} ${escapeMarkup(path)}</code></h3>` +
    `<p>${prose(summary)}</p>${parameterTable(parameters)}${body}${answerTable(responses)}</section>`
  );
}

function parameterTable(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return "";
  const rows = parameters.map(
    ({ name, in: place, required, schema }) =>
      `<tr><th scope="row"><code>${name}</code></th><td>${place}${required ? ", required" : ""}</td>` +
      `<td><code>${escapeMarkup(JSON.stringify(schema))}</code></td></tr>`,
  );
  return table("Parameters", ["Name", "Place", "Schema"], rows);
}

function answerTable(answers: Readonly<Record<string, Answer>>): string {
  const rows = Object.entries(answers).map(([status, { description, content = {} }]) => {
    const bodies = Object.entries(content).map(
      ([type, { schema }]) =>
        `${typeName(schema)} <span class="quiet">${escapeMarkup(type)}</span>`,
    );
    return `<tr><th scope="row">${status}</th><td>${prose(description)}</td><td>${bodies.join("<br>")}</td></tr>`;
  });
  return table("Answers", ["Status", "Meaning", "Body"], rows);
}

function table(caption: string, heads: readonly string[], rows: readonly string[]): string {
  const head = heads.map((each) => `<th scope="col">${each}</th>`).join("");
  return (
    `<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>` +
    `<thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`
  );
}

function schemaDetails([name, schema]: [string, unknown]): string {
  const text = escapeMarkup(JSON.stringify(schema, null, 2));
  return `<details id="schema-${name}"><summary>${name}</summary><pre tabindex="0">${text}</pre></details>`;
}

/** A link where the schema has a name. */
function typeName(schema: Readonly<Record<string, unknown>>): string {
  const reference = schema["$ref"];
  if (typeof reference !== "string") return "";
  const name = reference.split("/").at(-1)!;
  return `<a href="#schema-${name}">${name}</a>`;
}

/** Text with `code` in it. */
function prose(text: string): string {
  return escapeMarkup(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}
