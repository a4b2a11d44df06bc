/** @file The reference as the build draws it: read from a mirror of its dump, which has verified it. */

import { isHiddenState } from "../../record/board/states.ts";
import { BuildSource, own } from "./build-api.ts";
import type { EntryModel } from "./entry-model.ts";
import { type Reference, firstResult, isSeeded, referenceRow } from "./reference-layer.ts";

const dumped = process.env["RADEMARK_REFERENCE"];

const mirror = dumped === undefined ? null : new BuildSource(dumped, "/reference");

/** Null where there is none, and where the board's own log was seeded from it, and has all of it. */
export async function builtMirror(): Promise<BuildSource | null> {
  const [theirs, ours] = await Promise.all([mirror?.log(), own.log()]);
  const digestAt = (index: number) => ours?.leaves[index]?.digest;
  const isListed = theirs && isSeeded(digestAt, firstResult(theirs.leaves));
  return isListed ? null : mirror;
}

/** Ids of its entries, which other pages lead to wherever they are listed. */
export async function referenceIds(): Promise<string[]> {
  return ((await mirror?.rows()) ?? []).map(({ entry }) => entry);
}

/** As the reference's log has it, or the board's own where that was seeded from it. */
export async function referenceEntry(id: string): Promise<EntryModel> {
  return ((await builtMirror()) ?? own).entry(id);
}

/** What the reference has for a board; null where that is nothing. @param name of its protocol. */
export async function builtReference(name: string): Promise<Reference | null> {
  const source = await builtMirror();
  if (source === null) return null;
  const [board, theirs, ours] = await Promise.all([source.board(name), source.log(), own.log()]);
  const shown = board.rows.filter(({ standing }) => !isHiddenState(standing.state));
  const leaf = ours === null && theirs !== null ? firstResult(theirs.leaves) : null;
  return shown.length === 0 ? null : { rows: shown.map(referenceRow), leaf };
}
