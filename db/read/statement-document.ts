/** @file What stands behind a leaf: the signed envelope, and the challenge that it is about. */

import { canonicalDigest } from "../../record/canonical-json.ts";
import type {
  ChallengeDocument,
  StatementDocument,
} from "../../record/documents/entry-document.ts";
import type { Leaf } from "../append-leaf.ts";
import type { Reader } from "../db.ts";
import { challengeIn, envelopeIn, outcomeIn, statementOf } from "../index/leaf-body.ts";
import { findChallenge } from "./challenge-document.ts";
import { findStatementLeaf } from "./find-leaf.ts";

type Place = Pick<Leaf, "kind" | "digest" | "index">;
type Stored = Pick<StatementDocument, "envelope" | "challenge"> & {
  leaf: Leaf;
  /** Of the challenge that a measurement names; null of all else. */
  challengeLeaf: Place | null;
};

/** @param id of a statement, a commitment's too, or a leaf's digest. */
export async function findStatement(db: Reader, id: string): Promise<Stored | null> {
  const leaf = await findStatementLeaf(db, id);
  if (leaf === null) return null;
  const named = challengeNamedBy(leaf);
  const challenge = named === null ? null : await findChallenge(db, named);
  const isServers = leaf.kind === "challenge" || leaf.kind === "outcome";
  const envelope = isServers ? challenge!.envelope : envelopeIn(leaf);
  return { leaf, challenge, envelope, challengeLeaf: isServers ? null : placeOf(challenge) };
}

function placeOf(document: ChallengeDocument | null): Place | null {
  if (document === null) return null;
  const { challenge, receipt } = document;
  return { kind: "challenge", digest: canonicalDigest(challenge), index: receipt.index };
}

function challengeNamedBy(leaf: Leaf): string | null {
  if (leaf.kind === "challenge") return challengeIn(leaf).challenge.id;
  if (leaf.kind === "outcome") return outcomeIn(leaf).challenge;
  if (leaf.kind !== "result" && leaf.kind !== "reproduction") return null;
  return statementOf(leaf.kind, envelopeIn(leaf)).challenge;
}
