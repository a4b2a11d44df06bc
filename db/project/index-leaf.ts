/** @file Fills the index tables, one leaf at a time; a leaf gives the same rows when it is read again from a dump. */

import { and, asc, count, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Leaf } from "../append-leaf.ts";
import { type Reader, type Transaction, rowsOf } from "../db.ts";
import {
  challenges,
  entries,
  keys,
  moderations,
  reproductions,
  retractions,
  runCounts,
} from "../schema.ts";
import { type BoardChange, noteChange, noteChangesOf } from "./board-change.ts";
import type { Note } from "../../record/board/board-row.ts";
import { isNearDuplicate, resultNotes } from "../../record/board/notes.ts";
import { type Protocol, findProtocol } from "../../record/protocols.ts";
import type { Measurement, Result } from "../../record/statement/statements.ts";
import {
  challengeIn,
  countedRuns,
  noteClaimants,
  outcomeIn,
  sameCountsOf,
  statementIn,
  statementOf,
  storedResult,
  withheldIn,
} from "./leaf-body.ts";
import { challengeTally, isVoid, keysOfHolder } from "./standings.ts";
import { type SettledStanding, disputesOf, stateOf } from "../../record/board/standing.ts";
import { restand, restandOf } from "./restand.ts";
import { codeOf, reproducedNumbers } from "../../record/statement/result-problems.ts";
import { noteSources } from "./custom-sources.ts";
import { RANKED } from "../../record/board/board-columns.ts";
import { entrySamples, fixedRow } from "../../record/board/entry-row.ts";
import { measuredEntry } from "../../record/board/measure-scores.ts";

const INDEXERS: Record<Leaf["kind"], (tx: Transaction, leaf: Leaf) => Promise<void>> = {
  key: indexKey,
  challenge: indexChallenge,
  outcome: indexOutcome,
  result: indexResult,
  reproduction: indexReproduction,
  retraction: indexRetraction,
  moderation: indexModeration,
};

/**
 * Writes what the leaf adds to the index, and which configurations the board has to refresh (`board_changes`).
 *
 * The result depends only on the leaf and those before it, not on a clock or on chance; the leaf itself is in `leaves`
 * already.
 */
export async function indexLeaf(tx: Transaction, leaf: Leaf): Promise<void> {
  if (withheldIn(leaf) !== null) return; // nothing is known of it here
  await INDEXERS[leaf.kind](tx, leaf);
}

/** A key is registered, replaced or revoked. */
async function indexKey(tx: Transaction, leaf: Leaf): Promise<void> {
  const statement = statementIn("key", leaf);
  const { key, action } = statement;
  if (action === "register") await register(tx, key, key, leaf.at);
  if (action === "rotate") {
    const [replaced] = await tx
      .update(keys)
      .set({ revokedFrom: leaf.at, next: statement.next })
      .where(eq(keys.key, key))
      .returning({ holder: keys.holder });
    if (!replaced) throw new Error(`leaf ${leaf.index} replaces a key that was never registered`);
    await register(tx, statement.next, replaced.holder, leaf.at);
  }
  if (action === "revoke") {
    await tx
      .update(keys)
      .set({ revokedFrom: new Date(statement.from) })
      .where(eq(keys.key, key));
    await restandOf(tx, keysOfHolder(tx, key));
    await noteChangesOf(tx, key); // what it signed from then on no longer counts, on rows of earlier keys as well
  }
}

async function register(
  tx: Transaction,
  key: string,
  holder: string,
  registeredAt: Date,
): Promise<void> {
  await tx.insert(keys).values({ key, registeredAt, revokedFrom: null, next: null, holder });
}

/** A challenge is public from the moment it is issued. */
async function indexChallenge(tx: Transaction, leaf: Leaf): Promise<void> {
  const { challenge, envelope } = challengeIn(leaf);
  const commitment = statementOf("commitment", envelope);
  const { key, protocol, arch, regs, reproduces } = commitment;
  await tx.insert(challenges).values({
    id: challenge.id,
    leaf: leaf.index,
    key,
    protocol,
    arch,
    regs,
    reproduces,
    expiresAt: new Date(challenge.expiresAt),
    outcome: null,
    outcomeLeaf: null,
  });
  await noteSources(tx, leaf, commitment, challenge.id);
  await noteChange(tx, { protocol, arch, regs });
}

/** How a challenge ended. */
async function indexOutcome(tx: Transaction, leaf: Leaf): Promise<void> {
  const { challenge, outcome } = outcomeIn(leaf);
  const changed = await tx
    .update(challenges)
    .set({ outcome, outcomeLeaf: leaf.index })
    .where(and(eq(challenges.id, challenge), isNull(challenges.outcome)))
    .returning({ protocol: challenges.protocol, arch: challenges.arch, regs: challenges.regs });
  if (changed.length === 0) throw new Error(`leaf ${leaf.index} ends no open challenge`);
  for (const configuration of changed) await noteChange(tx, configuration);
}

