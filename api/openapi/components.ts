/** @file Schemas that the OpenAPI document names once and refers to everywhere. */

import { type ZodType, z } from "zod";
import { BoardPage, BoardRow, Note, Rank, Signer } from "../../record/board/board-row.ts";
import { Standing } from "../../record/board/standing.ts";
import { Comparison } from "../../record/comparison.ts";
import {
  ChallengeDocument,
  ChallengeList,
  ChallengeOutcome,
  ComparisonDocument,
  EntryDocument,
  EntryEvent,
  EntryRuns,
  HealthDocument,
  KeyAnswer,
  KeyDocument,
  KeyRequest,
  LogLeaf,
  LogPage,
  MeasuresDocument,
  ProtocolDocument,
  ProtocolList,
  ReproductionDocument,
} from "../../record/documents/entry-document.ts";
import { Difference } from "../../record/conditions.ts";
import { IdsDocument } from "../../record/documents/ids-document.ts";
import { ProblemDocument } from "../../record/documents/problem-document.ts";
import { ConsistencyProof, InclusionProof, LogEntry, Receipt } from "../../record/log/log-proof.ts";
import { RunMetrics } from "../../record/metrics-schema.ts";
import { ProtocolFields } from "../../record/protocols.ts";
import { Run } from "../../record/run.ts";
import { Challenge } from "../../record/statement/challenge.ts";
import { Commitment, Engine, Machine } from "../../record/statement/statements.ts";
import { Envelope } from "../../record/statement/envelope.ts";
import { Interval } from "../../record/interval.ts";
import { Summary } from "../../record/summary.ts";

export type JsonSchema = Record<string, unknown>;

const NAMED: Readonly<Record<string, ZodType>> = {
  ...{ BoardPage, BoardRow, Rank, Signer, Note, Standing, Interval, Summary, Engine, Machine },
  ...{ EntryDocument, EntryEvent, EntryRuns, ReproductionDocument, Run, RunMetrics },
  ...{ ComparisonDocument, Comparison, Difference, MeasuresDocument, Protocol: ProtocolFields },
  ...{ ProtocolDocument, ProtocolList, ChallengeDocument, ChallengeList, ChallengeOutcome },
  ...{ Challenge, Commitment, Envelope, KeyRequest, KeyDocument, KeyAnswer, HealthDocument },
  ...{
    Receipt,
    LogEntry,
    LogLeaf,
    LogPage,
    InclusionProof,
    ConsistencyProof,
    ProblemDocument,
    IdsDocument,
  },
};

const nameOf = new Map(Object.entries(NAMED).map(([name, schema]) => [schema, name]));
const place = (name: string) => `#/components/schemas/${name}`;

/** JSON Schema 2020-12, as OpenAPI 3.1 has it; they refer to each other. */
export function componentSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: place });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, bare(schema as JsonSchema)]),
  );
}

/** A reference where the schema has a name. */
export function schemaFor(schema: ZodType): JsonSchema {
  const name = nameOf.get(schema);
  return name === undefined ? bare(z.toJSONSchema(schema)) : { $ref: place(name) };
}

function bare({ $schema: _, $id: __, id: ___, ...schema }: JsonSchema): JsonSchema {
  return schema;
}
