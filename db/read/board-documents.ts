/** @file What is computed over all of a board and stands beside it: computed when the board changed, not when somebody looks. */

import { type SQL, and, asc, eq, gte, lt, not } from "drizzle-orm";
import { type Protocol, protocolId, protocols } from "../../record/protocols.ts";
import {
  type DocumentKind,
  STORED_KINDS,
  boardDocuments,
  boards,
  entries,
  hasCustomCode,
} from "../schema.ts";
import { type Db, type Reader, eventLoopTurn } from "../db.ts";
import { STATES } from "../../record/board/standing.ts";
import { isHiddenState } from "../../record/board/states.ts";
import {
  MOST_SENTENCES,
  type MeasuresDocument,
  type SentencesDocument,
} from "../../record/answers/documents.ts";
import {
  type MeasuredEntry,
  measureScores,
  wholeMeasures,
} from "../../record/board/measure-scores.ts";
import { countIn } from "../board/refresh-boards.ts";
import { readBoard } from "../board/board-page.ts";
import { ranksCustom } from "../board/rank-editions.ts";
import {
  type Levels,
  changeOf,
  boardSentences as sentencesOf,
} from "../../record/board/sentences.ts";
import { type Outcome, outcome } from "../../record/summary.ts";
import type { Run } from "../../record/run.ts";
import { findRows, resultOf } from "./entry-document.ts";

interface OpenProtocol {
  id: string;
  document: Protocol;
}

type Compute = (db: Reader, protocol: OpenProtocol, withCustom: boolean) => Promise<object>;

const COMPUTE: Readonly<Record<DocumentKind, Compute>> = {
  sentences: boardSentences,
  measures: boardMeasures,
};

/** Brings one document of every board up to it, and that with custom code where it is another one. */
export async function refreshDocuments(db: Db, kind: DocumentKind): Promise<void> {
  const { protocol, version, edition } = boards;
  const shown = await db.select({ protocol, version, edition }).from(boards);
  const current = new Map(shown.map((board) => [board.protocol, board]));
  const own = await db
    .select({
      protocol: boardDocuments.protocol,
      kind: boardDocuments.kind,
      version: boardDocuments.version,
    })
    .from(boardDocuments);
  const stored = new Map(own.map((each) => [`${each.protocol} ${each.kind}`, each.version]));
  for (const document of Object.values(protocols)) {
    const id = protocolId(document);
    const board = current.get(id);
    if (board === undefined) continue;
    const variants = ranksCustom(board.edition) ? [false, true] : [false];
    for (const withCustom of variants)
      if (stored.get(`${id} ${storedKind(kind, withCustom)}`) !== board.version)
        await storeDocument(db, kind, { id, document }, board.version, withCustom);
  }
}

function storedKind(kind: DocumentKind, withCustom: boolean) {
  const stored = STORED_KINDS[kind];
  return withCustom ? (`${stored}+custom` as const) : stored;
}

async function storeDocument(
  db: Db,
  kind: DocumentKind,
  protocol: OpenProtocol,
  version: number,
  withCustom: boolean,
): Promise<void> {
  const computed = await COMPUTE[kind](db, protocol, withCustom);
  const row = { version, document: JSON.stringify(computed) };
  await db
    .insert(boardDocuments)
    .values({ protocol: protocol.id, kind: storedKind(kind, withCustom), ...row })
    .onConflictDoUpdate({
      target: [boardDocuments.protocol, boardDocuments.kind],
      set: row,
      setWhere: lt(boardDocuments.version, version), // another server may have been faster
    });
}

/**
 * The document as JSON. For a board that was never refreshed, or is being rebuilt, it is computed here.
 *
 * @param withCustom whether custom code is among what it weighs.
 */
export async function boardDocument(
  db: Reader,
  kind: DocumentKind,
  protocol: OpenProtocol,
  withCustom = false,
): Promise<string> {
  const isOther = withCustom && (await readBoard(db, protocol.id)).ranksCustom;
  const [stored] = await db
    .select({ document: boardDocuments.document })
    .from(boardDocuments)
    .where(
      and(
        eq(boardDocuments.protocol, protocol.id),
        eq(boardDocuments.kind, storedKind(kind, isOther)),
      ),
    );
  return stored?.document ?? JSON.stringify(await COMPUTE[kind](db, protocol, isOther));
}

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
  withCustom = false,
): Promise<SentencesDocument> {
  const pairs = pairsOf(await candidates(db, protocol, withCustom));
  const shown = pairs.slice(0, MOST_SENTENCES);
  const ids = [...new Set(shown.flatMap(({ none, entry }) => [none.id, entry.id]))];
  const told = await toldOf(db, ids, document);
  const [outcomes, levels] = [told.map(({ outcome }) => outcome), told.map(({ levels }) => levels)];
  return {
    protocol: { id: protocol, name: document.name },
    configurations: pairs.length,
    sentences: sentencesOf(outcomes, document, levels).map((said) => {
      const { arch, regs, a, b, text, comparisons } = said;
      const changes = comparisons.map(changeOf);
      return { arch, regs, entry: ids[a]!, none: ids[b]!, text, changes };
    }),
  };
}

