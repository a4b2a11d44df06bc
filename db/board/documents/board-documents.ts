/** @file What is computed over all of a board and stands beside it: computed when the board changed, not when somebody looks. */

import { and, eq, lt } from "drizzle-orm";
import { type Protocol, protocolId, protocols } from "../../../record/protocols.ts";
import type { DocumentKind } from "../../board-tables.ts";
import type { Db, Reader } from "../../db.ts";
import { boardDocuments, boards } from "../../schema.ts";
import { type Computing, computeHere } from "../computing.ts";
import { boardMeasures } from "./board-measures.ts";
import { boardSentences } from "./board-sentences.ts";

export interface OpenProtocol {
  id: string;
  document: Protocol;
}

type Compute = (db: Reader, protocol: OpenProtocol, computing: Computing) => Promise<object>;

const COMPUTE: Readonly<Record<DocumentKind, Compute>> = {
  sentences: boardSentences,
  measures: boardMeasures,
};

/** Brings one document of every board up to it. @param computing in another thread where there is one. */
export async function refreshDocuments(
  db: Db,
  kind: DocumentKind,
  computing: Computing = computeHere,
): Promise<void> {
  const boardVersions = await db
    .select({ protocol: boards.protocol, version: boards.version })
    .from(boards);
  const current = new Map(boardVersions.map(({ protocol, version }) => [protocol, version]));
  const own = await db
    .select({ protocol: boardDocuments.protocol, version: boardDocuments.version })
    .from(boardDocuments)
    .where(eq(boardDocuments.kind, kind));
  const stored = new Map(own.map(({ protocol, version }) => [protocol, version]));
  for (const document of Object.values(protocols)) {
    const protocol = protocolId(document);
    const version = current.get(protocol);
    if (version === undefined || stored.get(protocol) === version) continue;
    const computed = await COMPUTE[kind](db, { id: protocol, document }, computing);
    const row = { version, document: JSON.stringify(computed) };
    await db
      .insert(boardDocuments)
      .values({ protocol, kind, ...row })
      .onConflictDoUpdate({
        target: [boardDocuments.protocol, boardDocuments.kind],
        set: row,
        setWhere: lt(boardDocuments.version, version), // another server may have been faster
      });
  }
}

/** As JSON. Of a board that was never refreshed, or is being rebuilt, it is computed here. */
export async function boardDocument(
  db: Reader,
  kind: DocumentKind,
  protocol: OpenProtocol,
): Promise<string> {
  const [stored] = await db
    .select({ document: boardDocuments.document })
    .from(boardDocuments)
    .where(and(eq(boardDocuments.protocol, protocol.id), eq(boardDocuments.kind, kind)));
  return stored?.document ?? JSON.stringify(await COMPUTE[kind](db, protocol, computeHere));
}
