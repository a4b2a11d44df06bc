/** @file Restores a dump into an empty database, verifying everything in it. */

import { utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { and, eq, gte } from "drizzle-orm";
import { type Leaf, type LogKeeper, lockLog, logSize } from "../append-leaf.ts";
import { refreshBoards } from "../board/refresh-boards.ts";
import { type Db, OperatorError, type Reader, type Transaction } from "../db.ts";
import { keyNames, keys, leaves, logNodes, moderations } from "../schema.ts";
import { canonicalDigest } from "../../record/canonical-json.ts";
import { ChallengeOutcome } from "../../record/answers/documents.ts";
import {
  Challenge,
  type IssuedChallenge,
  freshSeeds,
  issuedChallenge,
} from "../../record/statement/challenge.ts";
import { openEnvelope, readEnvelope } from "../../record/statement/envelope.ts";
import { readStrictJson } from "../../record/strict-json.ts";
import { DumpHeader, DumpLeaf, DumpName } from "../../record/log/dump-lines.ts";
import { type TreeNode, completedNodes, treeRoot } from "../../record/log/merkle-tree.ts";
import { displayNameProblems } from "../../record/statement/display-name.ts";
import { equalBytes } from "../../record/signature/equal-bytes.ts";
import {
  type VerifierKey,
  openCheckpoint,
  parseVerifierKey,
  signCheckpoint,
} from "../../record/log/checkpoint.ts";
import { logEntryHash } from "../../record/log/log-proof.ts";
import { isUnavailable } from "../stores/unavailable.ts";
import { indexLeaf } from "../project/index-leaf.ts";
import {
  type Problem,
  RecordError,
  problemAt,
  problemLine,
  problemText,
} from "../../record/problem.ts";
import { findProtocol } from "../../record/protocols.ts";
import type { Result } from "../../record/statement/statements.ts";
import {
  codeOf,
  configurationProblems,
  harnessProblems,
  reproductionProblems,
  resultProblems,
} from "../../record/statement/result-problems.ts";
import {
  WithheldBody,
  challengeIn,
  statementIn,
  statementOf,
  storedResult,
  withheldIn,
} from "../project/leaf-body.ts";
import { decisionsOn } from "../project/standings.ts";
import { takenNames } from "../project/custom-sources.ts";
import { findChallenge } from "../read/challenge-document.ts";

/**
 * Reads a dump line by line and checks digests, signatures, the rules of every statement, and the root in every
 * checkpoint. Restores all of it or nothing.
 *
 * The times at which leaves arrived are not signed, so the dump is trusted with them.
 *
 * @param reader who will have the log. @throws OperatorError naming the line at fault, and for a database that is not empty.
 */
export function restore(
  db: Db,
  lines: AsyncIterable<string>,
  reader: RestoredFor,
): Promise<Restored> {
  return db.transaction(async (tx) => {
    await lockLog(tx);
    if ((await logSize(tx)) > 0 || (await tx.$count(keyNames)) > 0)
      throw new OperatorError("the database is not empty: restore into a fresh one.");
    const restoration = new Restoration(tx, reader);
    try {
      for await (const line of lines) await restoration.take(line);
      const restored = await restoration.finish();
      await refreshBoards(tx);
      return restored;
    } catch (error) {
      throw restoration.explained(error);
    }
  });
}

/**
 * Null: whoever reads it alone, under the key that the dump names. A key's text: whoever goes on with the log, which must
 * be signed by it. A keeper: whoever begins a log of their own with these leaves, at the times that they had, and signs
 * for them. Nothing may be withheld where the log goes on, as names of sources would be forgotten.
 */
type RestoredFor = string | LogKeeper | null;

interface Restored {
  leaves: number;
  /** Root of the whole log. */
  root: Uint8Array;
  /** Leaves of which the dump holds the digest alone. */
  withheld: number;
}

/** A Merkle tree that only grows: it remembers the roots that its next leaf may need. */
export class GrowingTree {
  /** At most one complete subtree of each level: those that `treeRoot` combines. */
  readonly #roots = new Map<number, HashedNode>();
  #size = 0;

  /** @returns the subtrees that the leaf completes. */
  append(leaf: Uint8Array): HashedNode[] {
    const nodes = completedNodes(this.#size++, leaf, this.#find);
    for (const { level } of nodes.slice(0, -1)) this.#roots.delete(level);
    const last = nodes.at(-1)!;
    this.#roots.set(last.level, last);
    return nodes;
  }

  /** 32 bytes. */
  root(): Uint8Array {
    return treeRoot(this.#size, this.#find);
  }

  readonly #find = ({ level, index }: TreeNode): Uint8Array => {
    const node = this.#roots.get(level);
    if (node?.index !== index) throw new Error(`no hash at level ${level}, index ${index}`);
    return node.hash;
  };
}

/** A dump on its way into the tables, each line verified against those before it, while the log is locked. */
class Restoration {
  readonly #tx: Transaction;
  readonly #reader: RestoredFor;
  readonly #tree = new GrowingTree();
  #log: { header: DumpHeader; key: VerifierKey } | null = null;
  readonly #withheld: { leaf: Pick<Leaf, "index" | "kind" | "digest">; subject: string }[] = [];
  #line = 0;
  #leaves = 0;

  constructor(tx: Transaction, reader: RestoredFor) {
    this.#tx = tx;
    this.#reader = reader;
  }

  async take(text: string): Promise<void> {
    this.#line++;
    if (text === "") return;
    const value = this.#read(text);
    if (this.#log === null) return this.#begin(value);
    const name = DumpName.safeParse(value);
    if (name.success) return this.#takeName(name.data);
    const leaf = DumpLeaf.safeParse(value);
    if (!leaf.success) throw this.#fault("neither a leaf nor a name");
    await this.#takeLeaf(leaf.data, this.#log.key);
  }

  async finish(): Promise<Restored> {
    if (this.#log === null) throw this.#fault("the dump is empty");
    const { header, key } = this.#log;
    if (header.size !== this.#leaves)
      throw this.#fault(`the header promises ${header.size} leaves, ${this.#leaves} are here`);
    await this.#checkCheckpoint(header.checkpoint, key);
    await this.#checkWithheld();
    return { leaves: this.#leaves, root: this.#tree.root(), withheld: this.#withheld.length };
  }

  #begin(value: unknown): void {
    const header = DumpHeader.safeParse(value);
    const key = header.success ? parseVerifierKey(header.data.verifierKey) : null;
    if (!header.success || key === null || key.name !== header.data.origin)
      throw this.#fault("no dump of rademark, version 1");
    const expected = this.#reader;
    if (typeof expected === "string" && expected !== header.data.verifierKey)
      throw this.#fault(`signed by ${header.data.verifierKey}, not by ${expected}`);
    this.#log = { header: header.data, key };
  }

  /**
   * Otherwise any statement could be left out of a dump. A result is withheld for a quarantine of its own, a
   * reproduction also for that of a result that is withheld; which it reproduces, its digest does not tell.
   */
  async #checkWithheld(): Promise<void> {
    const results = new Set(
      this.#withheld.filter(({ leaf }) => leaf.kind === "result").map(({ leaf }) => leaf.digest),
    );
    for (const { leaf, subject } of this.#withheld) {
      const { index, kind, digest } = leaf;
      if (subject !== digest && (kind === "result" || !results.has(subject)))
        throw this.#fault(`leaf ${index} is withheld for another statement's sake, ${subject}`);
      const { quarantine } = (await decisionsOn(this.#tx, [subject]))(subject);
      if (quarantine === null)
        throw this.#fault(`leaf ${index} is withheld, but ${subject} is not quarantined`);
    }
  }

  async #takeLeaf(dumped: DumpLeaf, key: VerifierKey): Promise<void> {
    const { index, kind, digest, checkpoint, body } = dumped;
    if (index !== this.#leaves) throw this.#fault(`leaf ${index} where ${this.#leaves} belongs`);
    const fault = await bodyFault(dumped);
    if (fault !== null) throw this.#fault(fault);
    const nodes = this.#tree.append(logEntryHash({ kind, digest }));
    this.#leaves++;
    await this.#checkCheckpoint(checkpoint, key);
    const leaf: Leaf = {
      index,
      kind,
      digest,
      checkpoint: await this.#ownCheckpoint(checkpoint),
      body: utf8ToBytes(body),
      at: new Date(dumped.at),
    };
    const subject = withheldIn(leaf);
    if (subject !== null && this.#reader !== null)
      throw this.#fault(
        `leaf ${index} is withheld, so the log cannot be continued from it; ${OWN_DUMP}`,
      );
    if (subject !== null) this.#withheld.push({ leaf: { index, kind, digest }, subject });
    const broken = subject === null ? await statementFault(this.#tx, leaf) : null;
    if (broken !== null) throw this.#fault(broken);
    await this.#tx.insert(leaves).values(leaf);
    await this.#tx.insert(logNodes).values(nodes);
    await indexLeaf(this.#tx, leaf);
  }

  /** Compares a checkpoint with the tree so far. */
  async #checkCheckpoint(checkpoint: string, key: VerifierKey): Promise<void> {
    const opened = await openCheckpoint(checkpoint, key);
    if (!opened.ok) throw this.#fault(opened.reason);
    const { size, root } = opened.checkpoint;
    if (size !== this.#leaves || !equalBytes(root, this.#tree.root()))
      throw this.#fault("the checkpoint is that of another tree");
  }

  /** What stands in the log for the leaves so far. @param dumped as the dump has it. */
  async #ownCheckpoint(dumped: string): Promise<string> {
    const keeper = this.#reader;
    if (keeper === null || typeof keeper === "string") return dumped;
    const tip = { origin: keeper.origin, size: this.#leaves, root: this.#tree.root() };
    return signCheckpoint(tip, keeper.seed);
  }

  async #takeName({ name }: DumpName): Promise<void> {
    const fault = await nameFault(this.#tx, name);
    if (fault !== null) throw this.#fault(fault);
    await this.#tx.insert(keyNames).values({ ...name, at: new Date(name.at) });
  }

  /** Leaves may each be valid and yet contradict each other, which breaks a rule of a table or of the index. */
  explained(error: unknown): unknown {
    if (error instanceof OperatorError || isUnavailable(error)) return error;
    const fault = this.#fault("it does not go with the lines before it");
    return Object.assign(fault, { cause: error });
  }

  #read(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw this.#fault("no JSON");
    }
  }

  #fault(what: string): OperatorError {
    return new OperatorError(`line ${this.#line} of the dump: ${what}. Nothing was restored.`);
  }
}

/** What has every byte. */
export const OWN_DUMP =
  "its operator's own dump (rademark db dump, not /v1/export/log.jsonl.gz) has every statement";

type HashedNode = TreeNode & { hash: Uint8Array };

const ChallengeBody = z.strictObject({ challenge: Challenge, envelope: z.unknown() });

/** Null for a valid body. */
async function bodyFault({ kind, digest, body }: DumpLeaf): Promise<string | null> {
  if (
    (kind === "result" || kind === "reproduction") &&
    WithheldBody.safeParse(strict(body)).success
  )
    return null; // its quarantine is looked for at the end
  if (kind === "challenge") return challengeFault(body, digest);
  if (kind === "outcome") return outcomeFault(body, digest);
  const opened = await readEnvelope(utf8ToBytes(body));
  if (!opened.ok) return problemText(opened.problems[0]!);
  if (opened.kind !== kind) return `a ${opened.kind}, not a ${kind}`;
  return opened.id === digest ? null : "the digest is that of other bytes";
}

async function challengeFault(body: string, digest: string): Promise<string | null> {
  const parsed = ChallengeBody.safeParse(strict(body));
  if (!parsed.success) return "no challenge";
  const { challenge, envelope } = parsed.data;
  const opened = await openEnvelope(envelope);
  if (!opened.ok) return problemText(opened.problems[0]!);
  if (opened.kind !== "commitment" || opened.id !== challenge.id)
    return "the challenge answers another commitment";
  const seeds = freshSeeds(challenge, challenge.seeds.length);
  if (seeds.join() !== challenge.seeds.join()) return "the seeds do not follow from the nonce";
  return canonicalDigest(challenge) === digest ? null : "the digest is that of another challenge";
}

function outcomeFault(body: string, digest: string): string | null {
  const parsed = ChallengeOutcome.safeParse(strict(body));
  if (!parsed.success) return "no outcome of a challenge";
  return canonicalDigest(parsed.data) === digest ? null : "the digest is that of another outcome";
}

function strict(body: string): unknown {
  const json = readStrictJson(utf8ToBytes(body));
  return json.ok ? json.value : undefined;
}

/**
 * Null for a statement that keeps the rules. Rules about the rest of the log when it was accepted (copied counts, a
 * quarantined protocol, an expired challenge) are not checked again; its challenge and its entry are.
 *
 * @param leaf whose bytes have been verified.
 */
async function statementFault(tx: Transaction, leaf: Leaf): Promise<string | null> {
  try {
    const [problem] = await problemsOf(tx, leaf);
    return problem ? problemText(problem) : null;
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return `a protocol that this version does not know: ${error.problems.map(problemLine).join("; ")}`;
  }
}

async function problemsOf(tx: Transaction, leaf: Leaf): Promise<Problem[]> {
  if (leaf.kind === "challenge") return commitmentProblems(leaf);
  if (leaf.kind === "result") {
    const result = statementIn("result", leaf);
    const protocol = findProtocol(result.protocol);
    const challenge = await challengeOf(tx, result.challenge);
    return [...resultProblems(result, protocol, challenge), ...(await nameProblems(tx, result))];
  }
  if (leaf.kind !== "reproduction") return [];
  const reproduction = statementIn("reproduction", leaf);
  const protocol = findProtocol(reproduction.protocol);
  const entry = await storedResult(tx, reproduction.entry);
  if (entry === null) return []; // the index refuses it
  const challenge = await challengeOf(tx, reproduction.challenge);
  return reproductionProblems(reproduction, entry, protocol, challenge);
}

/** A name that another statement has shown a source of; challenges were open when they were. */
async function nameProblems(tx: Transaction, result: Result): Promise<Problem[]> {
  const taken = await takenNames(tx, { ...result, ...codeOf(result) }, new Date(0));
  return taken
    .filter(({ until }) => until === null)
    .map(({ member, name, digest }) =>
      problemAt(result, [member], "taken-name", `the source of ${name} in this log, ${digest}`),
    );
}

function commitmentProblems(leaf: Leaf): Problem[] {
  const { challenge, envelope } = challengeIn(leaf);
  const commitment = statementOf("commitment", envelope);
  const protocol = findProtocol(commitment.protocol);
  const { length } = challenge.seeds;
  const rule = `${protocol.freshSeeds} seeds`;
  return [
    ...configurationProblems(commitment, protocol),
    ...harnessProblems(commitment, ["harness"], protocol),
    ...(length === protocol.freshSeeds
      ? []
      : [{ code: "fresh-seeds", pointer: "/seeds", rule, found: `${length}` }]),
  ];
}

async function challengeOf(tx: Transaction, id: string | null): Promise<IssuedChallenge | null> {
  return issuedChallenge(id === null ? null : await findChallenge(tx, id));
}

/** Called after all leaves are restored. Null for a valid name. */
async function nameFault(db: Reader, { key, name, at }: DumpName["name"]): Promise<string | null> {
  if ((await db.$count(keys, eq(keys.key, key))) === 0) return "a name of a key never registered";
  if ((await db.$count(keyNames, eq(keyNames.key, key))) > 0) return "a second name of a key";
  if (name === null) return null;
  const [problem] = displayNameProblems(name);
  if (problem) return `a name that breaks a rule (${problem.rule})`;
  return (await isErased(db, key, new Date(at))) ? "a name that was erased" : null;
}

/** Did an operator erase the key's name at that time or later? */
async function isErased(db: Reader, key: string, at: Date): Promise<boolean> {
  const [erasure] = await db
    .select({ index: leaves.index })
    .from(moderations)
    .innerJoin(leaves, eq(leaves.index, moderations.leaf))
    .where(
      and(eq(moderations.subject, key), eq(moderations.action, "erase-name"), gte(leaves.at, at)),
    )
    .limit(1);
  return erasure !== undefined;
}
