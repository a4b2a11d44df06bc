/** @file A GET route as one definition: what mounts it, checks its parameters, caches it and describes it. */

import { z, type ZodObject, type ZodType } from "zod";
import type { Reader } from "../../db/db.ts";
import type { Home } from "../home.ts";

/**
 * What an answer follows. Fixed: the server's version alone. Changing: the log, boards and names. Never: always
 * computed, and not kept.
 */
export type Follows = "fixed" | "changing" | "never";

export interface ReadAnswer {
  type: string;
  body: string | Uint8Array | ReadableStream<Uint8Array>;
  headers?: Record<string, string>;
}

export interface ReadRequest<Params, Query> {
  params: Params;
  query: Query;
  home: Home;
  /**
   * Opened when first asked for, closed behind the answer, or behind its last byte. A transaction that sees one moment
   * where the route is `atOneMoment`.
   */
  db: () => Promise<Reader>;
}

export interface ReadRoute {
  /** As OpenAPI writes it, such as `/v1/export/{protocol}.csv`. */
  path: string;
  /** Of the parameter that may hold slashes; none unless given. */
  greedy?: string;
  tag: string;
  summary: string;
  /** Closed; the texts of parameters. What they refuse is not found. */
  params: ZodObject;
  /** Closed. What it refuses is an invalid query. */
  query: ZodObject;
  /** By media type; null for what is no JSON. */
  answers: Readonly<Record<string, ZodType | null>>;
  follows: Follows;
  /** Seconds that others may keep an answer. */
  maxAge: number;
  /** Seconds that this server keeps it, whatever changes; 0 unless it never does. */
  keptSeconds: number;
  /**
   * Must its queries see one moment? Of every route that asks more than one, but where all behind the first are for
   * leaves and nodes of the log below a size that is known: those never change. Never of a stream, as no transaction
   * outlives a client's reading.
   */
  atOneMoment: boolean;
  respond(request: ReadRequest<never, never>): Promise<ReadAnswer>;
}

type Definition<Params extends ZodObject, Query extends ZodObject> = Pick<
  ReadRoute,
  "path" | "tag" | "summary" | "answers"
> &
  Partial<Pick<ReadRoute, "greedy" | "follows" | "maxAge" | "keptSeconds" | "atOneMoment">> & {
    params?: Params;
    query?: Query;
    respond(request: ReadRequest<z.infer<Params>, z.infer<Query>>): Promise<ReadAnswer>;
  };

const NOTHING = z.strictObject({});
const MAX_AGE: Readonly<Record<Follows, number>> = { fixed: 3600, changing: 2, never: 0 };

/** Types of parameters come from their schemas. */
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
  };
  return { ...rest, ...definition, follows };
}

export const JSON_TYPE = "application/json";

export function jsonAnswer(value: unknown): ReadAnswer {
  return { type: JSON_TYPE, body: JSON.stringify(value) };
}
