/** @file Fetches a statement with everything needed to check it into one file. */

import {
  EntryDocument,
  StatementDocument,
  type StatementFile,
} from "../../record/answers/documents.ts";
import type { EntryFile } from "../../record/answers/entry-file.ts";
import { openEnvelope } from "../../record/statement/envelope.ts";
import type { Reproduction, Result } from "../../record/statement/statements.ts";
import type { Client } from "./client.ts";

export interface StatementDownload {
  /** An entry file for a result or a reproduction, a statement file for everything else. */
  file: EntryFile | StatementFile;
  /** What the server says about a result, none of which is trusted; null for other statements. */
  document: EntryDocument | null;
  /** The entry that a reproduction is about; null for other statements, and where the server gave something else. */
  entry: { id: string; result: Result } | null;
}

/** @param id of a statement of any kind, or of a challenge or an outcome. */
export async function downloadStatement(client: Client, id: string): Promise<StatementDownload> {
  const [given, verifierKey] = await Promise.all([
    client.get(statementPath(id), StatementDocument),
    client.getText("/v1/log/key"),
  ]);
  const { challengeProof, ...held } = given;
  const { kind } = held.proof.entry;
  const common = { version: 1, ...held, consistency: null } as const;
  const trusted = { ...common, verifierKey: verifierKey.trim() };
  if (kind !== "result" && kind !== "reproduction")
    return { file: { rademark: "statement", ...trusted }, document: null, entry: null };
  return {
    file: { rademark: "entry", ...trusted, challengeProof },
    document: kind === "result" ? await client.get(`/v1/entries/${id}`, EntryDocument) : null,
    entry: kind === "reproduction" ? await entryOf(client, given) : null,
  };
}

/** Path of the statement itself, the same for everybody. */
export function statementPath(id: string): string {
  return `/v1/log/statements/${id}`;
}

async function entryOf(client: Client, { envelope }: StatementDocument) {
  const opened = await openEnvelope(envelope);
  if (!opened.ok || opened.kind !== "reproduction") return null;
  const { entry } = opened.statement satisfies Reproduction;
  const given = await client.get(statementPath(entry), StatementDocument);
  const original = await openEnvelope(given.envelope);
  const isIt = original.ok && original.kind === "result" && original.id === entry;
  return isIt ? { id: entry, result: original.statement } : null;
}
