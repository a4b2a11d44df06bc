/** @file One entry with what was said of it, however much that is. */

import type { EntryDocument, EntryRuns } from "../../record/documents/entry-document.ts";
import { runMetrics } from "../../record/metrics.ts";
import { findProtocol } from "../../record/protocols.ts";
import { summarize } from "../../record/summary.ts";
import { receiptOf } from "../append-leaf.ts";
import type { Reader } from "../db.ts";
import { findChallenge } from "./challenge-document.ts";
import { entryChallengers } from "./entry-challengers.ts";
import { entryEvents } from "./entry-events.ts";
import { entryReproductions } from "./entry-reproductions.ts";
import { entryTotals } from "./entry-totals.ts";
import { findRow, resultOf } from "./find-rows.ts";

export async function findEntry(db: Reader, id: string): Promise<EntryDocument | null> {
  const found = await findRow(db, id);
  if (found === null) return null;
  const { row, challenge, supersedes, leaf } = found;
  const protocol = findProtocol(found.protocol);
  const { panel, fresh } = resultOf(found);
  const issued = challenge === null ? null : await findChallenge(db, challenge);
  const reproductions = await entryReproductions(db, row);
  const totals = await entryTotals(db, found, issued);
  return {
    protocol: { id: found.protocol, name: protocol.name },
    row,
    summary: summarize([...panel, ...fresh], protocol),
    supersedes,
    challenge: issued,
    challengers: await entryChallengers(db, found),
    reproductions,
    events: await entryEvents(db, found, issued, reproductions),
    totals,
    receipt: receiptOf(id, leaf),
  };
}

export async function findRuns(db: Reader, id: string): Promise<EntryRuns | null> {
  const found = await findRow(db, id);
  if (found === null) return null;
  const protocol = findProtocol(found.protocol);
  const { panel, fresh } = resultOf(found);
  return { panel, fresh, metrics: [...panel, ...fresh].map((run) => runMetrics(run, protocol)) };
}
