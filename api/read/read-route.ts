/** @file A GET route as one definition, by which it is mounted, its parameters checked, its answers cached and described. */

import { type ZodObject, type ZodType, z } from "zod";
import type { Reader } from "../../db/db.ts";
import type { Deployment } from "../deployment.ts";
import { Refusal, errorAt } from "../problem-answer.ts";
import { type Protocol, protocolId, protocols } from "../../record/protocols.ts";
import { Digest } from "../../record/run.ts";
import { digits } from "../../record/strict-json.ts";
import { schemaProblems } from "../../record/problem.ts";

/**
 * What an answer depends on. Fixed: the server's version alone. Changing: the log, boards and names. Never: computed for
 * each request, and not kept.
 */
type Follows = "fixed" | "changing" | "never";

export interface ReadAnswer {
  type: string;
  body: string | Uint8Array | ReadableStream<Uint8Array>;
  headers?: Record<string, string>;
}

interface ReadRequest<Params, Query> {
  params: Params;
  query: Query;
  deployment: Deployment;
  /**
   * Opened when first called, closed after the answer, or after the last byte of a stream. For a route that is
   * `atOneMoment` it is a transaction that sees one moment.
   */
  db: () => Promise<Reader>;
}

export interface ReadRoute {
  /** As OpenAPI writes it, such as `/v1/export/{protocol}.csv`. */
  path: string;
  /** Name of the parameter that may contain slashes, if one may. */
  greedy?: string;
  tag: string;
  summary: string;
  /** A closed schema of the path's parameters. What it refuses is answered with 404. */
  params: ZodObject;
  /** A closed schema of the query. What it refuses is answered with 400. */
  query: ZodObject;
  /** By media type; null for what is not JSON. */
  answers: Readonly<Record<string, ZodType | null>>;
  follows: Follows;
  /** Seconds for which caches may keep an answer. */
  maxAge: number;
  /** Seconds for which this server keeps it, whatever changes; 0 for all answers that can change. */
  keptSeconds: number;
  /**
   * Must its queries see one moment? True for every route with more than one query, unless all after the first are for
   * leaves and nodes of the log below a known size, which never change. Never for a stream, as a transaction must not
   * last as long as a client reads.
   */
  atOneMoment: boolean;
  /** May it be answered as it was while the database is away? Not what may have been withheld since. */
  mayBeStale: boolean;
  respond(request: ReadRequest<never, never>): Promise<ReadAnswer>;
}

type Definition<Params extends ZodObject, Query extends ZodObject> = Pick<
  ReadRoute,
  "path" | "tag" | "summary" | "answers"
> &
  Partial<
    Pick<ReadRoute, "greedy" | "follows" | "maxAge" | "keptSeconds" | "atOneMoment" | "mayBeStale">
  > & {
    params?: Params;
    query?: Query;
    respond(request: ReadRequest<z.infer<Params>, z.infer<Query>>): Promise<ReadAnswer>;
  };

const NOTHING = z.strictObject({});
const MAX_AGE: Readonly<Record<Follows, number>> = { fixed: 3600, changing: 2, never: 0 };

/**
 * Defines a route; the types of its parameters come from their schemas.
 *
 * @example
 * readRoute({ path: "/v1/receipts/{id}", tag: "log", summary: "The receipt of any accepted statement",
 *   params: IdParams, answers: { "application/json": Receipt },
 *   respond: async ({ params, db }) => jsonAnswer(found(await findReceipt(await db(), params.id), "statement")) });
 */
export function readRoute<
  Params extends ZodObject = typeof NOTHING,
  Query extends ZodObject = typeof NOTHING,
>(definition: Definition<Params, Query>): ReadRoute {
  const follows = definition.follows ?? "changing";
  const rest = {
    params: NOTHING,
    query: NOTHING,
    maxAge: MAX_AGE[follows],
    keptSeconds: 0,
    atOneMoment: false,
    mayBeStale: true,
  };
  return { ...rest, ...definition, follows };
}

export const JSON_TYPE = "application/json";

export function jsonAnswer(value: unknown): ReadAnswer {
  return { type: JSON_TYPE, body: JSON.stringify(value) };
}

/** @throws Refusal `not-found`. @param what such as `entry`. */
export function found<T>(value: T | null, what: string): T {
  if (value === null) throw new Refusal("not-found", `There is no such ${what} here.`);
  return value;
}

/** The refusal of bytes that show source of custom code, while the statement or the entry that it is about is quarantined. */
export function withheld(id: string): Refusal {
  return new Refusal("withheld", `${id} is quarantined, or reproduces what is.`);
}

/** A protocol with its id, hashed once instead of for every request. */
interface PublishedProtocol {
  id: string;
  document: Protocol;
}

export const publishedProtocols: readonly PublishedProtocol[] = Object.values(protocols).map(
  (document) => ({ id: protocolId(document), document }),
);

const byName = new Map(
  publishedProtocols.flatMap((each) => [
    [each.id, each] as const,
    [each.document.name, each] as const,
  ]),
);

/** @throws Refusal `not-found`. */
export function knownProtocol(nameOrId: string): PublishedProtocol {
  const found = byName.get(nameOrId);
  if (found) return found;
  const names = publishedProtocols.map(({ document }) => document.name).join(", ");
  throw new Refusal("not-found", `This server has no board of that protocol (${names}).`);
}

/** Parameters that several read routes take. */
export const IdParams = z.strictObject({ id: Digest });

/** Alias or id. */
export const ProtocolParams = z.strictObject({ protocol: z.string().min(1).max(80) });

/** Canonical names are printable ASCII. */
export const ConfigurationText = z
  .string()
  .regex(/^[ -~]+$/)
  .max(2000);

/** A number of leaves in a log; digits alone, as in a checkpoint. */
export const LeafCount = digits(0, Number.MAX_SAFE_INTEGER);

export function pageLimit(most: number) {
  return digits(1, most).default(Math.min(50, most));
}

/** @throws Refusal `not-found`, as no address has such a part. */
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
      repeated.map((name) => errorAt(given, [name], "given once")),
    );
  const parsed = schema.safeParse({ ...given });
  if (parsed.success) return parsed.data;
  throw invalidQuery("A parameter has a value, or a name, that is not known here.", [
    ...schemaProblems(parsed.error, given),
  ]);
}

/** The refusal of one parameter's value. */
export function refuseParameter(name: string, rule: string, value: string | undefined): Refusal {
  return invalidQuery(`${name}: ${rule}.`, [errorAt({ [name]: value }, [name], rule)]);
}

function invalidQuery(detail: string, errors: Refusal["errors"]): Refusal {
  return new Refusal("invalid-query", detail, errors);
}
