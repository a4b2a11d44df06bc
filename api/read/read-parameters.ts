/** @file Parameters of a request: each given once, each what its schema allows. */

import type { z, ZodObject } from "zod";
import { problemAt, schemaFaults } from "../../record/problem.ts";
import { Refusal } from "../problem.ts";

/** @throws Refusal `not-found`: no address has such a part. */
export function readParams<Schema extends ZodObject>(
  schema: Schema,
  given: Readonly<Record<string, string>>,
): z.infer<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new Refusal("not-found", "Nothing is at this address.");
}

/** @throws Refusal `invalid-query`, with a pointer to every bad parameter. */
export function readQuery<Schema extends ZodObject>(
  schema: Schema,
  search: URLSearchParams,
): z.infer<Schema> {
  const names = [...new Set(search.keys())];
  const repeated = names.filter((name) => search.getAll(name).length > 1);
  const given: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of search) given[name] = value;
  if (repeated.length > 0)
    throw invalidQuery(
      "A parameter is given more than once.",
      repeated.map((name) => problemAt(given, [name], "given once")),
    );
  const parsed = schema.safeParse({ ...given });
  if (parsed.success) return parsed.data;
  throw invalidQuery("A parameter has a value, or a name, that is not known here.", [
    ...schemaFaults(parsed.error, given),
  ]);
}

/** Of one parameter. */
export function refuseParameter(name: string, rule: string, value: string | undefined): Refusal {
  return invalidQuery(`${name}: ${rule}.`, [problemAt({ [name]: value }, [name], rule)]);
}

function invalidQuery(detail: string, errors: Refusal["errors"]): Refusal {
  return new Refusal("invalid-query", detail, errors);
}
