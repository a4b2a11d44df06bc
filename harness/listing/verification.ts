/** @file Every check of a statement that can be made on this machine, wherever the statement comes from. */

import {
  type ChallengeDocument,
  type EntryDocument,
  StatementDocument,
  type StatementFile,
} from "../../record/answers/documents.ts";
import {
  CHECKS,
  type EntryFile,
  consistencyCheck,
  countsCheck,
  inclusionCheck,
  verifyEntryFile,
} from "../../record/answers/entry-file.ts";
import type { Outcome } from "../../record/summary.ts";
import type { Effects } from "../effects.ts";
import type { Client } from "./client.ts";
import { type Finding, type Verification, failed, findingOf, passed, skipped } from "./finding.ts";
import { consistencyFinding, treeOf, trustLog } from "./log-trust.ts";
import { type StatementDownload, statementPath } from "./statement-download.ts";
import {
  type EnvelopeRefusal,
  type Opened,
  type OpenedEnvelope,
  openEnvelope,
} from "../../record/statement/envelope.ts";
import { problemText } from "../../record/problem.ts";
import { type Protocol, protocolId, protocols } from "../../record/protocols.ts";
import type { Commitment, KeyStatement, Retraction } from "../../record/statement/statements.ts";
import { canonicalDigest } from "../../record/canonical-json.ts";
import type { LogEntry } from "../../record/log/log-proof.ts";
import { isAnswerTo } from "./challenge-taking.ts";

/** Where an entry comes from, and what its server says about it. */
type Origin = ({ client: Client } & Pick<StatementDownload, "document" | "entry">) | null;

/** Checks an entry file and, if its server is at hand, the log since then and the server's own numbers. */
export async function verifyEntry(
  file: EntryFile,
  origin: Origin,
  effects: Pick<Effects, "env" | "now">,
): Promise<Verification> {
  const { finding, log, known } = trustLog(file.verifierKey, origin ? "server" : "file", effects);
  if (log === null) return verifyEnvelope(file.envelope, finding);
  const seen = known && treeOf(known);
  const entry = origin?.entry ?? null;
  const options = { log, seen, ...(entry && { entry }) };
  const { checks, statement, outcome, tree } = await verifyEntryFile(file, options);
  const made = checks.filter(({ name }) => name !== "consistency").map(findingOf);
  const offline = findingOf(checks.find(({ name }) => name === "consistency")!);
  const place = { tree, known, isJoined: file.consistency !== null, offline };
  const consistency = await consistencyFinding(origin && origin.client, log, place, effects);
  const summary = origin?.document ? [summaryFinding(origin.document, outcome)] : [];
  return {
    findings: [...made.slice(0, 4), ...summary, finding, ...made.slice(4), consistency],
    id: statement?.id ?? null,
    kind: statement?.kind ?? null,
    says: statement && statementText(statement),
    outcome,
  };
}

/** Does the server show the numbers that follow from the counts? */
function summaryFinding({ summary }: EntryDocument, outcome: Outcome | null): Finding {
  if (outcome === null) return skipped("summary", "Not reached: the counts are not valid.");
  const isSame = isClose(summary, outcome.summary);
  return isSame
    ? passed("summary", "The server shows the numbers that follow from the counts.")
    : failed("summary", "The server shows numbers that do not follow from the counts.");
}

/** @param log what is known of its log, where that is worth a line. */
export async function verifyEnvelope(value: unknown, log?: Finding): Promise<Verification> {
  const opened = await openEnvelope(value);
  if (!opened.ok) return unopened(opened);
  const { kind, id } = opened;
  const isMeasured = kind === "result" || kind === "reproduction";
  const { check, outcome } = isMeasured
    ? countsCheck(opened, null, publishedProtocol(opened.statement.protocol), null)
    : { check: null, outcome: null };
  const missing = CHECKS.slice(isMeasured || kind === "commitment" ? 3 : 4).map((name) =>
    skipped(name, "The file holds only the statement."),
  );
  const findings = [
    ...openedFindings(opened),
    ...(check ? [findingOf(check)] : []),
    ...(log ? [log] : missing),
  ];
  return { findings, id, kind, says: statementText(opened), outcome };
}

