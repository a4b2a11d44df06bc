/** @file A server with something of every kind in it, for requests that no client should send. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNode } from "../../test/world/deployments.ts";
import { untilFresh } from "./board-walk.ts";
import { emptyLedger } from "./ledger.ts";
import { noTraffic } from "./retrying-client.ts";
import { loadHolders } from "./submissions.ts";
import { registerHolders, submitRange } from "./submitting.ts";

export interface FuzzServer {
  url: string;
  /** Ids of entries in it; below, ids of challenges, and public keys. */
  entries: string[];
  challenges: string[];
  keys: string[];
  /** When the keys were registered. */
  at: string;
  /** @returns what it wrote to stderr: errors that are not the client's. */
  stop: () => Promise<string>;
}

/** The first key is the operator's. @param entries how many; half of them with a challenge. */
export async function startFuzzServer(entries: number): Promise<FuzzServer> {
  const folder = mkdtempSync(join(tmpdir(), "rademark-fuzz-"));
  const holders = await loadHolders(3);
  const settings = { RADEMARK_LIMITS: "off", RADEMARK_OPERATORS: holders[0]!.key };
  const server = await startNode(folder, settings);
  const { url } = server;
  const ledger = emptyLedger();
  const address = () => Promise.resolve(url);
  const counted = { traffic: noTraffic(), foundAgain: 0, onAcknowledged: () => undefined };
  const submission = { address, holders, ledger, ...counted };
  const at = new Date().toISOString();
  await registerHolders(submission, at);
  await submitRange(submission, { from: 0, count: entries, clients: 2 });
  await untilFresh(url, ledger.receipts.size + 2 * ledger.challenges.size);
  return {
    url,
    entries: [...ledger.results],
    challenges: [...ledger.challenges.keys()],
    keys: holders.map(({ key }) => key),
    at,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
      return server.errors();
    },
  };
}
