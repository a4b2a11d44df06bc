/** @file The real server with the real site, and people who submit to it through the API. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToHex } from "@noble/hashes/utils.js";
import { serve } from "../../../api/node/serve.ts";
import { readSettings } from "../../../api/server-settings.ts";
import type { BoardPage } from "../../../record/board/board-row.ts";
import type { ChallengeDocument, MeasuresDocument } from "../../../record/answers/documents.ts";
import type { Receipt } from "../../../record/log/log-proof.ts";
import { publicKeyOf } from "../../../record/signature/ed25519.ts";
import type { IssuedChallenge } from "../../../record/statement/challenge.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import type { Statement, StatementKind } from "../../../record/statement/statements.ts";
import { layOutDatabase } from "../../world/databases.ts";
import { aChallenge, aCommitment, aLevelledResult } from "../../world/statements.ts";
import type { Levels } from "../../world/runs.ts";

export interface Holder {
  seed: Uint8Array;
  key: string;
}

/**
 * Milliseconds until somebody gives up on the server. After a computation that took long, on a busy machine, the next one waits
 * for twenty times as long (api/node-deployment.ts), so that half a minute was too little.
 */
const PATIENCE = 100_000;

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** @param site folder of a built site. @param laid folder of a server's data; a new, empty one unless given. */
export async function openStage(site: string, laid?: string) {
  const folder = laid ?? mkdtempSync(join(tmpdir(), "rademark-site-"));
  if (laid === undefined) await layOutDatabase(folder);
  const faults: unknown[] = [];
  const operator = await holder(99);
  const start = (port: number, site: string) =>
    serve({
      settings: readSettings({ RADEMARK_OPERATORS: operator.key }),
      folder,
      host: "127.0.0.1",
      port,
      report: (fault) => faults.push(fault),
      site,
    });
  let server = await start(0, site);
  const url = server.url;
  const post = (path: string, body: unknown) =>
    fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const submit = async <Kind extends StatementKind, Answer>(
    path: string,
    kind: Kind,
    statement: Statement<Kind>,
    { seed }: Holder,
  ): Promise<Answer> => {
    const answer = await post(path, await sealEnvelope(kind, statement, [seed]));
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return (await answer.json()) as Answer;
  };
  const challenge = async (
    who: Holder,
    configuration: { arch: string; regs: string; reproduces?: string; protocol?: string },
  ): Promise<IssuedChallenge> => {
    const unique = bytesToHex(crypto.getRandomValues(new Uint8Array(32)));
    const commitment = aCommitment({ key: who.key, unique, ...configuration });
    const issued = await submit<"commitment", ChallengeDocument>(
      "/v1/challenges",
      "commitment",
      commitment,
      who,
    );
    return { id: issued.challenge.id, nonce: issued.challenge.nonce, commitment };
  };
  const until = async (path: string, holds: (answer: unknown) => boolean) => {
    let answer: unknown;
    const end = performance.now() + PATIENCE;
    while (performance.now() < end) {
      answer = await (await fetch(url + path)).json();
      if (holds(answer)) return;
      await new Promise((done) => setTimeout(done, 200));
    }
    const last = JSON.stringify(answer).slice(0, 300);
    throw new Error(
      `${path} did not change in time; last answer: ${last}; faults: ${faults.join()}`,
    );
  };
  return {
    url,
    operator,
    faults,
    register: async (who: Holder, name: string | null = null) => {
      const at = new Date().toISOString();
      const envelope = (action: object) =>
        sealEnvelope("key", { key: who.key, at, ...action } as Statement<"key">, [who.seed]);
      await post("/v1/keys", { envelope: await envelope({ action: "register" }), name: null });
      if (name === null) return;
      const digest = bytesToHex(
        new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name))),
      );
      const named = await post("/v1/keys", {
        envelope: await envelope({ action: "name", name: digest }),
        name,
      });
      if (!named.ok) throw new Error(await named.text());
    },
    /** A new entry's id. */
    enter: async (
      who: Holder,
      configuration: { arch: string; regs: string },
      levels: Levels,
      fresh = true,
    ): Promise<string> => {
      const issued = fresh
        ? await challenge(who, configuration)
        : aChallenge({ key: who.key, ...configuration });
      const result = aLevelledResult(issued, levels);
      const whole = fresh ? result : { ...result, challenge: null, fresh: [] };
      return (await submit<"result", Receipt>("/v1/results", "result", whole, who)).id;
    },
    submit,
    challenge,
    /** Boards follow what was accepted within two seconds. */
    until,
    /** Measures follow their board some seconds later. */
    untilMeasured: async () => {
      const { total } = (await (await fetch(`${url}/v1/boards/micro-1`)).json()) as BoardPage;
      await until("/v1/measures/micro-1", (scored) => {
        return (scored as MeasuresDocument).entries === total;
      });
    },
    /** The server comes back at the same address with another site. */
    move: async (other: string) => {
      await server.close();
      server = await start(Number(new URL(url).port), other);
    },
    close: async () => {
      await server.close().catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function holder(byte: number): Promise<Holder> {
  const seed = new Uint8Array(32).fill(byte);
  return { seed, key: bytesToHex(await publicKeyOf(seed)) };
}
