/** @file An entry with the statements about it, in bounded time and size. */

import { and, asc, desc, eq, gte, inArray, isNull, lt, or } from "drizzle-orm";
import {
  type ChallengeDocument,
  type EntryDocument,
  type EntryEvent,
  type EntryRuns,
  type EntrySeries,
  MOST_EVENTS,
  MOST_NAMED_CHALLENGERS,
  MOST_REPRODUCTIONS,
  type NamedChallenger,
  type ReproductionDocument,
} from "../../record/answers/documents.ts";
import { entrySeries } from "../../record/answers/entry-series.ts";
import { runMetrics } from "../../record/metrics.ts";
import { findProtocol } from "../../record/protocols.ts";
import { summarize } from "../../record/summary.ts";
import { type Leaf, receiptOf } from "../append-leaf.ts";
import type { Reader } from "../db.ts";
import { findChallenge } from "./challenge-document.ts";
import type { BoardRow } from "../../record/board/board-row.ts";
import type { Receipt } from "../../record/log/log-proof.ts";
import type { Envelope } from "../../record/statement/envelope.ts";
import {
  type NamedSameCounts,
  type StoredRow,
  boardRow,
  namedSameCounts,
  rowColumns,
  signerName,
} from "../board/board-page.ts";
import { ownBoard, shownRank, shownRanks } from "../board/rank-editions.ts";
import { envelopeIn, statementIn } from "../project/leaf-body.ts";
import {
  boardRanks,
  boards,
  entries,
  keyNames,
  keys,
  leaves,
  moderations,
  reproductions,
  retractions,
} from "../schema.ts";
import { challengersOf, decisionsOn, isVoid, retractionReasons } from "../project/standings.ts";
import { type Withheld, withheldStatements } from "./withheld.ts";
import type { Moderation, Result, Verdict } from "../../record/statement/statements.ts";

