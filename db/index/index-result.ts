/** @file A result becomes an entry: a row with all that boards sort, rank and show. */

import { desc, eq } from "drizzle-orm";
import { RANKED } from "../../record/board/board-columns.ts";
import { entrySamples, fixedRow } from "../../record/board/entry-row.ts";
import { resultNotes } from "../../record/board/notes.ts";
import { measuredEntry } from "../../record/measures/measure-scores.ts";
import { type Protocol, findProtocol } from "../../record/protocols.ts";
import type { Result } from "../../record/statement/statements.ts";
import type { Leaf } from "../append-leaf.ts";
import type { Transaction } from "../db.ts";
import { entries } from "../schema.ts";
import { noteChange } from "./board-change.ts";
import { entryNotes } from "./entry-notes.ts";
import { firstStanding } from "./first-standing.ts";
import { indexRunCounts } from "./index-run-counts.ts";
import { statementIn } from "./leaf-body.ts";

export async function indexResult(tx: Transaction, leaf: Leaf): Promise<void> {
  const result = statementIn("result", leaf);
  const { digest: id, at: receivedAt } = leaf;
  const { key, protocol, arch, regs, challenge, supersedes, engine, panel, fresh } = result;
  const document = findProtocol(protocol);
  const notes = [...resultNotes(result, document), ...(await entryNotes(tx, result))];
  const fixed = fixedRow(result, { id, receivedAt }, document, notes);
  await indexRunCounts(tx, leaf, result);
  const standing = await firstStanding(tx, id, result);
  const measured = measuredEntry(id, result, document);
  await tx.insert(entries).values({
    id,
    number: await nextNumber(tx, protocol),
    leaf: leaf.index,
    key,
    protocol,
    arch,
    regs,
    device: engine.device,
    challenge,
    supersedes,
    params: fixed.params,
    seconds: fixed.numbers.seconds?.mean ?? null,
    receivedAt,
    runs: panel.length + fresh.length,
    ...sampleValues(result, document),
    fixed: JSON.stringify(fixed),
    measured: JSON.stringify({ gap: measured.gap, measures: measured.measures }),
    state: standing.state,
    standing: JSON.stringify(standing),
    operatorNotes: "[]",
    representative: null,
  });
  await noteChange(tx, result);
}

async function nextNumber(tx: Transaction, protocol: string): Promise<number> {
  const [last] = await tx
    .select({ number: entries.number })
    .from(entries)
    .where(eq(entries.protocol, protocol))
    .orderBy(desc(entries.number))
    .limit(1);
  return last ? last.number + 1 : 0;
}

/** Null in both columns where any run lacks the number. */
function sampleValues(result: Result, protocol: Protocol) {
  const samples = entrySamples(result, protocol);
  return Object.fromEntries(
    RANKED.flatMap((name) => [
      [`${name}Mean`, samples[name]?.mean ?? null],
      [`${name}Variance`, samples[name]?.variance ?? null],
    ]),
  );
}
