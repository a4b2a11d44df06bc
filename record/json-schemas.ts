/** @file The schemas of everything that is signed, issued or proved, as JSON Schema for readers in other languages. */

import { z } from "zod";
import { LogEntry, Receipt } from "./log/log-entry.ts";
import { ConsistencyProof, InclusionProof } from "./log/log-proof.ts";
import { Protocol } from "./protocol.ts";
import { Run } from "./run.ts";
import { Challenge } from "./statement/challenge.ts";
import { Envelope } from "./statement/envelope.ts";
import { STATEMENTS } from "./statement/statements.ts";

const SCHEMAS = {
  protocol: Protocol,
  run: Run,
  ...STATEMENTS,
  envelope: Envelope,
  challenge: Challenge,
  "log-entry": LogEntry,
  receipt: Receipt,
  "inclusion-proof": InclusionProof,
  "consistency-proof": ConsistencyProof,
} satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof SCHEMAS;
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** JSON Schema 2020-12 by name. Rules between fields, and those that need arithmetic, are not in them. */
export function jsonSchemas(): Record<SchemaName, JsonSchema> {
  const written = Object.entries<z.ZodType>(SCHEMAS).map(([name, schema]): [string, JsonSchema] => [
    name,
    z.toJSONSchema(schema),
  ]);
  return Object.fromEntries(written) as Record<SchemaName, JsonSchema>;
}
