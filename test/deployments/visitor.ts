/** @file Somebody who uses a server over HTTP: registers keys, takes challenges, submits results. */

import { expect } from "vitest";
import type { BoardPage } from "../../record/board/board-row.ts";
import type { ChallengeDocument } from "../../record/answers/documents.ts";
import type { Receipt } from "../../record/log/log-proof.ts";
import type { IssuedChallenge } from "../../record/statement/challenge.ts";
import { sealEnvelope } from "../../record/statement/envelope.ts";
import type { Result, Statement, StatementKind } from "../../record/statement/statements.ts";
import { aCommitment, aResult, alice, idOf } from "../record/statement/factories.ts";

export type Visitor = ReturnType<typeof visitor>;

/** @param url of the server. */
export function visitor(url: string) {
  const get = (path: string) => fetch(`${url}${path}`);
  const post = (path: string, value: unknown) =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(value),
    });
  const submit = async <Kind extends StatementKind>(
    path: string,
    kind: Kind,
    statement: Statement<Kind>,
  ) => post(path, await sealEnvelope(kind, statement, [alice.seed]));
  const register = async () => {
    const statement = { action: "register", key: alice.key, at: new Date().toISOString() } as const;
    const envelope = await sealEnvelope("key", statement, [alice.seed]);
    return post("/v1/keys", { envelope, name: null });
  };
  /** @param number makes the commitment one of its own. */
  const challenge = async (number: number): Promise<IssuedChallenge> => {
    const commitment = aCommitment({ unique: number.toString(16).padStart(64, "0") });
    const answer = await submit("/v1/challenges", "commitment", commitment);
    expect(answer.status, await answer.clone().text()).toBe(201);
    const { challenge } = (await answer.json()) as ChallengeDocument;
    return { id: challenge.id, nonce: challenge.nonce, commitment };
  };
  const enter = async (number: number): Promise<{ result: Result; receipt: Receipt }> => {
    const result = aResult(await challenge(number));
    const answer = await submit("/v1/results", "result", result);
    expect(answer.status, await answer.clone().text()).toBe(201);
    return { result, receipt: (await answer.json()) as Receipt };
  };
  const board = async () => (await (await get("/v1/boards/micro-1")).json()) as BoardPage;
  /** Seconds until the board shows a result. */
  const listed = async (result: Result): Promise<number> => {
    const start = performance.now();
    await expect
      .poll(async () => (await board()).rows.map(({ entry }) => entry), { timeout: 10_000 })
      .toContain(idOf(result));
    return (performance.now() - start) / 1000;
  };
  return { get, post, submit, register, challenge, enter, board, listed };
}