/** Read at a time: a result is some 50 kB, and its reading takes milliseconds. */
const SENTENCES_BATCH = 8;

/** An entry that is spoken of: what its panel gave, and what its row shows. */
interface Told {
  outcome: Outcome;
  levels: Levels;
}

/** Neither ever changes, so a server computes each once. */
const known = new WeakMap<Reader, Map<string, Told>>();

async function toldOf(db: Reader, ids: readonly string[], document: Protocol): Promise<Told[]> {
  const told = known.get(db) ?? new Map<string, Told>();
  known.set(db, told);
  const missing = ids.filter((id) => !told.has(id));
  for (let start = 0; start < missing.length; start += SENTENCES_BATCH) {
    if (start > 0) await eventLoopTurn();
    for (const found of await findRows(db, missing.slice(start, start + SENTENCES_BATCH))) {
      const panel = resultOf(found).panel as [Run, ...Run[]];
      const { entry, numbers } = found.row;
      told.set(entry, { outcome: outcome(panel, document), levels: numbers });
    }
  }
  return ids.map((id) => told.get(id)!);
}

/** One for each configuration, in the order in which configurations came. */
async function candidates(db: Reader, protocol: string, withCustom: boolean): Promise<Candidate[]> {
  const board = await readBoard(db, protocol);
  const { id, arch, regs, number, representative } = entries;
  return db
    .select({ id, arch, regs })
    .from(entries)
    .where(
      and(
        eq(entries.protocol, protocol),
        lt(number, board.entries),
        eq(representative, number),
        ...weighed(withCustom),
      ),
    )
    .orderBy(asc(number));
}

function weighed(withCustom: boolean): SQL[] {
  return withCustom ? [] : [not(hasCustomCode)];
}

function pairsOf(all: readonly Candidate[]): { none: Candidate; entry: Candidate }[] {
  const plain = new Map(all.filter(({ regs }) => regs === "none").map((each) => [each.arch, each]));
  return all.flatMap((entry) => {
    const none = plain.get(entry.arch);
    return entry.regs === "none" || none === undefined ? [] : [{ none, entry }];
  });
}

/** Read at a time: few, as PGlite answers nobody else meanwhile. */
const BATCH = 500;

/** The board of measures, from what was measured of each entry when it came. */
export async function boardMeasures(
  db: Reader,
  { id: protocol, document }: { id: string; document: Protocol },
  withCustom = false,
): Promise<MeasuresDocument> {
  const { entries: size, counts } = await readBoard(db, protocol);
  const rows: MeasuredEntry[] = [];
  for (let from = 0; from < size; from += BATCH) {
    if (from > 0) await eventLoopTurn();
    rows.push(...(await countedRows(db, protocol, from, Math.min(size, from + BATCH), withCustom)));
  }
  return {
    protocol: { id: protocol, name: document.name },
    entries: countIn(counts, SHOWN, undefined, withCustom),
    configurations: rows.length,
    measures: await measureScores(rows, eventLoopTurn),
  };
}

const SHOWN = STATES.filter((state) => !isHiddenState(state));

/** One for each configuration, in the order they came. */
async function countedRows(
  db: Reader,
  protocol: string,
  from: number,
  to: number,
  withCustom: boolean,
): Promise<MeasuredEntry[]> {
  const { id, arch, regs, measured, number } = entries;
  const rows = await db
    .select({ id, arch, regs, measured })
    .from(entries)
    .where(
      and(
        eq(entries.protocol, protocol),
        gte(number, from),
        lt(number, to),
        eq(entries.representative, number),
        ...weighed(withCustom),
      ),
    )
    .orderBy(asc(number));
  return rows.map((row) => {
    const numbers = JSON.parse(row.measured) as Pick<MeasuredEntry, "gap" | "width" | "measures">;
    const measures = wholeMeasures(numbers.measures);
    return { entry: row.id, arch: row.arch, regs: row.regs, ...numbers, measures };
  });
}
