/** @file Dumps of logs of one's own making: whatever stands in them, every hash and signature holds. */

import { type LogKeeper, verifierKeyOf } from "../../db/append-leaf.ts";
import { GrowingTree } from "../../db/dump/restore.ts";
import { canonicalDigest } from "../../record/canonical-json.ts";
import { signCheckpoint } from "../../record/log/checkpoint.ts";
import { type LogEntry, logEntryHash } from "../../record/log/log-proof.ts";
import { freshSeeds } from "../../record/statement/challenge.ts";
import { sealEnvelope } from "../../record/statement/envelope.ts";
import {
  type Statement,
  type StatementKind,
  statementBytes,
  statementId,
} from "../../record/statement/statements.ts";
import { aChallenge, aCommitment, alice, bob } from "./statements.ts";
import { micro } from "./runs.ts";

const keeper: LogKeeper = { origin: "evil.test/1", seed: new Uint8Array(32).fill(66) };
export const AT = "2026-03-01T12:00:00.000Z";
export type Leaf = LogEntry & { body: string };

/** @param names behind the leaves. */
export async function dumpOf(leaves: Leaf[], names: object[] = []): Promise<string[]> {
  const tree = new GrowingTree();
  const written: object[] = [];
  let checkpoint = await signCheckpoint({ ...keeper, size: 0, root: tree.root() }, keeper.seed);
  for (const [index, { kind, digest, body }] of leaves.entries()) {
    tree.append(logEntryHash({ kind, digest }));
    const tip = { origin: keeper.origin, size: index + 1, root: tree.root() };
    checkpoint = await signCheckpoint(tip, keeper.seed);
    written.push({ index, kind, digest, at: AT, checkpoint, body });
  }
  const { origin } = keeper;
  const verifierKey = await verifierKeyOf(keeper);
  const size = leaves.length;
  const head = { rademark: "dump", version: 1, origin, verifierKey, size, checkpoint };
  return [head, ...written, ...names.map((name) => ({ name }))].map((line) => JSON.stringify(line));
}

export async function leaf<Kind extends Exclude<StatementKind, "commitment">>(
  kind: Kind,
  statement: Statement<Kind>,
  holder = alice,
): Promise<Leaf> {
  const digest = statementId(statementBytes(kind, statement));
  return { kind, digest, body: JSON.stringify(await sealEnvelope(kind, statement, [holder.seed])) };
}

export const registration = (at = AT, holder = alice) =>
  leaf("key", { action: "register", key: holder.key, at }, holder);

/** Of a commitment by Alice or Bob. @param count of seeds. */
export const issuedTo = async (
  commitment = aCommitment(),
  count = micro.freshSeeds,
): Promise<Leaf> => {
  const holder = commitment.key === bob.key ? bob : alice;
  const envelope = await sealEnvelope("commitment", commitment, [holder.seed]);
  const { id, nonce } = aChallenge(commitment);
  const seeds = freshSeeds({ id, nonce }, count);
  const challenge = { id, nonce, seeds, issuedAt: AT, expiresAt: "2026-03-15T12:00:00.000Z" };
  const body = JSON.stringify({ challenge, envelope });
  return { kind: "challenge", digest: canonicalDigest(challenge), body };
};

export async function* given(texts: readonly string[]): AsyncGenerator<string> {
  for (const text of texts) yield await Promise.resolve(text);
}
