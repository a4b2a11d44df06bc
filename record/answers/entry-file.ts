/** @file An entry in one file: all that somebody needs to check it with nothing but the log's key. */

import { z } from "zod";
import { ChallengeDocument } from "./documents.ts";
import {
  ConsistencyProof,
  InclusionProof,
  type LogEntry,
  type Receipt,
  openConsistencyProof,
  openInclusionProof,
} from "../log/log-proof.ts";
import {
  type Checkpoint,
  type VerifierKey,
  formatVerifierKey,
  openCheckpoint,
} from "../log/checkpoint.ts";
import { type Outcome, outcome } from "../summary.ts";
import { type Problem, problemText, schemaProblems } from "../problem.ts";
import { type Protocol, protocolId, protocols as published } from "../protocols.ts";
import {
  Envelope,
  type EnvelopeRefusal,
  type OpenedEnvelope,
  openEnvelope,
} from "../statement/envelope.ts";
import type { Measurement, Result } from "../statement/statements.ts";
import { canonicalDigest, canonicalJson } from "../canonical-json.ts";
import { freshSeeds, issuedChallenge } from "../statement/challenge.ts";
import { namesOfCode } from "../custom-code.ts";
import {
  challengeProblems,
  codeOf,
  measurementProblems,
  reproductionProblems,
} from "../statement/result-problems.ts";
import { equalBytes } from "../signature/equal-bytes.ts";

export const EntryFile = z.strictObject({
  rademark: z.literal("entry"),
  version: z.literal(1),
  /** A result's or a reproduction's. */
  envelope: Envelope,
  /** The one that the statement names; null when it names none. */
  challenge: ChallengeDocument.nullable(),
  /** For the challenge's leaf, in the tree of `proof`; null without a challenge. */
  challengeProof: InclusionProof.nullable(),
  /** For the statement's leaf. */
  proof: InclusionProof,
  /** Joins the proof's checkpoint and another one; null without one. */
  consistency: ConsistencyProof.nullable(),
  /** Key of the log that the proofs are about, as in a `vkey` line. */
  verifierKey: z.string().max(400),
});

export type EntryFile = z.infer<typeof EntryFile>;

interface EntryFileOptions {
  /** The log that is trusted: the reader's own, not the file's. */
  log: VerifierKey;
  /** The last tree of that log that was trusted; null when there is none. */
  seen: Tree | null;
  /** Those that are known; the published ones unless given. */
  protocols?: readonly Protocol[];
  /** What a reproduction is about: with it, the verdict is recomputed too. */
  entry?: { id: string; result: Result };
}

/** A statement that can stand in an entry file. */
type FiledStatement = Extract<OpenedEnvelope, { kind: "result" | "reproduction" }>;

export interface CheckedEntryFile {
  /** Did every check pass? */
  ok: boolean;
  /** All of `CHECKS`, in their order; a check that was not reached has not passed. */
  checks: EntryFileCheck[];
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
    return unread([failed("schema", inWords(schemaProblems(parsed.error, file)))]);
  const opened = await openEnvelope(parsed.data.envelope);
  if (!opened.ok) return unread(openingChecks(opened));
  if (opened.kind !== "result" && opened.kind !== "reproduction")
    return unread([signedBy(opened), failed("schema", `A ${opened.kind} is not an entry.`)]);
  return checkStatement(parsed.data, opened, options);
}

function openingChecks(opened: EnvelopeRefusal): EntryFileCheck[] {
  const text = inWords(opened.problems);
  if (opened.fault === "signature") return [failed("signature", text)];
  if (opened.fault === "envelope") return [failed("schema", text)];
  return [passed("signature", "The signature is of these bytes."), failed("schema", text)];
}

