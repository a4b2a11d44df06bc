/** @file Somebody who uses the API, in this process or over HTTP: keys, challenges, results, and what happens to them. */

import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { expect } from "vitest";
import { syntheticResult } from "../../bench/load/synthetic.ts";
import type { ChallengeDocument } from "../../record/answers/documents.ts";
import type { ProblemDocument } from "../../record/answers/problem-document.ts";
import type { BoardPage } from "../../record/board/board-row.ts";
import type { Receipt } from "../../record/log/log-proof.ts";
import type { IssuedChallenge } from "../../record/statement/challenge.ts";
import { sealEnvelope } from "../../record/statement/envelope.ts";
import type {
  Commitment,
  Result,
  Statement,
  StatementKind,
} from "../../record/statement/statements.ts";
import { type KeyHolder, aCommitment, aResult, alice, bob, hex, idOf } from "./statements.ts";

/** How a request reaches an API. */
type Ask = (path: string, init?: RequestInit) => Response | Promise<Response>;

export type Visitor = ReturnType<typeof visitor>;

/** @param url of a server. */
export function visitor(url: string) {
  const someone = visitorBy((path, init) => fetch(`${url}${path}`, init));
  const board = async () => (await (await someone.get("/v1/boards/micro-1")).json()) as BoardPage;
  /** Of the log itself: a board names the leaves that it has at least, and may show one more. */
  const logSize = async () =>
    Number((await (await someone.get("/v1/log/checkpoint")).text()).split("\n")[1]);
  /** Until the board shows a result; how soon it should is measured by `npm run bench:api`, on a machine of its own. */
  const untilListed = (result: Result): Promise<void> =>
    expect.poll(async () => (await board()).rows.map(({ entry }) => entry)).toContain(idOf(result));
  return { ...someone, board, logSize, untilListed };
}

/** Signs as Alice unless another holder is named. */
export function visitorBy(ask: Ask, now: () => Date = () => new Date()) {
  const get = async (path: string, headers: HeadersInit = {}) => ask(path, { headers });
  const post = async (path: string, body: BodyInit, headers: HeadersInit = {}) =>
    ask(path, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...headers },
    });
  const send = (path: string, value: unknown) => post(path, JSON.stringify(value));
  /** Signs and sends. */
  const submit = async <Kind extends StatementKind>(
    path: string,
    kind: Kind,
    statement: Statement<Kind>,
    holder = alice,
  ) => send(path, await sealEnvelope(kind, statement, [holder.seed]));
  const register = async (holder = alice) => {
    const at = now().toISOString();
    const statement = { action: "register", key: holder.key, at } as const;
    const envelope = await sealEnvelope("key", statement, [holder.seed]);
    return send("/v1/keys", { envelope, name: null });
  };
  return { now, get, post, send, submit, register };
}

let commitments = 2 ** 32; // far from the numbers that tests choose

/** Issued by the server to a commitment that nobody made before. */
export async function challenge(
  { submit }: Pick<Visitor, "submit">,
  changes: Partial<Commitment> = {},
  holder = alice,
): Promise<IssuedChallenge> {
  commitments += 1;
  const commitment = aCommitment({ key: holder.key, unique: hex(commitments), ...changes });
  const answer = await submit("/v1/challenges", "commitment", commitment, holder);
  expect(answer.status, await answer.clone().text()).toBe(201);
  const document = (await answer.json()) as ChallengeDocument;
  return { id: document.challenge.id, nonce: document.challenge.nonce, commitment };
}

/** Accepted. */
export async function entry(
  visitor: Pick<Visitor, "submit">,
  changes: (result: Result) => Result = (result) => result,
): Promise<{ result: Result; receipt: Receipt }> {
  const result = changes(aResult(await challenge(visitor)));
  const answer = await visitor.submit("/v1/results", "result", result);
  expect(answer.status, await answer.clone().text()).toBe(201);
  return { result, receipt: (await answer.json()) as Receipt };
}

let results = 0;

/** Accepted; with numbers of its own. @returns its id. */
export async function listed(
  visitor: Pick<Visitor, "submit">,
  changes: { regs?: string; arch?: string; supersedes?: string; challenged?: boolean } = {},
): Promise<string> {
  const { regs = "none", arch = "mlp-512", supersedes = null, challenged = true } = changes;
  results += 1;
  const issued = await challenge(visitor, { arch, regs });
  const made = syntheticResult(results, issued);
  const result: Result = challenged ? made : { ...made, challenge: null, fresh: [] };
  const answer = await visitor.submit("/v1/results", "result", { ...result, supersedes });
  expect(await answer.clone().text()).toContain('"checkpoint"');
  return ((await answer.json()) as { id: string }).id;
}

/** By Bob. */
export async function reproduced(visitor: Pick<Visitor, "submit">, entry: string): Promise<string> {
  const issued = await challenge(visitor, { reproduces: entry }, bob);
  const { supersedes: _, ...measured } = aResult(issued);
  for (const verdict of ["disagree", "agree"] as const) {
    const statement = { ...measured, entry, verdict };
    const answer = await visitor.submit("/v1/reproductions", "reproduction", statement, bob);
    if (answer.ok) return ((await answer.json()) as { id: string }).id;
  }
  throw new Error("neither verdict was accepted");
}

export async function retract(
  { submit }: Pick<Visitor, "submit">,
  statement: string,
  reason: string,
) {
  const retraction = { key: alice.key, statement, reason };
  const answer = await submit("/v1/retractions", "retraction", retraction);
  expect(answer.status).toBe(201);
}

/** By Bob, where he is an operator. */
export async function moderate(
  { submit, now }: Pick<Visitor, "submit" | "now">,
  action: "quarantine" | "unquarantine" | "note" | "erase-name",
  subject: string,
  reason: string,
) {
  const moderation = { key: bob.key, action, subject, reason, at: now().toISOString() };
  const answer = await submit("/v1/moderations", "moderation", moderation, bob);
  expect(answer.status).toBe(201);
}

export async function nameKey(
  { send, now }: Pick<Visitor, "send" | "now">,
  name: string,
  holder: KeyHolder = alice,
) {
  const digest = bytesToHex(sha256(utf8ToBytes(name)));
  const at = now().toISOString();
  const statement = { action: "name", key: holder.key, name: digest, at } as const;
  const envelope = await sealEnvelope("key", statement, [holder.seed]);
  expect((await send("/v1/keys", { envelope, name })).status).toBeLessThan(300);
}

export async function problemOf(answer: Response): Promise<ProblemDocument & { name: string }> {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const document = (await answer.json()) as ProblemDocument;
  expect(document.status).toBe(answer.status);
  return { ...document, name: document.type.replace("/problems/", "") };
}
