/** @file A deployment with four people at their machines, and what may be read from it by anybody. */

import { expect } from "vitest";
import type { z } from "zod";
import { BoardPage } from "../../record/board/board-row.ts";
import { EntryDocument } from "../../record/answers/documents.ts";
import type { Verdict } from "../../record/statement/statements.ts";
import type { TestedDeployment } from "../world/deployments.ts";
import { type Machine, aMachine } from "../world/command-line.ts";

export interface Stage {
  url: string;
  ada: Machine;
  bob: Machine;
  /** Her machine computes otherwise. */
  carol: Machine;
  operator: Machine;
  /** As tests go: Ada's entry. */
  entry: string;
  /** Verdicts on it, once Bob has reproduced it. */
  honest: Record<Verdict, number>;
  get: <T>(path: string, schema: z.ZodType<T>) => Promise<T>;
  text: (path: string) => Promise<string>;
  /** @param query with its question mark. */
  board: (query?: string) => Promise<BoardPage>;
  document: () => Promise<EntryDocument>;
  /** Leaves of the log. */
  size: () => Promise<number>;
  stopServer: () => Promise<void>;
  end: () => Promise<void>;
}

/** @param program how Ada and Bob train. */
export async function setStage(
  deployment: TestedDeployment,
  program: "real" | "standIn",
): Promise<Stage> {
  let url: string | null = null;
  const machine = (what: typeof program | "deviating") => aMachine(what, () => url);
  const operator = machine("standIn");
  const made = await operator.rademark("keys", "create", "operator");
  const [, publicKey] = /([0-9a-f]{64})/.exec(made.stdout)!;
  const server = await deployment.start({ RADEMARK_OPERATORS: publicKey! });
  ({ url } = server);
  const machines = {
    ...{ ada: machine(program), bob: machine(program) },
    ...{ carol: machine("deviating"), operator },
  };
  let isStopped = false;
  const stopServer = async () => {
    if (!isStopped) await server.stop();
    isStopped = true;
  };
  const stage: Stage = {
    ...machines,
    ...readerOf(url, () => stage.entry),
    url,
    entry: "",
    honest: { agree: 0, disagree: 0, inconclusive: 0 },
    stopServer,
    end: async () => {
      await stopServer();
      for (const one of Object.values(machines)) one.remove();
    },
  };
  return stage;
}

/** Every answer is held against its schema. */
function readerOf(url: string, entry: () => string) {
  const text = async (path: string) => {
    const answer = await fetch(`${url}${path}`);
    const body = await answer.text();
    expect(answer.status, body).toBe(200);
    return body;
  };
  const get = async <T>(path: string, schema: z.ZodType<T>) =>
    schema.parse(JSON.parse(await text(path)));
  return {
    text,
    get,
    board: (query = "") => get(`/v1/boards/micro-1${query}`, BoardPage),
    document: () => get(`/v1/entries/${entry()}`, EntryDocument),
    size: async () => Number((await text("/v1/log/checkpoint")).split("\n")[1]),
  };
}

/** The board's row of an entry, once it is in a state; how soon that should be, `npm run bench:api` measures. */
export async function boardRow({ board, entry }: Stage, state: string) {
  const rowsNow = async () => (await board(`?state=${state}`)).rows;
  const states = async () => (await rowsNow()).map((row) => row.entry);
  await expect.poll(states).toContain(entry);
  return (await rowsNow()).find((row) => row.entry === entry)!;
}
