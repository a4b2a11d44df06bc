/** @file The API as the build asks it: every answer is parsed with its schema. */

import { type ZodType, z } from "zod";
import { BoardPage, type BoardRow } from "../../record/board/board-row.ts";
import {
  ChallengeDocument,
  ChallengeList,
  ComparisonDocument,
  EntryDocument,
  EntryRuns,
  EntrySeries,
  KeyDocument,
  type LogLeaf,
  LogPage,
  MeasuresDocument,
  SentencesDocument,
  StatementDocument,
} from "../../record/answers/documents.ts";
import { type ConsistencyProof, InclusionProof, logEntryHash } from "../../record/log/log-proof.ts";
import { Envelope } from "../../record/statement/envelope.ts";
import { type Answer, type Documents, type Query, createApi } from "./api.ts";
import {
  type TreeNode,
  completedNodes,
  consistencyProof,
  inclusionProof,
  treeRoot,
} from "../../record/log/merkle-tree.ts";
import { findProtocol, protocolId, protocols } from "../../record/protocols.ts";
import { encodeBase64 } from "../../record/signature/base64.ts";
import { HIDDEN_STATES } from "../../record/board/states.ts";
import { type BoardModel, emptyBoardModel, saidIn } from "./board-model.ts";
import { runMetrics } from "../../record/metrics.ts";
import type { EntryHome, EntryModel } from "./entry-model.ts";
import { problemType } from "../../record/answers/problem-document.ts";
import { resultIn } from "./result-in.ts";
import { type Checkpoint, openCheckpoint, parseVerifierKey } from "../../record/log/checkpoint.ts";

const SCHEMAS: { [Name in keyof Documents]: ZodType<Documents[Name]> } = {
  board: BoardPage,
  entry: EntryDocument,
  runs: EntryRuns,
  series: EntrySeries,
  envelope: Envelope,
  proof: InclusionProof,
  statement: StatementDocument,
  comparison: ComparisonDocument,
  measures: MeasuresDocument,
  sentences: SentencesDocument,
  challenge: ChallengeDocument,
  challenges: ChallengeList,
  key: KeyDocument,
  log: LogPage,
  text: z.string(),
};

/** Within one machine, packing and unpacking takes longer than handing over. */
const isNear = (origin: string) =>
  /^http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/.test(origin);

/** A log's server as the build reads it: each board and the log once, however many pages show them. */
export class BuildSource {
  readonly api: ReturnType<typeof createApi>;
  /** Where its entries' pages stand. */
  readonly home: EntryHome;
  /** The address that was named; an empty page in place of its answer would look like an empty board. */
  readonly #given: string | undefined;
  readonly #boards = new Map<string, Promise<BoardModel>>();
  #log: Promise<BuiltLog | null> | undefined;

  /**
   * @param named address of a server. `none`: no server is asked, and every page is built empty; its port is one that no
   * server listens on. Undefined: the default address, where one may or may not be.
   */
  constructor(named: string | undefined, home: EntryHome) {
    const isNone = named === "none";
    this.#given = isNone ? undefined : named;
    const origin = isNone ? "http://127.0.0.1:1" : (named ?? "http://127.0.0.1:8787");
    const headers = isNear(origin) ? { "accept-encoding": "identity" } : {};
    this.api = createApi(origin, (name, body) => SCHEMAS[name].parse(body), headers);
    this.home = home;
  }

  /**
   * The value, or null where there is none: the API's 404, or no API at the default address, so that pages are built
   * empty and their islands fill them.
   *
   * @throws Error for a server that was named and does not answer, or that refuses.
   */
  async known<T>(answer: Promise<Answer<T>>): Promise<T | null> {
    const got = await answer;
    if (got.ok) return got.value;
    if (got.reason === "refused")
      throw new Error(`${got.problem.title} ${got.problem.detail}`.trimEnd());
    if (got.reason !== "absent" && this.#given !== undefined)
      throw new Error(
        `RADEMARK_API=${this.#given}: no answer. Start the server, or build without it.`,
      );
    return null;
  }

  /** Null also for bytes that the server withholds: the rest of the page is built. */
  async #knownUnlessWithheld<T>(answer: Promise<Answer<T>>): Promise<T | null> {
    const got = await answer;
    const isWithheld =
      !got.ok && got.reason === "refused" && got.problem.type === problemType("withheld");
    return isWithheld ? null : this.known(answer);
  }

  /** @param name of a protocol. */
  board(name: string): Promise<BoardModel> {
    const model = this.#boards.get(name) ?? this.#readBoard(name);
    this.#boards.set(name, model);
    return model;
  }