function openedFindings({ kind, envelope }: OpenedEnvelope): Finding[] {
  const signers = envelope.signatures.map(({ keyid }) => keyid).join(" and ");
  const what = kind === "key" ? "key statement" : kind;
  return [
    passed("signature", `Signed by ${signers}.`),
    passed("schema", `A ${what}, complete, with nothing beside it.`),
  ];
}

/** Nothing further can be said about it. */
function unopened({ fault, problems }: EnvelopeRefusal): Verification {
  const text = problems.map(problemText).join("; ");
  const name = fault === "signature" ? "signature" : "schema";
  return { findings: [failed(name, text)], id: null, kind: null, says: null, outcome: null };
}

/** What a statement says, in one sentence; null where its numbers say it. */
function statementText(opened: OpenedEnvelope): string | null {
  switch (opened.kind) {
    case "result":
      return opened.statement.supersedes && `It replaces entry ${opened.statement.supersedes}.`;
    case "reproduction":
      return `It measures entry ${opened.statement.entry} again, and says: ${opened.statement.verdict}.`;
    case "retraction":
      return `It takes back ${opened.statement.statement}: ${opened.statement.reason}`;
    case "moderation": {
      const { action, subject, reason, at } = opened.statement;
      return `It decides on ${subject} at ${at}, ${action}: ${reason}`;
    }
    case "key":
      return keyText(opened.statement);
    case "commitment":
      return commitmentText(opened.statement);
  }
}

/** How a challenge ended, as far as its server says. */
function outcomeText({ challenge, outcome }: ChallengeDocument): string {
  if (outcome === null) return `Its challenge is open until ${challenge.expiresAt}.`;
  const { at, statement, reason } = outcome;
  if (outcome.outcome === "expired") return `Its challenge expired at ${at}.`;
  if (outcome.outcome === "completed")
    return `Its challenge was completed at ${at} by ${statement}.`;
  return `Its challenge was given up at ${at} by ${statement}: ${reason}`;
}

function keyText(statement: KeyStatement): string {
  const { action, key, at } = statement;
  if (action === "register") return `It registers key ${key}, at ${at}.`;
  if (action === "rotate") return `It replaces key ${key} by ${statement.next}, at ${at}.`;
  if (action === "revoke")
    return `It revokes key ${key} from ${statement.from} on: ${statement.reason}`;
  return `It sets or removes the display name of key ${key}, at ${at}.`;
}

function commitmentText({ arch, regs, protocol, reproduces }: Commitment): string {
  const name = publishedProtocol(protocol)?.name ?? protocol;
  const about = reproduces === null ? "" : `, to reproduce entry ${reproduces}`;
  return `It commits to ${arch} ${regs} on ${name}${about}.`;
}

const ROUNDING = 1e-9;

/** Are two documents the same except for the last bits of their numbers, which machines may compute differently? */
function isClose(a: unknown, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number")
    return Math.abs(a - b) <= ROUNDING * Math.max(1, Math.abs(a), Math.abs(b));
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), b as Record<string, unknown>];
  if (left.length !== Object.keys(right).length) return false;
  return left.every(([key, value]) => Object.hasOwn(right, key) && isClose(value, right[key]));
}

/** The protocol with this id, if this version knows it. */
export function publishedProtocol(id: string): Protocol | null {
  return Object.values(protocols).find((protocol) => protocolId(protocol) === id) ?? null;
}

/** A statement that is neither a result nor a reproduction. */
type Unmeasured = Exclude<OpenedEnvelope, { kind: "result" | "reproduction" }>;

/** Empty for statements that any key may make. @param client null without a network. */
async function rightFinding(opened: Unmeasured, client: Client | null): Promise<Finding[]> {
  if (opened.kind === "moderation")
    return [skipped("right", "Only the server knows which keys are its operators'.")];
  if (opened.kind !== "retraction") return [];
  if (client === null)
    return [skipped("right", "Whether it takes back a statement of the same key: give the id.")];
  return [await retractionFinding(opened.statement, client)];
}