function signedBy({ envelope }: OpenedEnvelope): EntryFileCheck {
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

function unread(checks: EntryFileCheck[]): CheckedEntryFile {
  return { ...completed(checks), statement: null, outcome: null, tree: null };
}

/** Checks that were not reached have not passed. */
function completed(made: EntryFileCheck[]): { ok: boolean; checks: EntryFileCheck[] } {
  const reason = made.find(({ ok }) => !ok)?.name ?? "";
  const checks = CHECKS.map(
    (name) =>
      made.find((check) => check.name === name) ?? failed(name, `Not reached: ${reason} failed.`),
  );
  return { ok: checks.every(({ ok }) => ok), checks };
}

/** Size and root of a tree. */
export type Tree = Pick<Checkpoint, "size" | "root">;

/** @returns the check, and the tree that holds the statement once it has passed. */
export async function inclusionCheck(
  entry: LogEntry,
  proof: InclusionProof,
  log: VerifierKey,
): Promise<{ check: EntryFileCheck; tree: Tree | null }> {
  const failure = (text: string) => ({ check: failed("inclusion", text), tree: null });
  if (proof.entry.kind !== entry.kind || proof.entry.digest !== entry.digest)
    return failure(`The proof is about ${proof.entry.kind} ${proof.entry.digest}, not this one.`);
  const opened = await openInclusionProof(proof, log);
  if (!opened.ok) return failure(`${opened.reason}.`);
  const tree = opened.checkpoint;
  const text = `Leaf ${proof.index} of the ${tree.size} that ${log.name} has signed for.`;
  return { check: passed("inclusion", text), tree };
}

/**
 * The proof may lead from what was seen to the file's tree or, for a file older than what was seen since, from
 * the file's tree to what was seen.
 *
 * @param tree that holds the statement.
 * @param seen the last tree of this log that was trusted; null for none, which passes.
 */
export async function consistencyCheck(
  tree: Tree,
  seen: Tree | null,
  proof: ConsistencyProof | null,
  log: VerifierKey,
): Promise<EntryFileCheck> {
  if (seen === null) return passed("consistency", "No checkpoint of this log was seen before.");
  if (isSameTree(tree, seen))
    return passed("consistency", "The checkpoint is the one seen before.");
  if (tree.size === seen.size)
    return failed(
      "consistency",
      `The log has two histories of ${seen.size} ${seen.size === 1 ? "leaf" : "leaves"}.`,
    );
  if (proof === null)
    return failed(
      "consistency",
      `The file lacks the proof that joins ${sizes(tree, seen)} leaves.`,
    );
  const [older, newer] = tree.size > seen.size ? [seen, tree] : [tree, seen];
  const opened = await openConsistencyProof(proof, older, log);
  if (!opened.ok) return failed("consistency", `${opened.reason}.`);
  if (!isSameTree(opened.checkpoint, newer))
    return failed("consistency", `The proof does not lead to the checkpoint of ${newer.size}.`);
  return passed("consistency", `The log only grew between ${sizes(older, newer)} leaves.`);
}

function sizes(a: Tree, b: Tree): string {
  return `${a.size} and ${b.size}`;
}

function isSameTree(a: Tree, b: Tree): boolean {
  return a.size === b.size && equalBytes(a.root, b.root);
}

/** In the order they are made. */
export const CHECKS = [
  /** The bytes are those that the key signed. */
  "signature",
  /** File and statement are complete and hold nothing else. */
  "schema",
  /** The runs are whole runs of the protocol; every aggregate is recomputed from them. */
  "counts",
  /** The seeds follow from a nonce and from a commitment to just this, signed by the same key. */
  "challenge",
  /** The log holds the statement. */
  "inclusion",
  /** That log is the one seen before, grown. */
  "consistency",
] as const;

export type CheckName = (typeof CHECKS)[number];

export interface EntryFileCheck {
  name: CheckName;
  ok: boolean;
  /** One sentence, or one for each problem. */
  text: string;
}

function passed(name: CheckName, text: string): EntryFileCheck {
  return { name, ok: true, text };
}

function failed(name: CheckName, text: string): EntryFileCheck {
  return { name, ok: false, text };
}

function inWords(problems: readonly Problem[]): string {
  return problems.map(problemText).join("; ");
}

/** Null for one that is not known. */
function protocolOf(statement: Measurement, protocols: readonly Protocol[]): Protocol | null {
  return protocols.find((protocol) => protocolId(protocol) === statement.protocol) ?? null;
}

/** @param entry what a reproduction is about, where the reader has it; its verdict is recomputed then. */
export function countsCheck(
  filed: FiledStatement,
  challenge: ChallengeDocument | null,
  protocol: Protocol | null,
  entry: { id: string; result: Result } | null,
): { check: EntryFileCheck; outcome: Outcome | null } {
  const { statement } = filed;
  const failure = (text: string) => ({ check: failed("counts", text), outcome: null });
  if (protocol === null) return failure(`Protocol ${statement.protocol} is not known here.`);
  const problems = allProblems(filed, protocol, entry);
  const [first, ...rest] = [...statement.panel, ...statement.fresh];
  if (problems.length > 0) return failure(inWords(problems));
  if (!first) return failure("There are no runs.");
  const isOpen = filed.kind === "reproduction" && entry === null;
  const text =
    `${1 + rest.length} whole runs of ${protocol.name}; every aggregate is recomputed` +
    (isOpen ? ", but for the verdict, which the entry's own file is needed for." : ".") +
    sourceWords(statement);
  return { check: passed("counts", text), outcome: outcome([first, ...rest], protocol) };
}

/** A name that is not its source's is a problem of the configuration, reported before this. */
function sourceWords(statement: Measurement): string {
  const { arch, regs } = statement;
  const names = namesOfCode({ arch, regs, ...codeOf(statement) });
  return names
    .map(({ name, digest }) => ` ${name} is the name of the source in it, SHA-256 ${digest}.`)
    .join("");
}

/** All problems except those that the challenge's check reports. */
function allProblems(
  filed: FiledStatement,
  protocol: Protocol,
  entry: { id: string; result: Result } | null,
): Problem[] {
  const { statement } = filed;
  const reproduces = filed.kind === "reproduction" ? filed.statement.entry : null;
  return filed.kind === "reproduction" && entry !== null
    ? reproductionProblems(filed.statement, entry, protocol, "apart")
    : measurementProblems(statement, protocol, "apart", reproduces);
}

interface Challenged {
  id: string;
  statement: Measurement;
  /** Id of the entry that a reproduction is about; null for a result. */
  reproduces: string | null;
  /** For the statement's leaf. */
  proof: InclusionProof;
}

/** What the file holds of a challenge; both null when the statement names none. */
interface FiledChallenge {
  document: ChallengeDocument | null;
  proof: InclusionProof | null;
}

/** What seeds and commitment break; also part of `measurementProblems`. */
function seedProblems(
  { statement, reproduces }: Pick<Challenged, "statement" | "reproduces">,
  document: ChallengeDocument | null,
  protocol: Protocol,
): Problem[] {
  return challengeProblems(statement, protocol, issuedChallenge(document), reproduces);
}

async function challengeCheck(
  challenged: Challenged,
  { document, proof }: FiledChallenge,
  protocol: Protocol,
  log: VerifierKey,
): Promise<EntryFileCheck> {
  const problems = seedProblems(challenged, document, protocol);
  if (problems.length > 0) return failed("challenge", inWords(problems));
  if (challenged.statement.challenge === null && challenged.reproduces !== null)
    return failed("challenge", "A reproduction needs a challenge: only fresh runs count.");
  if (challenged.statement.challenge === null)
    return document === null && proof === null
      ? passed("challenge", "No challenge: the seeds are the panel's alone, known to everybody.")
      : failed("challenge", "The file holds a challenge that the statement does not name.");
  const reason =
    documentFault(document!, challenged, protocol) ??
    (await commitmentFault(document!)) ??
    (await orderFault(document!, proof, challenged, log));
  const { length } = challenged.statement.fresh;
  return reason === null
    ? passed("challenge", `${length} fresh seeds follow from the commitment and the nonce.`)
    : failed("challenge", reason);
}

function documentFault(
  { challenge, outcome }: ChallengeDocument,
  { id }: Challenged,
  protocol: Protocol,
): string | null {
  const seeds = freshSeeds(challenge, protocol.freshSeeds);
  if (seeds.join() !== challenge.seeds.join()) return "The challenge lists seeds not its own.";
  const isAnother = outcome !== null && outcome.challenge !== challenge.id;
  if (isAnother) return "The outcome is another challenge's.";
  if (outcome !== null && (outcome.outcome !== "completed" || outcome.statement !== id))
    return `The challenge ended otherwise: ${outcome.outcome}.`;
  return null;
}

/** The commitment is the signed one, and its id is the challenge's. */
async function commitmentFault(document: ChallengeDocument): Promise<string | null> {
  const opened = await openEnvelope(document.envelope);
  if (!opened.ok) return `The commitment's envelope does not open: ${inWords(opened.problems)}`;
  const isThis =
    opened.kind === "commitment" &&
    opened.id === document.challenge.id &&
    canonicalJson(opened.statement) === canonicalJson(document.commitment);
  return isThis ? null : "The commitment is not the one that was signed.";
}

/** Committed first: its leaf stands before the statement's, in the one tree that holds both. */
async function orderFault(
  { challenge, receipt }: ChallengeDocument,
  proof: InclusionProof | null,
  challenged: Challenged,
  log: VerifierKey,
): Promise<string | null> {
  if (receipt.id !== challenge.id) return "The receipt is not the challenge's.";
  if (proof === null) return "The proof that the log holds the challenge is missing.";
  const { kind, digest } = proof.entry;
  if (kind !== "challenge" || digest !== canonicalDigest(challenge))
    return `The challenge's proof is about ${kind} ${digest}, not this one.`;
  if (proof.index !== receipt.index)
    return `The challenge is leaf ${proof.index}, not ${receipt.index} as its receipt says.`;
  if (proof.index >= challenged.proof.index)
    return "The log holds the challenge no earlier than the statement.";
  return (await receiptFault(receipt, log)) ?? (await treeFault(proof, challenged, log));
}

/** What is wrong with the challenge's receipt, whose tree must have held the challenge from the start. */
async function receiptFault({ index, checkpoint }: Receipt, log: VerifierKey) {
  const opened = await openCheckpoint(checkpoint, log);
  if (!opened.ok) return `The challenge's receipt: ${opened.reason}.`;
  const isHeld = index < opened.checkpoint.size;
  return isHeld ? null : "The challenge's receipt is of a tree that is too small for its leaf.";
}

/** Places in two histories would say nothing about which came first. */
async function treeFault(proof: InclusionProof, challenged: Challenged, log: VerifierKey) {
  const opened = await openInclusionProof(proof, log);
  if (!opened.ok) return `The challenge's proof: ${opened.reason}.`;
  const statements = await openCheckpoint(challenged.proof.checkpoint, log);
  const isSame = statements.ok && isSameTree(opened.checkpoint, statements.checkpoint);
  return isSame ? null : "The challenge's proof is of another tree than the statement's.";
}
