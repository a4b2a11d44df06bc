/** @file The fields of a protocol: what each holds, and what it may hold, in words from the one schema. */

import { z } from "zod";
import { DATASET_NAMES } from "./datasets.ts";
import { type Path, type Problem, problemAt, schemaProblems, valueAt } from "./problem.ts";
import { type Protocol, ProtocolFields } from "./protocols.ts";

export interface ProtocolField {
  /** Dotted, as `--set` takes it. */
  path: string;
  value: unknown;
  /** Such as `a whole number from 1 to 64`. */
  allowed: string;
}

/** Every field of a protocol but its name, in the document's order; groups are represented by their members. */
export function protocolFields(protocol: Protocol): ProtocolField[] {
  const { name: _, ...fields } = protocol;
  return leaves(fields).map(([path, value]) => ({
    path: path.join("."),
    value,
    allowed: allowedAt(path, protocol) ?? "",
  }));
}

/** The problems of a document that the schema of protocols refuses; their rules say what is allowed at the place. */
export function fieldProblems(error: z.ZodError, document: unknown): Problem[] {
  const plain = schemaProblems(error, document);
  return plain.map((problem) => {
    const isOwnWords = problem.code === "custom" || problem.code === "unrecognized_keys";
    const path = problem.pointer.slice(1).split("/");
    const allowed = isOwnWords ? null : allowedAt(path, document);
    return allowed === null ? problem : problemAt(document, path, problem.code, allowed);
  });
}

function leaves(value: object, above: readonly string[] = []): [string[], unknown][] {
  return Object.entries(value).flatMap(([key, item]: [string, unknown]): [string[], unknown][] => {
    const path = [...above, key];
    const isGroup = typeof item === "object" && item !== null && !Array.isArray(item);
    return isGroup ? leaves(item, path) : [[path, item]];
  });
}

/** As much of a JSON schema as protocols use. */
interface Schema {
  type?: "string" | "integer" | "number" | "boolean" | "null" | "array" | "object";
  const?: string | number;
  enum?: string[];
  pattern?: string;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  items?: Schema | false;
  prefixItems?: Schema[];
  minItems?: number;
  maxItems?: number;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** Data of one's own are described by what they are, not by a setting. */
const settable = ProtocolFields.extend({ dataset: z.enum(DATASET_NAMES) });
const schema = z.toJSONSchema(settable) as Schema;

/** Null where the schema has no such place. */
function allowedAt(path: Path, document: unknown): string | null {
  let places = [schema];
  for (const [i, key] of path.entries())
    places = alternatives(places, valueAt(document, path.slice(0, i))).flatMap(
      (place) => memberOf(place, String(key)) ?? [],
    );
  const words = places.map(inWords);
  return words.length === 0 ? null : [...new Set(words)].join(" or ");
}

/** The branches of unions; where the document has chosen one by its `kind`, that one alone gives the other members. */
function alternatives(places: Schema[], value: unknown): Schema[] {
  const branches = places.flatMap((place) => place.oneOf ?? place.anyOf ?? [place]);
  const kind = valueAt(value, ["kind"]);
  const chosen = branches.filter(({ properties }) => properties?.kind?.const === kind);
  if (kind === undefined || chosen.length === 0) return branches;
  const others = branches.flatMap(({ properties }): Schema[] =>
    properties?.kind ? [{ properties: { kind: properties.kind } }] : [],
  );
  return [...chosen, ...others];
}

function memberOf({ properties, items, prefixItems }: Schema, key: string): Schema | null {
  if (properties) return properties[key] ?? null;
  return prefixItems?.[Number(key)] ?? (items || null);
}

function inWords(place: Schema): string {
  const branches = place.oneOf ?? place.anyOf;
  if (branches) return branches.map(inWords).join(" or ");
  if (place.const !== undefined) return String(place.const);
  if (place.enum) return listed(place.enum);
  switch (place.type) {
    case "integer":
      return `a whole number ${range(place)}`;
    case "number":
      return `a number ${range(place)}`.trim();
    case "boolean":
      return "true or false";
    case "string":
      return place.pattern === undefined ? "text" : `text of the form ${place.pattern}`;
    case "array":
      return listInWords(place);
    case "object": {
      const members = Object.entries(place.properties ?? {});
      return `{${members.map(([key, member]) => `${key}: ${inWords(member)}`).join(", ")}}`;
    }
    case "null":
    case undefined:
    default:
      return "null";
  }
}

function range({ minimum, exclusiveMinimum, maximum }: Schema): string {
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (minimum !== undefined && most !== undefined) return `from ${minimum} to ${most}`;
  const least = exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`];
  if (minimum !== undefined) least.push(`from ${minimum}`);
  return [...least, ...(most === undefined ? [] : [`at most ${most}`])].join(" and ");
}

function listInWords({ items, prefixItems, minItems, maxItems }: Schema): string {
  if (prefixItems) return `[${prefixItems.map(inWords).join(", ")}]`;
  const counts = maxItems === undefined ? "" : ` of ${minItems ?? 0} to ${maxItems}`;
  return `a list${counts}, each ${inWords(items || {})}`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)!}`;
}
