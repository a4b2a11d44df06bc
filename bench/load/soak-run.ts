/** @file All rounds over one server and one log. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../../test/world/postgres.ts";
import { type KillableServer, startKillable } from "./killable-server.ts";
import { emptyLedger } from "./ledger.ts";
import { noTraffic } from "./retrying-client.ts";
import { type RoundFigures, soakRound } from "./soak-round.ts";
import { loadHolders } from "./submissions.ts";
import { registerHolders } from "./submitting.ts";

export interface SoakOptions {
  deployment: "pglite" | "postgres";
  rounds: number;
  /** New results in each round. */
  entries: number;
  clients: number;
  keys: number;
  seed: number;
  /** The index is rebuilt from the leaves after every so many rounds, and after the last one. */
  reindexEvery: number;
}

export interface SoakResult {
  rounds: RoundFigures[];
  faults: string[];
}

/**
 * @param told called after each round.
 * @param layOut puts an empty database into the server's folder, which otherwise makes its own.
 */
export async function runSoak(
  options: SoakOptions,
  told: (figures: RoundFigures) => void = () => undefined,
  layOut: (folder: string) => Promise<void> = () => Promise.resolve(),
): Promise<SoakResult> {
  const folder = mkdtempSync(join(tmpdir(), "rademark-soak-"));
  const postgres = options.deployment === "postgres" ? await startPostgres() : null;
  try {
    await layOut(folder);
    const settings = { RADEMARK_LIMITS: "off", RADEMARK_LOG_ORIGIN: "soak.example/log" };
    const database = postgres === null ? {} : { DATABASE_URL: postgres.url };
    const server = await startKillable(folder, { ...settings, ...database });
    const soaked = { holders: await loadHolders(options.keys), ledger: emptyLedger() };
    const { address, errors, stop } = server;
    const registering = { ...soaked, address, traffic: noTraffic(), foundAgain: 0 };
    const at = new Date().toISOString();
    await registerHolders({ ...registering, onAcknowledged: () => undefined }, at);
    const rounds: RoundFigures[] = [];
    const { entries: count, clients, seed } = options;
    for (let round = 0; round < options.rounds; round++) {
      const isLast = round === options.rounds - 1;
      const reindex = isLast || (round + 1) % options.reindexEvery === 0;
      const plan = { round, count, clients, seed, reindex };
      rounds.push(await soakRound(server, soaked, plan).catch((error) => explained(error, server)));
      told(rounds.at(-1)!);
    }
    await stop();
    const complaints = errors() === "" ? [] : [`the server reported: ${errors()}`];
    return { rounds, faults: [...soaked.ledger.faults, ...complaints] };
  } finally {
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Adds what the server reported, because an answer does not say what went wrong in the server. */
async function explained(error: unknown, { stop, errors }: KillableServer): Promise<never> {
  await stop();
  throw new Error(`${String(error)}\nthe server reported: ${errors() || "nothing"}`, {
    cause: error,
  });
}
