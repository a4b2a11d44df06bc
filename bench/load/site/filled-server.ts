/** @file A server of this machine with made-up entries, whose board shows all of them. */

import type { ChildServer } from "../../../test/world/deployments.ts";
import { untilFresh } from "../board-walk.ts";
import { emptyLedger } from "../ledger.ts";
import { noTraffic } from "../retrying-client.ts";
import { loadHolders } from "../submissions.ts";
import { type Submission, registerHolders, submitRange } from "../submitting.ts";

export const KEYS = 5;
const CLIENTS = 6;

export interface Filling {
  /** @param count that the server has in all afterwards. @returns ids of all entries. */
  fillTo: (count: number) => Promise<string[]>;
}

/** @param server with its quotas lifted. @param told after each entry, how many there are. */
export async function openFilling(
  { url }: ChildServer,
  told: (entries: number) => void = () => undefined,
): Promise<Filling> {
  const submission: Submission = {
    address: () => Promise.resolve(url),
    holders: await loadHolders(KEYS),
    ledger: emptyLedger(),
    traffic: noTraffic(),
    foundAgain: 0,
    onAcknowledged: () => told(submission.ledger.results.size),
  };
  await registerHolders(submission, new Date().toISOString());
  return {
    fillTo: async (count) => {
      const from = submission.ledger.results.size;
      await submitRange(submission, { from, count: count - from, clients: CLIENTS });
      const { size } = (await (await fetch(`${url}/v1/log/entries?limit=1`)).json()) as {
        size: number;
      };
      await untilFresh(url, size);
      return [...submission.ledger.results];
    },
  };
}