  async #readBoard(name: string): Promise<BoardModel> {
    const first = await this.known(this.api.board(name, { limit: 200 }));
    if (first === null) return emptyModel(name);
    const rows = await this.#allRows(name, {}, first);
    const isAnyHidden = HIDDEN_STATES.some((state) => first.hidden[state] > 0);
    const state = HIDDEN_STATES.join(",");
    const hidden = isAnyHidden ? await this.#allRows(name, { state }, null) : [];
    const said = await this.known(this.api.sentences(name));
    const { protocol, total, logSize } = first;
    return {
      protocol,
      rows: [...rows, ...hidden],
      total,
      hidden: first.hidden,
      logSize,
      ranked: "learnedComplexity",
      ranksCustom: false,
      sentences: said === null ? [] : saidIn(said),
      training: [],
    };
  }

  async #allRows(name: string, query: Query, first: BoardPage | null): Promise<BoardRow[]> {
    const rows = [...(first?.rows ?? [])];
    let after = first === null ? undefined : first.next;
    while (after !== null) {
      const page = await this.known(this.api.board(name, { ...query, limit: 200, after }));
      rows.push(...(page?.rows ?? []));
      after = page?.next ?? null;
    }
    return rows;
  }

  /** What the tests of a board's own pairs say. */
  async sentences(name: string): Promise<SentencesDocument["sentences"]> {
    return (await this.known(this.api.sentences(name)))?.sentences ?? [];
  }

  /** Of every board, those in hidden states too. */
  async rows(): Promise<BoardRow[]> {
    const boards = await Promise.all(Object.keys(protocols).map((name) => this.board(name)));
    return boards.flatMap(({ rows }) => rows);
  }

  /** @throws Error when the server lists it and does not have it. */
  async entry(id: string): Promise<EntryModel> {
    const [entry, envelope, log] = await Promise.all([
      this.known(this.api.entry(id)),
      this.#knownUnlessWithheld(this.api.envelope(id)),
      this.log(),
    ]);
    if (entry === null) throw new Error(`entry ${id}: on a board, but the server does not have it`);
    const place = { digest: id, index: entry.receipt.index };
    const proof: InclusionProof | null =
      (log && proofIn(log, place)) ?? (await this.known(this.api.proof(id)));
    const runs = envelope === null ? await this.known(this.api.runs(id)) : runsIn(envelope, entry);
    return { entry, runs, envelope, proof, home: this.home };
  }

  /** Paths below `/v1/`: whoever saw the log at an earlier size can be shown that it only grew. */
  async answerPaths(): Promise<string[]> {
    const log = await this.log();
    if (log === null) return [];
    const rows = await this.rows();
    const isShown = ({ code, standing }: BoardRow) =>
      code === null || standing.state !== "quarantined";
    const sizes = Array.from({ length: log.size }, (_, i) => i + 1);
    return [
      "log/key",
      "log/checkpoint",
      ...rows.map(({ entry }) => `entries/${entry}`),
      ...rows.filter(isShown).flatMap(shownPaths),
      ...log.leaves.flatMap(statementPaths),
      ...sizes.map((size) => `log/consistency/${size}`),
    ];
  }

  /** @throws Error for a path that is none of `answerPaths`. */
  async answer(path: string): Promise<string> {
    if (path === "log/key") return `${(await this.known(this.api.logKey()))!.trim()}\n`;
    if (path === "log/checkpoint") return (await this.log())!.checkpoint;
    if (path.startsWith("sources/")) return (await this.known(this.api.source(path)))!;
    const [, kind, last] = /^(entries|log\/statements|log\/consistency)\/(\w+)$/.exec(path)!;
    if (kind === "entries") return JSON.stringify(await this.known(this.api.entry(last!)));
    if (kind === "log/statements")
      return JSON.stringify(await this.#knownUnlessWithheld(this.api.statement(last!)));
    return JSON.stringify(consistencyFrom(Number(last), (await this.log())!));
  }

  /**
   * Null for a log without leaves, or without a server.
   *
   * @throws Error for a checkpoint that the log's key did not sign, and for leaves that are not the checkpoint's.
   */
  log(): Promise<BuiltLog | null> {
    return (this.#log ??= this.#readLog());
  }

  async #readLog(): Promise<BuiltLog | null> {
    const [note, key] = await Promise.all([
      this.known(this.api.checkpoint()),
      this.known(this.api.logKey()),
    ]);
    if (note === null || key === null) return null;
    const opened = await signedCheckpoint(note, key);
    return opened.size === 0
      ? null
      : checkedLog(note, opened, await this.#firstLeaves(opened.size));
  }

  /** Those that came after the checkpoint are left out. */
  async #firstLeaves(size: number): Promise<(LogLeaf | undefined)[]> {
    const leaves = new Array<LogLeaf | undefined>(size).fill(undefined);
    for (let before: number | null = size; before !== null && before > 0;) {
      const page: LogPage | null = await this.known(this.api.log({ before, limit: 200 }));
      for (const leaf of page?.leaves ?? []) leaves[leaf.index] = leaf;
      before = page?.next ?? null;
    }
    return leaves;
  }
}

