/** @file The reference as the build draws it: read from a mirror of its dump, which has verified it. */

import type { SentencesDocument } from "../../record/answers/documents.ts";
import type { BoardRow } from "../../record/board/board-row.ts";
import { boardSentences, changeOf } from "../../record/board/sentences.ts";
import { isHiddenState } from "../../record/board/states.ts";
import { findProtocol } from "../../record/protocols.ts";
import type { Run } from "../../record/run.ts";
import { outcome } from "../../record/summary.ts";
import { BuildSource, own } from "./build-api.ts";
import type { EntryModel } from "./entry-model.ts";
import { type Reference, firstResult, lackedEntries, referenceRow } from "./reference-layer.ts";
import { weighedRows } from "./shown-rows.ts";

const dumped = process.env["RADEMARK_REFERENCE"];

const mirror = dumped === undefined ? null : new BuildSource(dumped, "/reference");

/** Null where there is none, and where the board's own log was seeded from it, and has all of it. */
export async function builtMirror(): Promise<BuildSource | null> {
  const theirs = await mirror?.log();
  const lacked = theirs && lackedEntries(theirs.leaves, (await own.log())?.leaves ?? []);
  return lacked?.size === 0 ? null : mirror;
}

/** Ids of its entries, which other pages lead to wherever they are listed. */
export async function referenceIds(): Promise<string[]> {
  return ((await mirror?.rows()) ?? []).map(({ entry }) => entry);
}

const entries = new Map<string, Promise<EntryModel>>();

/** As the reference's log has it, or the board's own where that was seeded from it. Read once, as several pages draw it. */
export async function referenceEntry(id: string): Promise<EntryModel> {
  const entry = entries.get(id) ?? readEntry(id);
  entries.set(id, entry);
  return entry;
}

/** A board may have been seeded from an older reference, and lack what came to it since. */
async function readEntry(id: string): Promise<EntryModel> {
  const isOwn = (await own.rows()).some(({ entry }) => entry === id);
  const source = (await builtMirror()) ?? (isOwn ? own : mirror);
  return (source ?? own).entry(id);
}

/** What the reference has for a board; null where that is nothing. @param name of its protocol. */
export async function builtReference(name: string): Promise<Reference | null> {
  const source = await builtMirror();
  if (source === null) return null;
  const [board, theirs, ours] = await Promise.all([source.board(name), source.log(), own.log()]);
  const lacked = lackedEntries(theirs?.leaves ?? [], ours?.leaves ?? []);
  const shown = board.rows.filter(
    ({ entry, standing }) => lacked.has(entry) && !isHiddenState(standing.state),
  );
  const leaf = ours === null && theirs !== null ? firstResult(theirs.leaves) : null;
  return shown.length === 0 ? null : { rows: shown.map(referenceRow), leaf };
}

/**
 * What the paired tests allow to be said of these rows of the reference: of every pair, as one family, where a server speaks
 * of a few.
 */
export async function referenceSentences(
  name: string,
  rows: readonly BoardRow[],
): Promise<SentencesDocument["sentences"]> {
  const protocol = findProtocol(name);
  const weighed = weighedRows(rows);
  const models = await Promise.all(weighed.map(({ entry }) => referenceEntry(entry)));
  const known = models.flatMap(({ entry, runs }) =>
    runs === null ? [] : [{ id: entry.row.entry, runs: runs.panel as [Run, ...Run[]] }],
  );
  const outcomes = known.map(({ runs }) => outcome(runs, protocol));
  return boardSentences(outcomes, protocol).map(({ arch, regs, a, b, text, comparisons }) => {
    const changes = comparisons.map(changeOf);
    return { arch, regs, entry: known[a]!.id, none: known[b]!.id, text, changes };
  });
}