export async function findEntry(db: Reader, id: string): Promise<EntryDocument | null> {
  const found = await findRow(db, id);
  if (found === null) return null;
  const { row, challenge, supersedes, leaf } = found;
  const protocol = findProtocol(found.protocol);
  const { panel, fresh, harness } = resultOf(found);
  const issued = challenge === null ? null : await findChallenge(db, challenge);
  const reproductions = await entryReproductions(db, row);
  const totals = await entryTotals(db, found, issued);
  return {
    protocol: { id: found.protocol, name: protocol.name },
    row,
    harness,
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
  return found && runsOf(found);
}

export async function findSeries(db: Reader, id: string): Promise<EntrySeries | null> {
  const found = await findRow(db, id);
  if (found === null) return null;
  const protocol = findProtocol(found.protocol);
  const runs = runsOf(found);
  const summary = summarize([...runs.panel, ...runs.fresh], protocol);
  return entrySeries({ row: found.row, summary, ...runs }, protocol);
}

function runsOf(found: FoundRow): EntryRuns {
  const protocol = findProtocol(found.protocol);
  const { panel, fresh } = resultOf(found);
  return { panel, fresh, metrics: [...panel, ...fresh].map((run) => runMetrics(run, protocol)) };
}

/** A row with its rank in the board's default order, and columns that the row does not show. */
export interface FoundRow {
  row: BoardRow;
  protocol: string;
  challenge: string | null;
  supersedes: string | null;
  leaf: Leaf;
}

/** @param ids of entries; unknown ones are left out. @returns the rows in the order of the ids. */
export async function findRows(db: Reader, ids: readonly string[]): Promise<FoundRow[]> {
  const { protocol, challenge, supersedes } = entries;
  const found = await db
    .select({
      ...rowColumns,
      ...{ protocol, challenge, supersedes, leaf: leaves },
      rank: shownRank,
    })
    .from(entries)
    .innerJoin(leaves, eq(leaves.index, entries.leaf))
    .leftJoin(keyNames, signerName)
    .leftJoin(boards, ownBoard)
    .leftJoin(boardRanks, shownRanks("learnedComplexity"))
    .where(inArray(entries.id, [...ids]));
  const sameCounts = await namedSameCounts(db, found);
  return ids.flatMap((id) =>
    found
      .filter((row) => row.id === id)
      .map(({ protocol, challenge, supersedes, leaf, rank, ...stored }) => {
        const row = boardRow(stored, rank, sameCounts(id));
        return { row, protocol, challenge, supersedes, leaf };
      }),
  );
}

export async function findRow(db: Reader, id: string): Promise<FoundRow | null> {
  return (await findRows(db, [id]))[0] ?? null;
}

export function resultOf({ leaf }: FoundRow): Result {
  return statementIn("result", leaf);
}

/** In the order of the log. */
async function entryReproductions(
  db: Reader,
  { entry, signer }: BoardRow,
): Promise<ReproductionDocument[]> {
  const rows = await newestOf(db, entry);
  if (rows.length === 0) return [];
  const ids = rows.map(({ reproduction }) => reproduction.id);
  const retracted = await retractionReasons(db, inArray(retractions.statement, ids));
  const decided = await decisionsOn(db, ids);
  const [submitter] = await db
    .select({ holder: keys.holder })
    .from(keys)
    .where(eq(keys.key, signer.key));
  return rows.toReversed().map(({ reproduction, name, by }) => {
    const { id, key, verdict, numbers, challenge, receivedAt } = reproduction;
    return {
      id,
      signer: { key, name },
      own: by.holder === submitter!.holder,
      verdict,
      numbers: JSON.parse(numbers) as ReproductionDocument["numbers"],
      challenge,
      retracted: retracted.has(id) || isVoid(by, receivedAt),
      quarantine: decided(id).quarantine,
      receivedAt: receivedAt.toISOString(),
    };
  });
}

function newestOf(db: Reader, entry: string) {
  const { holder, revokedFrom, next } = keys;
  return db
    .select({
      reproduction: reproductions,
      name: keyNames.name,
      by: { holder, revokedFrom, next },
    })
    .from(reproductions)
    .innerJoin(keys, eq(keys.key, reproductions.key))
    .leftJoin(keyNames, eq(keyNames.key, reproductions.key))
    .where(eq(reproductions.entry, entry))
    .orderBy(desc(reproductions.leaf))
    .limit(MOST_REPRODUCTIONS);
}

/** Counted by indexes. */
async function entryTotals(
  db: Reader,
  { row }: FoundRow,
  challenge: ChallengeDocument | null,
): Promise<EntryDocument["totals"]> {
  const { entry, standing } = row;
  const [counted] = await db
    .select({
      reproductions: db.$count(reproductions, eq(reproductions.entry, entry)),
      retractions: db.$count(retractions, eq(retractions.entry, entry)),
      moderations: db.$count(moderations, eq(moderations.entry, entry)),
    })
    .from(entries)
    .where(eq(entries.id, entry));
  const came = challenge === null ? 1 : 2;
  const replaced = standing.supersededBy === null ? 0 : 1;
  const events = came + replaced + Object.values(counted!).reduce((sum, each) => sum + each, 0);
  return { reproductions: counted!.reproductions, events };
}

/** The entry's own holder first, then those who were issued most; the others are only counted, in its standing. */
async function entryChallengers(
  db: Reader,
  { row, protocol }: Pick<FoundRow, "row" | "protocol">,
): Promise<NamedChallenger[]> {
  const [signer] = await db
    .select({ holder: keys.holder })
    .from(keys)
    .where(eq(keys.key, row.signer.key));
  const all = await challengersOf(db, protocol, [row]);
  const isOwn = ({ key }: { key: string }) => key === signer?.holder;
  const shown = [...all.filter(isOwn), ...all.filter((each) => !isOwn(each))].slice(
    0,
    MOST_NAMED_CHALLENGERS,
  );
  const names = await namesOf(
    db,
    shown.map(({ key }) => key),
  );
  return shown.map(({ key, issued, completed, failed, expired }) => {
    const own = isOwn({ key });
    return { key, issued, completed, failed, expired, name: names.get(key) ?? null, own };
  });
}

/** Names by holder: that of its newest key. */
async function namesOf(db: Reader, holders: readonly string[]): Promise<Map<string, string>> {
  if (holders.length === 0) return new Map();
  const rows = await db
    .select({ holder: keys.holder, name: keyNames.name })
    .from(keys)
    .innerJoin(keyNames, eq(keyNames.key, keys.key))
    .where(and(inArray(keys.holder, [...holders]), isNull(keys.next)));
  return new Map(rows.flatMap(({ holder, name }) => (name === null ? [] : [[holder, name]])));
}

/** An event with its leaf's index or digest; the other is read from the log. */
type UnplacedEvent = Pick<EntryEvent, "kind" | "text"> & ({ index: number } | { digest: string });

/** @param reproductions the newest, at least `MOST_EVENTS` if there are as many. */
async function entryEvents(
  db: Reader,
  { row, leaf }: FoundRow,
  challenge: ChallengeDocument | null,
  reproductions: readonly ReproductionDocument[],
): Promise<EntryEvent[]> {
  const { supersededBy } = row.standing;
  const came: UnplacedEvent[] = [
    ...(challenge ? [challenged(challenge)] : []),
    { kind: "submitted", text: "The result was accepted.", index: leaf.index },
  ];
  const later = [
    ...reproductions.map(reproduced),
    ...(supersededBy === null ? [] : [superseded(supersededBy)]),
    ...(await retracted(db, row.entry)),
    ...(await moderated(db, row.entry)),
  ];
  const events = await inLogOrder(db, [...came, ...later]);
  return [...events.slice(0, came.length), ...events.slice(came.length).slice(-MOST_EVENTS)];
}

function challenged({ challenge, receipt }: ChallengeDocument): UnplacedEvent {
  const seeds =
    challenge.seeds.length === 1 ? "1 fresh seed" : `${challenge.seeds.length} fresh seeds`;
  return {
    kind: "challenged",
    text: `After a commitment to this configuration, ${seeds} were issued.`,
    index: receipt.index,
  };
}

const VERDICTS: Readonly<Record<Verdict, string>> = {
  agree: "agrees with this entry",
  disagree: "disagrees with this entry",
  inconclusive: "is inconclusive about this entry",
};

function reproduced({ id, verdict, own }: ReproductionDocument): UnplacedEvent {
  const whose = own ? "A reproduction by the submitter's own key" : "A reproduction by another key";
  return { kind: "reproduced", text: `${whose} ${VERDICTS[verdict]}.`, digest: id };
}

function superseded(by: string): UnplacedEvent {
  return { kind: "superseded", text: "A later result of the same key replaces it.", digest: by };
}

/** Void retractions are events as well. */
async function retracted(db: Reader, entry: string): Promise<UnplacedEvent[]> {
  const { revokedFrom, next } = keys;
  const rows = await db
    .select({ retraction: retractions, signer: { revokedFrom, next } })
    .from(retractions)
    .innerJoin(keys, eq(keys.key, retractions.key))
    .where(eq(retractions.entry, entry))
    .orderBy(desc(retractions.leaf))
    .limit(MOST_EVENTS);
  return rows.map(({ retraction: { statement, reason, leaf, receivedAt }, signer }) => {
    const what = statement === entry ? "Retracted" : "A reproduction was retracted";
    const how = isVoid(signer, receivedAt) ? " by a revoked key, which counts for nothing" : "";
    return { kind: "retracted", text: `${what}${how}: ${reason}`, index: leaf };
  });
}

/** The words for a decision on an entry, and on a reproduction of it; names belong to keys. */
const ACTIONS: Readonly<Record<Moderation["action"], [entry: string, reproduction: string]>> = {
  quarantine: ["Quarantined by the operator", "A reproduction was quarantined by the operator"],
  unquarantine: ["Brought back by the operator", "A reproduction was brought back by the operator"],
  note: ["Note of the operator", "Note of the operator on a reproduction"],
  "erase-name": ["Name erased by the operator", "Name erased by the operator"],
};

async function moderated(db: Reader, entry: string): Promise<UnplacedEvent[]> {
  const rows = await db
    .select()
    .from(moderations)
    .where(eq(moderations.entry, entry))
    .orderBy(desc(moderations.leaf))
    .limit(MOST_EVENTS);
  return rows.map(({ action, subject, reason, leaf }) => {
    const [ofEntry, ofReproduction] = ACTIONS[action];
    const what = subject === entry ? ofEntry : ofReproduction;
    return { kind: "moderated", text: `${what}: ${reason}`, index: leaf };
  });
}

async function inLogOrder(db: Reader, unplaced: readonly UnplacedEvent[]): Promise<EntryEvent[]> {
  const { index, digest, at } = leaves;
  const indices = unplaced.flatMap((each) => ("index" in each ? [each.index] : []));
  const digests = unplaced.flatMap((each) => ("digest" in each ? [each.digest] : []));
  const rows = await db
    .select({ index, digest, at })
    .from(leaves)
    .where(or(inArray(index, indices), inArray(digest, digests)));
  const places = new Map<number | string, (typeof rows)[number]>();
  for (const row of rows) places.set(row.index, row).set(row.digest, row);
  const events = unplaced.flatMap(({ kind, text, ...place }): EntryEvent[] => {
    const row = places.get("index" in place ? place.index : place.digest);
    return row ? [{ ...row, at: row.at.toISOString(), kind, text }] : [];
  });
  return events.toSorted((a, b) => a.index - b.index);
}

/** Rows read at a time without their envelopes; a multiple of the number read with them. */
const ROWS = 512;

const ENVELOPES = 16;

interface Numbered {
  row: BoardRow;
  leaf: number;
}

/**
 * All rows of a board, hidden ones included: their state says so. They have no rank, which belongs to a sorted column.
 *
 * A snapshot, however slowly the rows are consumed: what later statements can change in a row is read at the start, in
 * one statement, and kept; the rest never changes.
 */
export async function* boardRows(
  db: Reader,
  protocol: string,
  batch = ROWS,
): AsyncGenerator<Numbered[]> {
  const moment = await boardMoment(db, protocol);
  for (let start = 0; start < moment.size; start += batch) {
    const end = Math.min(moment.size, start + batch);
    const changing = await moment.between(start, end);
    const fixed = await fixedRows(db, protocol, start, end);
    yield fixed.map(({ leaf, ...row }, i) => {
      const stored = { ...row, ...changing[i]! };
      return { row: boardRow(stored, null, moment.sameCounts(row.id)), leaf };
    });
  }
}

/** The part of a row that later statements can change. */
type Changing = Pick<
  StoredRow,
  "name" | "standing" | "operatorNotes" | "representative" | "representativeId"
>;

interface BoardMoment {
  /** Number of entries. */
  size: number;
  /** The changing part of the entries with these numbers; batches must divide `ROWS`. */
  between(start: number, end: number): Promise<Changing[]>;
  /** For the few entries whose counts are those of another, by id. */
  sameCounts(id: string): NamedSameCounts | null;
}

/** Kept in gzip: rows are similar, and a client that reads slowly keeps them in memory for as long as it likes. */
async function boardMoment(db: Reader, protocol: string): Promise<BoardMoment> {
  const { id, name, standing, operatorNotes, representative, representativeId } = rowColumns;
  const rows = await db
    .select({ id, name, standing, operatorNotes, representative, representativeId })
    .from(entries)
    .innerJoin(boards, ownBoard)
    .leftJoin(keyNames, signerName)
    .where(and(eq(entries.protocol, protocol), lt(entries.number, boards.entries)))
    .orderBy(asc(entries.number));
  const sameCounts = await namedSameCounts(db, rows);
  const size = rows.length;
  const groups: Uint8Array<ArrayBuffer>[] = [];
  for (let start = 0; start < size; start += ROWS)
    groups.push(await packed(rows.slice(start, start + ROWS).map(({ id: _, ...row }) => row)));
  let open: { group: number; rows: Changing[] } | null = null;
  return {
    size,
    sameCounts,
    async between(start, end) {
      const group = Math.floor(start / ROWS);
      if (open?.group !== group) open = { group, rows: await unpacked(groups[group]!) };
      return open.rows.slice(start - group * ROWS, end - group * ROWS);
    },
  };
}

async function packed(rows: readonly Changing[]): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([JSON.stringify(rows)]).stream();
  return new Response(stream.pipeThrough(new CompressionStream("gzip"))).bytes();
}

