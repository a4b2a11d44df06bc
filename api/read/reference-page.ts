/** @file GET /docs: the API's description as a page for people, by subject, each operation and document folded up. */

import { html, raw } from "hono/html";
import type { Answer, JsonSchema, OpenApiDocument, Operation, Parameter } from "./openapi.ts";
import { type Markup, htmlAnswer } from "./html-page.ts";
import type { ReadAnswer } from "./read-route.ts";

/** An operation, and where it is found. */
interface Located {
  method: string;
  path: string;
  operation: Operation;
}

/** A folded part opens when a link leads into it, without a script. */
export function referencePage({ info, paths, components }: OpenApiDocument): Promise<ReadAnswer> {
  const located = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const tags = [...new Set(located.flatMap(({ operation }) => operation.tags))];
  const schemas = Object.entries(components.schemas).sort(([a], [b]) => a.localeCompare(b, "en"));
  const body = html`<h1>API</h1>
    <p>${info.description}</p>
    <p>For programs: <a href="/openapi.json">openapi.json</a>, OpenAPI 3.1.</p>
    <div class="reference">
      <nav class="contents" aria-label="Contents">
        <ul>
          ${[...tags, "documents"].map((tag) => html`<li><a href="#${tag}">${tag}</a></li>`)}
        </ul>
      </nav>
      <div>
        ${tags.map((tag) => section(tag, located))}
        <section>
          <h2 id="documents">documents</h2>
          ${schemas.map(([name, schema]) => schemaDetails(name, schema))}
        </section>
      </div>
    </div>`;
  return htmlAnswer(
    { title: "API", description: "Every address of the API, and what it answers." },
    body,
  );
}

function section(tag: string, located: readonly Located[]): Markup {
  const own = located.filter(({ operation }) => operation.tags.includes(tag));
  return html`<section>
    <h2 id="${tag}">${tag}</h2>
    ${own.map(operationDetails)}
  </section>`;
}

function operationDetails({ method, path, operation }: Located): Markup {
  const { summary, parameters, requestBody, responses } = operation;
  const name = `${method.toUpperCase()} ${path}`;
  const id = `${method}${path}`.replaceAll(/[^A-Za-z0-9]+/g, "-"); // operation ids are not unique
  return html`<details>
    <summary>
      <h3><span class="method">${method.toUpperCase()}</span><code>${cutAtSlashes(path)}</code></h3>
      <span class="faint">${prose(summary)}</span>
    </summary>
    <div id="${id}">
      ${parameterTable(parameters, name)}
      ${Object.entries(requestBody?.content ?? {}).map(
        ([type, { schema }]) =>
          html`<p>Body: ${typeWords(schema)} <span class="faint">${type}</span></p>`,
      )}
      ${answerTable(responses, name)}
    </div>
  </details>`;
}

/** A long address goes on in the next line after a slash, not amid a word. */
function cutAtSlashes(path: string): Markup {
  return html`${path.split(/(?<=\/)/).map((part, i) => html`${i > 0 && raw("<wbr>")}${part}`)}`;
}

function parameterTable(parameters: readonly Parameter[], owner: string): Markup | null {
  if (parameters.length === 0) return null;
  const rows = parameters.map(
    ({ name, in: part, required, schema }) =>
      html`<tr>
        <th scope="row"><code>${name}</code></th>
        <td>${part}${required ? ", required" : ""}</td>
        <td>${typeWords(schema)}</td>
      </tr>`,
  );
  return table("Parameters", owner, ["Name", "Part of", "Value"], rows);
}

function answerTable(answers: Readonly<Record<string, Answer>>, owner: string): Markup {
  const rows = Object.entries(answers).map(([status, { description, content = {} }]) => {
    const bodies = Object.entries(content).map(
      ([type, { schema }]) =>
        html`<div>${typeWords(schema)} <span class="faint">${type}</span></div>`,
    );
    return html`<tr>
      <th scope="row">${status}</th>
      <td>${prose(description)}</td>
      <td>${bodies}</td>
    </tr>`;
  });
  return table("Answers", owner, ["Status", "Meaning", "Body"], rows);
}

