/** @file Schemas that the OpenAPI document names once and refers to everywhere. */

import { z, type ZodType } from "zod";
import { BoardPage } from "../../record/board/board-page.ts";
import { BoardRow, Rank, Signer } from "../../record/board/board-row.ts";
import { Note } from "../../record/board/note.ts";
import { Standing } from "../../record/board/standing.ts";
import { Comparison } from "../../record/comparison.ts";
import { ChallengeDocument, ChallengeOutcome } from "../../record/documents/challenge-document.ts";
import { ChallengeList } from "../../record/documents/challenge-list.ts";
import { Difference } from "../../record/conditions.ts";
import { ComparisonDocument } from "../../record/documents/comparison-document.ts";
import {
  EntryDocument,
  EntryEvent,
  EntryRuns,
  ReproductionDocument,
} from "../../record/documents/entry-document.ts";
import { HealthDocument } from "../../record/documents/health-document.ts";
import { IdsDocument } from "../../record/documents/ids-document.ts";
import { KeyAnswer, KeyDocument, KeyRequest } from "../../record/documents/key-document.ts";
import { LogLeaf, LogPage } from "../../record/documents/log-document.ts";
import { MeasuresDocument } from "../../record/documents/measures-document.ts";
import { ProblemDocument } from "../../record/documents/problem-document.ts";
import { ProtocolDocument, ProtocolList } from "../../record/documents/protocol-document.ts";
import { LogEntry, Receipt } from "../../record/log/log-entry.ts";
import { ConsistencyProof, InclusionProof } from "../../record/log/log-proof.ts";
import { RunMetrics } from "../../record/metrics-schema.ts";
import { ProtocolFields } from "../../record/protocol-fields.ts";
import { Run } from "../../record/run.ts";
import { Challenge } from "../../record/statement/challenge.ts";
import { Commitment } from "../../record/statement/commitment.ts";
import { Envelope } from "../../record/statement/envelope.ts";
import { Engine, Machine } from "../../record/statement/measurement.ts";
import { Interval } from "../../record/statistics.ts";
import { Summary } from "../../record/summary-schema.ts";

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
