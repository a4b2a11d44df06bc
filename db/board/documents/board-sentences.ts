/** @file What a board's entries allow to be said of each regularizer, paired over the panel's seeds. */

import { and, asc, eq, lt } from "drizzle-orm";
import { boardSentences as sentencesOf } from "../../../record/board/sentences.ts";
import {
  MOST_SENTENCES,
  type SentencesDocument,
} from "../../../record/documents/entry-document.ts";
import { type Outcome, outcome } from "../../../record/summary.ts";
import type { Protocol } from "../../../record/protocols.ts";
import type { Run } from "../../../record/run.ts";
import { breath } from "../../breath.ts";
import { readBoard } from "../read-board.ts";
import type { Reader } from "../../db.ts";
import { entries } from "../../schema.ts";
import { findRows, resultOf } from "../../read/find-rows.ts";

interface Candidate {
  id: string;
  arch: string;
  regs: string;
}

/**
 * Of several entries of one configuration the one that stands for it speaks; which configurations are shown follows
 * from when they came, not from what they say.
 */
export async function boardSentences(
  db: Reader,
  { id: protocol, document }: { id: string; document: Protocol },
): Promise<SentencesDocument> {
  const pairs = pairsOf(await candidates(db, protocol));
  const shown = pairs.slice(0, MOST_SENTENCES);
  const ids = [...new Set(shown.flatMap(({ none, entry }) => [none.id, entry.id]))];
  const outcomes = await outcomesOf(db, ids, document);
  return {
    protocol: { id: protocol, name: document.name },
    configurations: pairs.length,
    sentences: sentencesOf(outcomes).map(({ arch, regs, a, b, text }) => {
      return { arch, regs, entry: ids[a]!, none: ids[b]!, text };
    }),
  };
}

/** Read at a time: a result is some 50 kB, and its reading takes milliseconds. */
const BATCH = 8;

/** What a result's panel gives never changes, so a server computes each once, of those that are spoken of. */
const known = new WeakMap<Reader, Map<string, Outcome>>();

async function outcomesOf(db: Reader, ids: readonly string[], document: Protocol) {
  const outcomes = known.get(db) ?? new Map<string, Outcome>();
  known.set(db, outcomes);
  const missing = ids.filter((id) => !outcomes.has(id));
  for (let start = 0; start < missing.length; start += BATCH) {
    if (start > 0) await breath();
    for (const found of await findRows(db, missing.slice(start, start + BATCH)))
      outcomes.set(found.row.entry, outcome(resultOf(found).panel as [Run, ...Run[]], document));
  }
  return ids.map((id) => outcomes.get(id)!);
}

/** One for each configuration, in the order in which configurations came. */
async function candidates(db: Reader, protocol: string): Promise<Candidate[]> {
  const board = await readBoard(db, protocol);
  const { id, arch, regs, number, representative } = entries;
  return db
    .select({ id, arch, regs })
    .from(entries)
    .where(
      and(eq(entries.protocol, protocol), lt(number, board.entries), eq(representative, number)),
    )
    .orderBy(asc(number));
}

function pairsOf(all: readonly Candidate[]): { none: Candidate; entry: Candidate }[] {
  const plain = new Map(all.filter(({ regs }) => regs === "none").map((each) => [each.arch, each]));
  return all.flatMap((entry) => {
    const none = plain.get(entry.arch);
    return entry.regs === "none" || none === undefined ? [] : [{ none, entry }];
  });
}
