/** @file An entry in one file: all that somebody needs to check it with nothing but the log's key. */

import { z } from "zod";
import { ChallengeDocument } from "./documents/challenge-document.ts";
import { challengeCheck } from "./entry-file/challenge-check.ts";
import { CHECKS, failed, passed, problemText, type Check } from "./entry-file/check.ts";
import { countsCheck, protocolOf } from "./entry-file/counts-check.ts";
import { consistencyCheck, inclusionCheck, type Tree } from "./entry-file/log-checks.ts";
import { ConsistencyProof, InclusionProof } from "./log/log-proof.ts";
import { formatVerifierKey, type VerifierKey } from "./log/verifier-key.ts";
import type { Outcome } from "./outcome.ts";
import { schemaFaults } from "./problem.ts";
import type { Protocol } from "./protocol.ts";
import { protocols as published } from "./protocols.ts";
import { Envelope } from "./statement/envelope.ts";
import {
  openEnvelope,
  type EnvelopeRefusal,
  type OpenedEnvelope,
} from "./statement/opened-envelope.ts";
import type { Result } from "./statement/result.ts";

export const EntryFile = z.strictObject({
  rademark: z.literal("entry"),
  version: z.literal(1),
  /** A result's or a reproduction's. */
  envelope: Envelope,
  /** The one that the statement names; null when it names none. */
  challenge: ChallengeDocument.nullable(),
  /** Of the challenge's leaf, in the tree of `proof`; null without a challenge. */
  challengeProof: InclusionProof.nullable(),
  /** Of the statement's leaf. */
  proof: InclusionProof,
  /** Between the proof's checkpoint and another one; null without one. */
  consistency: ConsistencyProof.nullable(),
  /** Of the log that the proofs are of, as in a `vkey` line. */
  verifierKey: z.string().max(400),
});
export type EntryFile = z.infer<typeof EntryFile>;

export interface EntryFileOptions {
  /** The log that is trusted: the reader's own, not the file's. */
  log: VerifierKey;
  /** The last tree of it that was trusted; null when there is none. */
  seen: Tree | null;
  /** Those that are known; the published ones unless given. */
  protocols?: readonly Protocol[];
  /** What a reproduction is about: with it, the verdict is recomputed too. */
  entry?: { id: string; result: Result };
}

/** A statement that can stand in an entry file. */
export type FiledStatement = Extract<OpenedEnvelope, { kind: "result" | "reproduction" }>;

export interface CheckedEntryFile {
  /** Did every check pass? */
  ok: boolean;
  /** All of `CHECKS`, in their order; one that another stood in the way of has not passed. */
  checks: Check[];
  /** Null until signature and schema have passed. */
  statement: FiledStatement | null;
  /** Recomputed from the counts, over panel and fresh runs alike; null until they have passed. */
  outcome: Outcome | null;
  /** The tree that holds the statement, to be remembered as seen when all is well; null until it is proved. */
  tree: Tree | null;
}

/** Checks a file (a value that the strict reader has read) without a network; never throws for a bad one. */
export async function verifyEntryFile(
  file: unknown,
  options: EntryFileOptions,
): Promise<CheckedEntryFile> {
  const parsed = EntryFile.safeParse(file);
  if (!parsed.success)
    return unread([failed("schema", problemText(schemaFaults(parsed.error, file)))]);
  const opened = await openEnvelope(parsed.data.envelope);
  if (!opened.ok) return unread(openingChecks(opened));
  if (opened.kind !== "result" && opened.kind !== "reproduction")
    return unread([signedBy(opened), failed("schema", `A ${opened.kind} is not an entry.`)]);
  return checkStatement(parsed.data, opened, options);
}

function openingChecks(opened: EnvelopeRefusal): Check[] {
  const text = problemText(opened.problems);
  if (opened.fault === "signature") return [failed("signature", text)];
  if (opened.fault === "envelope") return [failed("schema", text)];
  return [passed("signature", "The signature is of these bytes."), failed("schema", text)];
}

function signedBy({ envelope }: OpenedEnvelope): Check {
  return passed("signature", `Signed by ${envelope.signatures.map(({ keyid }) => keyid).join()}.`);
}

async function checkStatement(
  file: EntryFile,
  opened: FiledStatement,
  { log, seen, protocols = Object.values(published), entry }: EntryFileOptions,
): Promise<CheckedEntryFile> {
  const { statement, id, kind } = opened;
  const protocol = protocolOf(statement, protocols);
  const counts = countsCheck(opened, file.challenge, protocol, entry ?? null);
  const reproduces = "entry" in statement ? statement.entry : null;
  const challenged = { id, statement, reproduces, proof: file.proof };
  const filed = { document: file.challenge, proof: file.challengeProof };
  const included = await logCheck(file, { kind, digest: id }, log);
  const { tree } = included;
  const checks = [
    signedBy(opened),
    passed("schema", `A ${kind}, complete, with nothing beside it.`),
    counts.check,
    ...(protocol ? [await challengeCheck(challenged, filed, protocol, log)] : []),
    included.check,
    ...(tree ? [await consistencyCheck(tree, seen, file.consistency, log)] : []),
  ];
  return { ...completed(checks), statement: opened, outcome: counts.outcome, tree };
}

function logCheck(
  { verifierKey, proof }: EntryFile,
  entry: Parameters<typeof inclusionCheck>[0],
  log: VerifierKey,
) {
  if (verifierKey === formatVerifierKey(log)) return inclusionCheck(entry, proof, log);
  const text = `The file is of another log, ${verifierKey}; known is ${formatVerifierKey(log)}.`;
  return Promise.resolve({ check: failed("inclusion", text), tree: null });
}

function unread(checks: Check[]): CheckedEntryFile {
  return { ...completed(checks), statement: null, outcome: null, tree: null };
}

/** What was not reached has not passed. */
function completed(made: Check[]): { ok: boolean; checks: Check[] } {
  const reason = made.find(({ ok }) => !ok)?.name ?? "";
  const checks = CHECKS.map(
    (name) =>
      made.find((check) => check.name === name) ?? failed(name, `Not reached: ${reason} failed.`),
  );
  return { ok: checks.every(({ ok }) => ok), checks };
}