/** A result becomes an entry: a row with everything that boards sort, rank and show. */
async function indexResult(tx: Transaction, leaf: Leaf): Promise<void> {
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
    measured: JSON.stringify({
      gap: measured.gap,
      width: measured.width,
      measures: measured.measures,
    }),
    state: standing.state,
    standing: JSON.stringify(standing),
    operatorNotes: "[]",
    representative: null,
  });
  await noteSources(tx, leaf, { arch, regs, ...codeOf(result) }, null);
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

/** Both columns are null when a run lacks the number. */
function sampleValues(result: Result, protocol: Protocol) {
  const samples = entrySamples(result, protocol);
  return Object.fromEntries(
    RANKED.flatMap((name) => [
      [`${name}Mean`, samples[name]?.mean ?? null],
      [`${name}Variance`, samples[name]?.variance ?? null],
    ]),
  );
}

/** A reproduction belongs to the entry it is about, with the numbers of both. */
async function indexReproduction(tx: Transaction, leaf: Leaf): Promise<void> {
  const reproduction = statementIn("reproduction", leaf);
  const { entry, key, verdict, challenge, protocol, arch, regs } = reproduction;
  const stored = await storedResult(tx, entry);
  if (!stored || challenge === null) throw new Error(`reproduction ${leaf.digest} of nothing`);
  const numbers = reproducedNumbers(stored.result, reproduction, findProtocol(protocol));
  await tx.insert(reproductions).values({
    id: leaf.digest,
    leaf: leaf.index,
    entry,
    key,
    challenge,
    verdict,
    numbers: JSON.stringify(numbers),
    receivedAt: leaf.at,
  });
  await noteSources(tx, leaf, { arch, regs, ...codeOf(reproduction) }, null);
  await indexRunCounts(tx, leaf, reproduction);
  await noteChange(tx, reproduction);
}

/** A retracted statement. If it is a commitment, the next leaf says so: its outcome. */
async function indexRetraction(tx: Transaction, leaf: Leaf): Promise<void> {
  const { key, statement, reason } = statementIn("retraction", leaf);
  const entry = await entryAbout(tx, statement);
  if (entry === null) return;
  await tx.insert(retractions).values({
    id: leaf.digest,
    leaf: leaf.index,
    statement,
    entry: entry.id,
    key,
    reason,
    receivedAt: leaf.at,
  });
  await restand(tx, statement);
  await noteChange(tx, entry);
}

/** An operator's decision. Names are not in the log: the code that accepts the statement erases them. */
async function indexModeration(tx: Transaction, leaf: Leaf): Promise<void> {
  const { action, subject, reason } = statementIn("moderation", leaf);
  const entry = action === "erase-name" ? null : await entryAbout(tx, subject);
  await tx.insert(moderations).values({
    id: leaf.digest,
    leaf: leaf.index,
    action,
    subject,
    entry: entry?.id ?? null,
    reason,
  });
  if (action === "erase-name") return noteChangesOf(tx, subject);
  if (entry === null) return;
  if (action !== "note") await restand(tx, subject);
  await noteChange(tx, entry);
}

/** Must be called before the entry itself is indexed. */
async function entryNotes(tx: Transaction, result: Result): Promise<Note[]> {
  const notes = [await bitIdenticalNote(tx, result), await nearDuplicateNote(tx, result)];
  return notes.filter((note) => note !== null);
}

/**
 * The earliest entry of the same configuration whose completed panel runs have the same counts. Under another
 * configuration equal counts are not expected: see `sameCountsOf`.
 */
async function bitIdenticalNote(tx: Transaction, result: Result): Promise<Note | null> {
  const { protocol, arch, regs, panel } = result;
  const runs = countedRuns({ panel, fresh: [] });
  if (runs.length === 0) return null;
  const own = JSON.stringify(runs.map(({ digest, run }) => ({ digest, seed: run.seed })));
  const listed = sql`(select * from json_to_recordset(${own}::json) as own(digest text, seed bigint))`;
  const [same] = await tx
    .select({ id: entries.id })
    .from(runCounts)
    .innerJoin(entries, eq(entries.id, runCounts.statement))
    .where(
      and(
        eq(runCounts.protocol, protocol),
        eq(runCounts.arch, arch),
        eq(runCounts.regs, regs),
        sql`(${runCounts.digest}, ${runCounts.seed}) in ${listed}`,
      ),
    )
    .groupBy(entries.id, entries.leaf)
    .having(eq(count(), runs.length))
    .orderBy(asc(entries.leaf))
    .limit(1);
  if (!same) return null;
  const text = `Bit-identical to entry ${same.id}: the panel's runs have the same counts.`;
  return { kind: "bit-identical", text, entry: same.id };
}

/** Entries of one holder and architecture: enough to reveal a search, and bounded for holders of thousands. */
const ENTRIES_COMPARED = 100;