/** The server whose boards are drawn. */
export const own = new BuildSource(process.env["RADEMARK_API"], "");

/** Asked for once a build, however many pages show it. */
export const builtBoard = (name: string): Promise<BoardModel> => own.board(name);

/** Of what the log's page leads to by its bytes, as it may be about no entry: a key, a challenge, how it ended. */
function statementPaths(leaf: Leaves[number]): string[] {
  if (leaf === undefined || ["result", "reproduction"].includes(leaf.kind)) return [];
  return [`log/statements/${leaf.digest}`];
}

/** Of an entry whose bytes are not withheld. */
function shownPaths({ entry, code }: BoardRow): string[] {
  const source = code?.source ? [`sources/${entry}/arch.txt`] : [];
  const regSource = code?.regSource ? [`sources/${entry}/reg.txt`] : [];
  return [`log/statements/${entry}`, ...source, ...regSource];
}

function consistencyFrom(older: number, { checkpoint, size, hashes }: BuiltLog): ConsistencyProof {
  return { older, checkpoint, hashes: consistencyProof(older, size, hashes).map(encodeBase64) };
}

function emptyModel(name: string): BoardModel {
  const protocol = { id: protocolId(findProtocol(name)), name };
  return emptyBoardModel(protocol);
}

/** As the server answers them: what the envelope holds, and what is computed from it. */
export function runsIn(envelope: Envelope, { protocol }: Pick<EntryDocument, "protocol">) {
  const { panel, fresh } = resultIn(envelope);
  const known = findProtocol(protocol.id);
  const metrics = [...panel, ...fresh].map((run) => runMetrics(run, known));
  return { panel, fresh, metrics } satisfies EntryRuns;
}

/** The log as the build knows it: read once, so that no page has to ask for its own proof. */
interface BuiltLog {
  /** A signed note over the first `size` leaves. */
  checkpoint: string;
  size: number;
  leaves: Leaves;
  hashes: (node: TreeNode) => Uint8Array;
}

/** What the server would answer at the log's size; null for a leaf that came after it. */
export function proofIn(
  { checkpoint, size, hashes }: BuiltLog,
  { digest, index }: { digest: string; index: number },
): InclusionProof | null {
  if (index >= size) return null;
  const path = inclusionProof(index, size, hashes).map(encodeBase64);
  return { entry: { kind: "result", digest }, index, checkpoint, hashes: path };
}

/** @param key the log's verifier key, one line. @throws Error when it is none, or did not sign the note. */
export async function signedCheckpoint(note: string, key: string): Promise<Checkpoint> {
  const log = parseVerifierKey(key.trim());
  if (log === null) throw new Error(`the server names no key of its log: ${key.trim()}`);
  const opened = await openCheckpoint(note, log);
  if (!opened.ok) throw new Error(`the log's checkpoint does not hold: ${opened.reason}`);
  return opened.checkpoint;
}

type Leaves = readonly (Pick<LogLeaf, "kind" | "digest"> | undefined)[];

/**
 * @param checkpoint the signed note, and `opened` what it says.
 * @param leaves in their order.
 * @throws Error when the checkpoint is of others.
 */
export function checkedLog(
  checkpoint: string,
  { size, root }: Pick<Checkpoint, "size" | "root">,
  leaves: Leaves,
): BuiltLog {
  const hashes = hashesOf(leaves);
  const isWhole = leaves.length === size && !leaves.includes(undefined);
  if (!isWhole || encodeBase64(treeRoot(size, hashes)) !== encodeBase64(root))
    throw new Error(`the log's first ${size} leaves are not those of its checkpoint`);
  return { checkpoint, size, leaves, hashes };
}

/** Hashes of all complete subtrees: twice as many as there are leaves. */
function hashesOf(leaves: Leaves): BuiltLog["hashes"] {
  const levels: Uint8Array[][] = [];
  const hashes = ({ level, index }: TreeNode) => levels[level]![index]!;
  for (const [index, leaf] of leaves.entries()) {
    if (leaf === undefined) break;
    const { kind, digest } = leaf;
    for (const node of completedNodes(index, logEntryHash({ kind, digest }), hashes))
      (levels[node.level] ??= [])[node.index] = node.hash;
  }
  return hashes;
}
