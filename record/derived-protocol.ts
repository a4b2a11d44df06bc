/** @file A protocol of one's own: a published one with some fields changed (`--set subset.perClass=100`). */

import { canonicalJson } from "./canonical-json.ts";
import { DATASETS, type DatasetName } from "./datasets.ts";
import { type Problem, RecordError, nameProblem, nearNames } from "./problem.ts";
import { fieldProblems } from "./protocol-fields.ts";
import { Protocol, protocols } from "./protocols.ts";

type Document = { [key: string]: unknown };

/**
 * A full document with an id of its own, named `BASE+custom`; the base itself when nothing changed.
 *
 * Setting `dataset` also sets its classes, image, digests and normalization.
 *
 * @example deriveProtocol(findProtocol("micro-1"), ["epochs=5"]).name // "micro-1+custom"
 * @param settings `path.to.field=value`, the value as JSON or plain text.
 * @throws RecordError listing every unknown path, with those it may have meant, and every broken rule.
 */
export function deriveProtocol(base: Protocol, settings: readonly string[]): Protocol {
  const allowed = [...new Set(Object.values(protocols).flatMap((each) => paths(each)))].sort();
  const problems: Problem[] = [];
  const document: Document = structuredClone(base);
  const order = settings.toSorted((a, b) => Number(isDataset(b)) - Number(isDataset(a)));
  for (const setting of order) {
    const at = setting.indexOf("=");
    const path = at < 0 ? setting : setting.slice(0, at);
    if (at < 0) problems.push(nameProblem("no-value", setting, `write ${path}=VALUE`));
    else if (!allowed.includes(path)) problems.push(unknownPath(path, allowed));
    else if (isOfLocalData(path, base)) problems.push(nameProblem("local-data", path, OF_THE_DATA));
    else {
      const value = readValue(setting.slice(at + 1));
      const strange = outOfRange(setting.slice(at + 1));
      if (isDescription(path, value))
        problems.push(nameProblem("local-data", path, "data of one's own are named by --data"));
      else if (strange === null) assign(document, path, value);
      else problems.push(nameProblem("out-of-range", path, strange));
    }
  }
  if (problems.length > 0) throw new RecordError(problems);
  const parsed = Protocol.safeParse(document);
  if (!parsed.success) throw new RecordError(fieldProblems(parsed.error, document));
  if (canonicalJson(parsed.data) === canonicalJson(base)) return base;
  return { ...parsed.data, name: `${base.name.replace("+custom", "")}+custom` };
}

/** What somebody's own data decide themselves. */
const isOfLocalData = (path: string, { dataset }: Protocol) =>
  typeof dataset !== "string" && /^(dataset|classes|digests)\b/.test(path);

/** A description of data without the data. */
const isDescription = (path: string, value: unknown) =>
  path === "dataset" && typeof value === "object";

const OF_THE_DATA = "follows from the data that --data names";

const isDataset = (setting: string) => setting.startsWith("dataset=");

function unknownPath(path: string, allowed: readonly string[]): Problem {
  const fields = allowed.filter((each) => !allowed.some((other) => other.startsWith(`${each}.`)));
  const near = nearNames(path, fields);
  const rule = near.length === 0 ? "no such field" : `no such field; near it: ${near.join(", ")}`;
  return nameProblem("unknown-field", path, rule);
}

/** Dotted paths to every field and group of fields, the name excepted. */
function paths(value: object, prefix = ""): string[] {
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) => {
    const path = prefix + key;
    if (path === "name") return [];
    const isGroup = typeof item === "object" && item !== null && !Array.isArray(item);
    return [path, ...(isGroup ? paths(item, `${path}.`) : [])];
  });
}

/** Finds a number that no double holds, which JSON.parse would replace by another one. */
function outOfRange(text: string): string | null {
  for (const [token] of text.replace(/"[^"]*"/g, "").matchAll(NUMBER)) {
    const value = Number(token);
    if (!Number.isFinite(value)) return `${token} is too large for a number (at most 1.8e308)`;
    if (value === 0 && /[1-9]/.test(token.replace(/e.*$/i, "")))
      return `${token} is too small for a number (at least 5e-324); write 0 for none`;
    if (
      Number.isInteger(value) &&
      Math.abs(value) > Number.MAX_SAFE_INTEGER &&
      /^-?\d+$/.test(token)
    )
      return `${token} is too large for a whole number (at most 2^53 - 1)`;
  }
  return null;
}

const NUMBER = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function assign(document: Document, path: string, value: unknown): void {
  if (path === "dataset" && Object.hasOwn(DATASETS, String(value))) {
    const { classes, image, digests, normalize } = DATASETS[value as DatasetName];
    Object.assign(document, structuredClone({ classes, image, digests, normalize }));
  }
  const keys = path.split(".");
  const last = keys.pop()!;
  let place = document;
  for (const key of keys) {
    if (typeof place[key] !== "object") place[key] = null;
    place = (place[key] ??= {}) as Document; // a null group, such as subset, begins here
  }
  place[last] = value;
}