async function unpacked(group: Uint8Array<ArrayBuffer>): Promise<Changing[]> {
  const stream = new Blob([group]).stream();
  const text = new Response(stream.pipeThrough(new DecompressionStream("gzip"))).text();
  return JSON.parse(await text) as Changing[];
}

function fixedRows(db: Reader, protocol: string, start: number, end: number) {
  const { id, key, number, fixed } = rowColumns;
  return db
    .select({ id, key, number, fixed, leaf: entries.leaf })
    .from(entries)
    .where(and(eq(entries.protocol, protocol), gte(entries.number, start), lt(entries.number, end)))
    .orderBy(asc(entries.number));
}

interface ExportedEntry {
  row: BoardRow;
  /** Null while it is withheld. */
  envelope: Envelope | null;
  receipt: Receipt;
}

export async function* boardEntries(db: Reader, protocol: string): AsyncGenerator<ExportedEntry> {
  let withheld: Withheld | null = null;
  for await (const rows of boardRows(db, protocol, ENVELOPES)) {
    withheld ??= await withheldStatements(db, null); // after the rows' moment: rather too much than too little
    const found = await db
      .select()
      .from(leaves)
      .where(
        inArray(
          leaves.index,
          rows.map(({ leaf }) => leaf),
        ),
      );
    const byIndex = new Map(found.map((leaf) => [leaf.index, leaf]));
    for (const { row, leaf } of rows) {
      const own = byIndex.get(leaf)!;
      const envelope = withheld.has(row.entry) ? null : envelopeIn(own);
      yield { row, envelope, receipt: receiptOf(row.entry, own) };
    }
  }
}
