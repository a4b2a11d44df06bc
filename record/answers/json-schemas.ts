/** @file The schemas of everything that is signed, issued, proved or answered, as JSON Schema for readers in other languages. */

import { z } from "zod";
import { BoardPage, BoardRow } from "../board/board-row.ts";
import {
  ChallengeDocument,
  ChallengeOutcome,
  ComparisonDocument,
  EntryDocument,
  EntryRuns,
  EntrySeries,
  KeyAnswer,
  KeyDocument,
  KeyRequest,
  MeasuresDocument,
  SentencesDocument,
  StatementDocument,
  StatementFile,
} from "./documents.ts";
import { IdsDocument } from "./ids-document.ts";
import { ProblemDocument } from "./problem-document.ts";
import { EntryFile } from "./entry-file.ts";
import { ConsistencyProof, InclusionProof, LogEntry, Receipt } from "../log/log-proof.ts";
import { Protocol } from "../protocols.ts";
import { Run } from "../run.ts";
import { Challenge } from "../statement/challenge.ts";
import { Envelope } from "../statement/envelope.ts";
import { STATEMENTS } from "../statement/statements.ts";

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
  "board-page": BoardPage,
  "board-row": BoardRow,
  entry: EntryDocument,
  "entry-runs": EntryRuns,
  "entry-series": EntrySeries,
  "entry-file": EntryFile,
  "statement-document": StatementDocument,
  "statement-file": StatementFile,
  "challenge-document": ChallengeDocument,
  "challenge-outcome": ChallengeOutcome,
  ids: IdsDocument,
  "key-document": KeyDocument,
  "key-request": KeyRequest,
  "key-answer": KeyAnswer,
  comparison: ComparisonDocument,
  measures: MeasuresDocument,
  sentences: SentencesDocument,
  problem: ProblemDocument,
} satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof SCHEMAS;
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * JSON Schema 2020-12 by name, of what is read: only a closed schema is written as one. Rules between fields, and those
 * that need arithmetic, are not in them. A member with a default, which answers of older servers lack, is written in
 * every answer of this one, and so it is required.
 */
export function jsonSchemas(): Record<SchemaName, JsonSchema> {
  const written = Object.entries<z.ZodType>(SCHEMAS).map(([name, schema]): [string, JsonSchema] => [
    name,
    z.toJSONSchema(schema, { io: "input", override: requireDefaulted }),
  ]);
  return Object.fromEntries(written) as Record<SchemaName, JsonSchema>;
}

/** Members whose default has been removed: a schema that is used in several places is met in each, with the same members. */
const defaulted = new WeakSet<object>();

function requireDefaulted({ jsonSchema }: { jsonSchema: JsonSchema }): void {
  const { properties, required = [] } = jsonSchema;
  if (properties === undefined) return;
  for (const member of Object.values(properties) as JsonSchema[])
    if (Object.hasOwn(member, "default")) {
      defaulted.add(member);
      delete member.default;
    }
  jsonSchema.required = Object.keys(properties).filter(
    (name) => required.includes(name) || defaulted.has(properties[name] as JsonSchema),
  );
}
