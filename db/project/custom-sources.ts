/** @file Whose name it is: the first source that a statement shows under a custom name keeps it (trust.md section 2). */

import { and, asc, eq, gt, isNotNull, isNull } from "drizzle-orm";
import { type CodeMember, type CustomCode, namesOfCode } from "../../record/custom-code.ts";
import type { Leaf } from "../append-leaf.ts";
import type { Reader, Transaction } from "../db.ts";
import { challenges, customSources } from "../schema.ts";

/** A configuration with the digests of its code. */
type Configured = { arch: string; regs: string } & CustomCode;

/**
 * Writes what a statement says of names: a commitment's digests, until a source is shown, or the first source shown.
 *
 * @param challenge the commitment's; null for a result or a reproduction, which shows its sources.
 */
export async function noteSources(
  tx: Transaction,
  { index }: Pick<Leaf, "index">,
  configured: Configured,
  challenge: string | null,
): Promise<void> {
  for (const { kind, name, digest } of namesOfCode(configured)) {
    if ((await shownSource(tx, kind, name)) !== null) continue;
    await tx.insert(customSources).values({ kind, name, leaf: index, digest, challenge });
  }
}

/** A name that stands for another source here. */
export interface TakenName {
  member: CodeMember;
  name: string;
  /** SHA-256 of the source that it stands for. */
  digest: string;
  /** Until then it only may come to stand for it, by an open challenge; null: it does, for good. */
  until: Date | null;
}

/**
 * Names of the configuration that another source has, in whatever protocol. What was shown keeps its name whatever
 * becomes of the statement that showed it; an open challenge keeps it until it ends, as its digest may be of no source.
 */
export async function takenNames(
  db: Reader,
  configured: Configured,
  at: Date,
): Promise<TakenName[]> {
  const taken: TakenName[] = [];
  for (const { kind, member, name, digest } of namesOfCode(configured)) {
    const shown = await shownSource(db, kind, name);
    const holder =
      shown === null
        ? await committedSource(db, kind, name, at)
        : { digest: shown, expiresAt: null };
    if (holder === null || holder.digest === digest) continue;
    taken.push({ member, name, digest: holder.digest, until: holder.expiresAt });
  }
  return taken;
}

type Kind = (typeof customSources.$inferSelect)["kind"];

/** Null while no statement shows one. */
async function shownSource(db: Reader, kind: Kind, name: string): Promise<string | null> {
  const { digest, challenge } = customSources;
  const [shown] = await db
    .select({ digest })
    .from(customSources)
    .where(and(isNamed(kind, name), isNull(challenge)))
    .limit(1);
  return shown?.digest ?? null;
}

/** That of the first challenge which is open. */
async function committedSource(db: Reader, kind: Kind, name: string, at: Date) {
  const { digest, challenge, leaf } = customSources;
  const { expiresAt } = challenges;
  const [first] = await db
    .select({ digest, expiresAt })
    .from(customSources)
    .innerJoin(challenges, eq(challenges.id, challenge))
    .where(
      and(isNamed(kind, name), isNotNull(challenge), isNull(challenges.outcome), gt(expiresAt, at)),
    )
    .orderBy(asc(leaf))
    .limit(1);
  return first ?? null;
}

function isNamed(kind: Kind, name: string) {
  return and(eq(customSources.kind, kind), eq(customSources.name, name));
}