/** @param owner the operation that it belongs to, by which a listener tells tables apart. */
function table(
  caption: string,
  owner: string,
  heads: readonly string[],
  rows: readonly Markup[],
): Markup {
  return html`<div class="scroll" role="region" aria-label="${caption} of ${owner}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads.map((each) => html`<th scope="col">${each}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function schemaDetails(name: string, schema: JsonSchema): Markup {
  return html`<details>
    <summary><h3>${name}</h3></summary>
    <div id="schema-${name}">${typeWords(schema)}</div>
  </details>`;
}

/** What a JSON Schema says about a value, in a reader's words; it knows the keywords that these schemas use. */
function typeWords(schema: JsonSchema): Markup | string {
  const { $ref, properties, enum: values, type } = schema;
  const variants = (schema["anyOf"] ?? schema["oneOf"]) as JsonSchema[] | undefined;
  if (typeof $ref === "string") return schemaLink($ref.split("/").at(-1)!);
  if (variants)
    return html`${variants.map((each, i) => html`${i > 0 && " or "}${typeWords(each)}`)}`;
  if ("const" in schema) return html`<code>${JSON.stringify(schema["const"])}</code>`;
  if (Array.isArray(values))
    return html`<code>${values.map(String).join(" | ")}</code>${given(schema)}`;
  if (properties) return members(properties as Record<string, JsonSchema>, schema["required"]);
  if (type === "array") return html`list of ${itemWords(schema)}${given(schema)}`;
  if (Array.isArray(type)) return type.join(" or ");
  if (typeof type !== "string") return "anything";
  return html`${type}${given(schema)}`;
}

function itemWords({ items, prefixItems }: JsonSchema): Markup | string {
  if (!Array.isArray(prefixItems)) return typeWords(items as JsonSchema);
  return html`${prefixItems.map((each: JsonSchema, i) => html`${i > 0 && ", "}${typeWords(each)}`)}`;
}

function schemaLink(name: string): Markup {
  return html`<a href="#schema-${name}">${name}</a>`;
}

function members(properties: Readonly<Record<string, JsonSchema>>, required: unknown): Markup {
  const always = new Set(Array.isArray(required) ? required : []);
  return html`<ul class="members">
    ${Object.entries(properties).map(
      ([name, schema]) =>
        html`<li>
          <code>${name}</code>${always.has(name) ? "" : ", if there"}: ${typeWords(schema)}
        </li>`,
    )}
  </ul>`;
}

const WHOLE = Number.MAX_SAFE_INTEGER;

/** Limits, form and default of a value. */
function given(schema: JsonSchema): Markup {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, format, pattern } = schema;
  const bounds = [
    ...[range(minimum, maximum), range(minLength, maxLength, " characters")],
    range(minItems, maxItems, " items"),
    typeof schema["exclusiveMinimum"] === "number" ? `above ${schema["exclusiveMinimum"]}` : "",
  ].filter((each) => each !== "");
  const form =
    typeof format === "string"
      ? `, a ${format}`
      : typeof pattern === "string" && html`, as <code>${pattern}</code>`;
  const otherwise =
    "default" in schema
      ? html`; <code>${JSON.stringify(schema["default"])}</code> unless given`
      : null;
  return html`${bounds.map((each) => `, ${each}`)}${form}${otherwise}`;
}

function range(least: unknown, most: unknown, unit = ""): string {
  const low = typeof least === "number" && least > -WHOLE ? least : null;
  const high = typeof most === "number" && most < WHOLE ? most : null;
  if (low !== null && high !== null)
    return low === high ? `${low}${unit}` : `${low} to ${high}${unit}`;
  if (low !== null) return `at least ${low}${unit}`;
  return high === null ? "" : `at most ${high}${unit}`;
}

/** Text with `code` in it. */
function prose(text: string): Markup {
  const parts = text.split("`");
  return html`${parts.map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
