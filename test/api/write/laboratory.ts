/** @file An API on PGlite in memory, with keys that are registered, and what tests ask of it. */

import { getTableName } from "drizzle-orm";
import { expect } from "vitest";
import { createApp } from "../../../api/app.ts";
import { type Deployment, LIMITS } from "../../../api/deployment.ts";
import { openTestDatabase } from "../../world/databases.ts";
import type { Reader } from "../../../db/db.ts";
import { INDEX_TABLES } from "../../../db/dump/reindex.ts";
import { keyNames, leaves, logNodes } from "../../../db/schema.ts";
import type { ChallengeDocument } from "../../../record/answers/documents.ts";
import type { ProblemDocument } from "../../../record/answers/problem-document.ts";
import type { Receipt } from "../../../record/log/log-proof.ts";
import type { IssuedChallenge } from "../../../record/statement/challenge.ts";
import type {
  Commitment,
  Result,
  Statement,
  StatementKind,
} from "../../../record/statement/statements.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { aCommitment, aResult, alice, bob } from "../../record/statement/factories.ts";

/** Any 32 bytes in hexadecimal, different ones for different numbers. */
export const hex = (n: number) => n.toString(16).padStart(64, "0");

export type Laboratory = Awaited<ReturnType<typeof openLaboratory>>;

export async function openLaboratory(changes: Partial<Deployment> = {}) {
  const { db, close } = await openTestDatabase();
  let time = Date.parse("2026-03-01T12:00:00Z");
  let changed = 0;
  const after: Promise<void>[] = [];
  const reported: unknown[] = [];
  const deployment: Deployment = {
    keeper: { origin: "log.test/1", seed: new Uint8Array(32).fill(9) },
    operators: new Set(),
    limits: LIMITS,
    now: () => new Date(time),
    open: () => Promise.resolve({ db, close: () => Promise.resolve() }),
    after: (work) => void after.push(work()),
    boardsChanged: () => void (changed += 1),
    checkMilliseconds: 1000,
    address: "192.0.2.1",
    ...changes,
  };
  const app = createApp(
    () => deployment,
    (error) => reported.push(error),
  );
  const post = async (path: string, body: BodyInit, headers: HeadersInit = {}) =>
    app.request(path, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...headers },
    });
  const send = (path: string, value: unknown) => post(path, JSON.stringify(value));
  return {
    db,
    deployment,
    app,
    close,
    post,
    send,
    reported,
    /** How often the boards were said to have changed. */
    changes: () => changed,
    settle: () => Promise.all(after),
    wait: (seconds: number) => (time += seconds * 1000),
    logSize: async () => (await db.select({ index: leaves.index }).from(leaves)).length,
    register: async (holder: typeof alice) => {
      const at = deployment.now().toISOString();
      const statement = { action: "register", key: holder.key, at } as const;
      const envelope = await sealEnvelope("key", statement, [holder.seed]);
      const answer = await send("/v1/keys", { envelope, name: null });
      expect(answer.status).toBe(201);
    },
    /** Signs and sends. */
    submit: async <Kind extends StatementKind>(
      path: string,
      kind: Kind,
      statement: Statement<Kind>,
      holder = alice,
    ) => send(path, await sealEnvelope(kind, statement, [holder.seed])),
  };
}

/** A laboratory where Alice and Bob are registered. */
export async function openPeopledLaboratory(
  changes: Partial<Deployment> = {},
): Promise<Laboratory> {
  const laboratory = await openLaboratory(changes);
  for (const holder of [alice, bob]) await laboratory.register(holder);
  return laboratory;
}

let commitments = 0;

/** Issued by the server to a commitment that nobody made before. */
export async function challenge(
  { submit }: Laboratory,
  changes: Partial<Commitment> = {},
  holder = alice,
): Promise<IssuedChallenge> {
  commitments += 1;
  const commitment = aCommitment({ key: holder.key, unique: hex(commitments), ...changes });
  const answer = await submit("/v1/challenges", "commitment", commitment, holder);
  expect(answer.status).toBe(201);
  const document = (await answer.json()) as ChallengeDocument;
  return { id: document.challenge.id, nonce: document.challenge.nonce, commitment };
}

/** Accepted. */
export async function entry(
  laboratory: Laboratory,
  changes: (result: Result) => Result = (result) => result,
): Promise<{ result: Result; receipt: Receipt }> {
  const result = changes(aResult(await challenge(laboratory)));
  const answer = await laboratory.submit("/v1/results", "result", result);
  expect(answer.status).toBe(201);
  return { result, receipt: (await answer.json()) as Receipt };
}

export async function problemOf(answer: Response): Promise<ProblemDocument & { name: string }> {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const document = (await answer.json()) as ProblemDocument;
  expect(document.status).toBe(answer.status);
  return { ...document, name: document.type.replace("/problems/", "") };
}

/** The refusal, with every table as it was, but for what it cost its address. */
export async function refused(
  { db }: Laboratory,
  ask: () => Promise<Response> | Response,
): Promise<ProblemDocument & { name: string }> {
  const before = await stored(db);
  const problem = await problemOf(await ask());
  expect(await stored(db)).toEqual(before);
  return problem;
}

const TABLES = [...INDEX_TABLES, leaves, logNodes, keyNames];

function stored(db: Reader): Promise<[table: string, rows: number][]> {
  const counts = TABLES.map(async (table): Promise<[string, number]> => {
    return [getTableName(table), await db.$count(table)];
  });
  return Promise.all(counts);
}