async function retractionFinding({ statement, key }: Retraction, client: Client): Promise<Finding> {
  const given = await client.get(statementPath(statement), StatementDocument);
  const subject = await openEnvelope(given.envelope);
  if (!subject.ok || subject.id !== statement)
    return failed("right", `The server gave something else for ${statement}.`);
  if (subject.statement.key === key)
    return passed("right", `The ${subject.kind} that it takes back is signed by the same key.`);
  const text = `The ${subject.kind} is signed by key ${subject.statement.key}, which this one must have replaced.`;
  return skipped("right", text);
}

/** @param client of the file's server; null without a network. */
export async function verifyStatement(
  file: StatementFile,
  client: Client | null,
  effects: Pick<Effects, "env" | "now">,
): Promise<Verification> {
  const { finding, log, known } = trustLog(file.verifierKey, client ? "server" : "file", effects);
  if (log === null) return verifyEnvelope(file.envelope, finding);
  const opened = await openEnvelope(file.envelope);
  if (!opened.ok) return unopened(opened);
  if (opened.kind === "result" || opened.kind === "reproduction") return misplaced(opened);
  const challenge = challengeFindings(opened, file);
  const leaf = leafOf(opened, file);
  const { check, tree } = await inclusionCheck(leaf, file.proof, log);
  const seen = known && treeOf(known);
  const offline = findingOf(await consistencyCheck(tree ?? NO_TREE, seen, file.consistency, log));
  const place = { tree, known, isJoined: file.consistency !== null, offline };
  const consistency = await consistencyFinding(client, log, place, effects);
  const right = await rightFinding(opened, client);
  const logged = [finding, findingOf(check), consistency];
  const { kind } = leaf;
  return {
    findings: [...openedFindings(opened), ...challenge, ...right, ...logged],
    id: kind === "outcome" ? leaf.digest : opened.id,
    kind,
    says: [statementText(opened), file.challenge && outcomeText(file.challenge)]
      .filter(Boolean)
      .join(" "),
    outcome: null,
  };
}

/** Its check is not looked at: there is no tree then. */
const NO_TREE = { size: 0, root: new Uint8Array() };

/** A measurement also has counts and seeds to check, for which only an entry file has room. */
function misplaced({ kind }: OpenedEnvelope): Verification {
  const text = `A ${kind} stands in an entry file; export it again.`;
  const nothing = { id: null, kind: null, says: null, outcome: null };
  return { findings: [failed("schema", text)], ...nothing };
}

/** What the log holds: for a commitment its challenge, or how that ended, as the server wrote it. */
function leafOf({ kind, id }: Unmeasured, { challenge, proof }: StatementFile): LogEntry {
  if (kind !== "commitment") return { kind, digest: id };
  const ended = proof.entry.kind === "outcome" ? challenge?.outcome : null;
  return ended
    ? { kind: "outcome", digest: canonicalDigest(ended) }
    : { kind: "challenge", digest: canonicalDigest(challenge?.challenge ?? null) };
}

function challengeFindings(opened: Unmeasured, { challenge }: StatementFile): Finding[] {
  const isCommitment = opened.kind === "commitment";
  if (challenge === null)
    return isCommitment ? [failed("challenge", "The challenge that answers it is missing.")] : [];
  if (!isCommitment) return [failed("challenge", "It names none, but there is one beside it.")];
  return [challengeFinding(opened, challenge)];
}

function challengeFinding(
  commitment: Opened<"commitment">,
  document: NonNullable<StatementFile["challenge"]>,
): Finding {
  const { challenge, outcome } = document;
  const { protocol } = commitment.statement;
  const count = publishedProtocol(protocol)?.freshSeeds ?? challenge.seeds.length;
  if (!isAnswerTo(commitment, document, count))
    return failed("challenge", "It does not follow from this commitment and its own nonce.");
  if (outcome !== null && outcome.challenge !== challenge.id)
    return failed("challenge", "The outcome is another challenge's.");
  return passed("challenge", `${count} fresh seeds follow from the commitment and the nonce.`);
}