/** The latest entry of the key's holder that hardly differs. */
async function nearDuplicateNote(tx: Transaction, result: Result): Promise<Note | null> {
  const isOfConfiguration = (["protocol", "arch"] as const).map((name) =>
    eq(entries[name], result[name]),
  );
  const own = await tx
    .select({ id: entries.id, arch: entries.arch, regs: entries.regs })
    .from(entries)
    .where(and(inArray(entries.key, keysOfHolder(tx, result.key)), ...isOfConfiguration))
    .orderBy(desc(entries.leaf))
    .limit(ENTRIES_COMPARED);
  const protocol = findProtocol(result.protocol);
  const near = own.find((earlier) => isNearDuplicate(result, earlier, protocol));
  if (!near) return null;
  const text = `Next to nothing differs from ${near.arch} ${near.regs}, an entry of the same holder.`;
  return { kind: "near-duplicate", text, entry: near.id };
}

/** @param leaf of the statement; its runs have counts that differ from each other. */
async function indexRunCounts(
  tx: Transaction,
  leaf: Pick<Leaf, "digest" | "index" | "at" | "kind">,
  statement: Measurement,
): Promise<void> {
  const { protocol, arch, regs, challenge, key } = statement;
  const [signer] = await tx.select().from(keys).where(eq(keys.key, key));
  const rows = countedRuns(statement).map(({ run, part, digest }) => {
    const isOwnPanel = leaf.kind === "result" || part === "fresh";
    return {
      ...{ digest, statement: leaf.digest, protocol, arch, regs, seed: run.seed },
      leaf: leaf.index,
      challenged: challenge !== null && isOwnPanel,
      stands: signer !== undefined && !isVoid(signer, leaf.at),
      contested: false,
    };
  });
  if (rows.length === 0) return;
  const contested = await contestedDigests(tx, rows);
  await tx
    .insert(runCounts)
    .values(rows.map((row) => ({ ...row, contested: contested.has(row.digest) })));
  if (contested.size > 0) await noteClaimants(tx, sql`(${leaf.digest})`);
}

type Listed = Pick<
  typeof runCounts.$inferSelect,
  "digest" | "protocol" | "arch" | "regs" | "seed" | "contested"
>;

/**
 * Digests that are already listed under another protocol, configuration or seed. Either all rows of a digest are
 * contested, or none is and all were listed under the same: so one row is enough to tell.
 */
async function contestedDigests(tx: Transaction, rows: readonly Listed[]): Promise<Set<string>> {
  const digests = JSON.stringify(rows.map(({ digest }) => digest));
  const earlier = rowsOf<Omit<Listed, "seed"> & { seed: string | number }>(
    await tx.execute(sql`
      select one.* from json_array_elements_text(${digests}::json) as asked(digest)
      cross join lateral (
        select digest, protocol, arch, regs, seed, contested
        from ${runCounts} where ${runCounts.digest} = asked.digest limit 1
      ) one`),
  );
  const met = new Map(earlier.map((row) => [row.digest, row]));
  const isContested = (row: Listed) => {
    const other = met.get(row.digest);
    return other !== undefined && (other.contested || placeOf(other) !== placeOf(row));
  };
  const contested = rows.filter(isContested).map(({ digest }) => digest);
  const newly = contested.filter((digest) => !met.get(digest)!.contested);
  if (newly.length > 0)
    await tx.update(runCounts).set({ contested: true }).where(inArray(runCounts.digest, newly));
  return new Set(contested);
}

/** What the counts were listed under, as a key for maps: canonical names hold no spaces. */
function placeOf({
  protocol,
  arch,
  regs,
  seed,
}: Record<"protocol" | "arch" | "regs", string> & { seed: string | number }): string {
  return [protocol, arch, regs, seed].join(" ");
}

/** No other statement can be about it yet, but others may have its counts. */
async function firstStanding(db: Reader, id: string, result: Result): Promise<SettledStanding> {
  const { copyOf, outclaimedBy } = (await sameCountsOf(db, eq(runCounts.statement, id)))(id);
  const reproductions = { agree: 0, disagree: 0, inconclusive: 0 };
  const deciding = {
    isChallenged: result.challenge !== null,
    reproductions,
    supersededBy: null,
    isRetracted: false,
    isQuarantined: false,
    isOutclaimed: outclaimedBy !== null,
  };
  return {
    state: stateOf(deciding),
    reproductions,
    selfReproduced: false,
    ...(await challengeTally(db, result)),
    reason: null,
    supersededBy: null,
    disputedFor: disputesOf(deciding),
    weighs: copyOf === null,
  };
}

/** Null when the id is neither a result's nor a reproduction's. */
export async function entryAbout(
  tx: Transaction,
  id: string,
): Promise<(BoardChange & { id: string }) | null> {
  const reproduced = sql`(select ${reproductions.entry} from ${reproductions} where ${eq(reproductions.id, id)})`;
  const [found] = await tx
    .select({
      id: entries.id,
      protocol: entries.protocol,
      arch: entries.arch,
      regs: entries.regs,
    })
    .from(entries)
    .where(eq(entries.id, sql`coalesce(${reproduced}, ${id})`));
  return found ?? null;
}
