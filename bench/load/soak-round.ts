/** @file One round: submissions from all sides, a kill in their middle, a restart, and then everything is looked at. */

import { setTimeout as sleep } from "node:timers/promises";
import { auditLog } from "./log-audit.ts";
import { auditPromises } from "./promise-audit.ts";
import { boardPages, entryIds, untilFresh } from "./board-walk.ts";
import type { KillableServer } from "./killable-server.ts";
import type { Ledger } from "./ledger.ts";
import { noTraffic } from "./retrying-client.ts";
import type { Holder } from "./submissions.ts";
import { type Submission, submitRange } from "./submitting.ts";
import { fraction } from "./synthetic.ts";

export interface RoundPlan {
  round: number;
  /** New results. */
  count: number;
  clients: number;
  /** Of the moment of the kill. */
  seed: number;
  /** Is the index rebuilt from the leaves at its end, and the board compared? */
  reindex: boolean;
}

export interface RoundFigures {
  round: number;
  /** Results acknowledged when the server was killed. */
  before: number;
  /** Requests that then waited for an answer. */
  open: number;
  /** Of those, results that were stored all the same, and were not stored twice. */
  foundAgain: number;
  /** Requests sent in all. */
  requests: number;
  restartSeconds: number;
  submitSeconds: number;
  /** After it. */
  leaves: number;
  entries: number;
  /** Promises looked at. */
  promises: number;
  auditSeconds: number;
  faults: number;
}

const LONGEST_DELAY_MILLISECONDS = 20;

export async function soakRound(
  server: KillableServer,
  { holders, ledger }: { holders: readonly Holder[]; ledger: Ledger },
  plan: RoundPlan,
): Promise<RoundFigures> {
  const known = ledger.faults.length;
  const submitted = await submitThroughKill(server, { holders, ledger }, plan);
  const begun = performance.now();
  const looked = await lookAtEverything(server, ledger, plan);
  return {
    round: plan.round,
    ...submitted,
    ...looked,
    auditSeconds: secondsSince(begun),
    faults: ledger.faults.length - known,
  };
}

async function submitThroughKill(
  server: KillableServer,
  { holders, ledger }: { holders: readonly Holder[]; ledger: Ledger },
  { round, count, clients, seed }: RoundPlan,
) {
  const killAt = Math.floor(count * (0.1 + 0.5 * fraction(seed, 2 * round)));
  const delay = LONGEST_DELAY_MILLISECONDS * fraction(seed, 2 * round + 1);
  const traffic = noTraffic();
  let [acknowledged, before, open] = [0, 0, 0];
  let killed: Promise<number> | null = null;
  const kill = async () => {
    await sleep(delay);
    while (traffic.open === 0 && acknowledged < count) await sleep(1);
    [before, open] = [acknowledged, traffic.open];
    return server.killAndRestart();
  };
  const submission: Submission = {
    ...{ address: server.address, holders, ledger, traffic, foundAgain: 0 },
    onAcknowledged: () => {
      if (++acknowledged > killAt) killed ??= kill();
    },
  };
  const begun = performance.now();
  await submitRange(submission, { from: round * count, count, clients });
  const restartSeconds = (await killed!) / 1000;
  const { foundAgain } = submission;
  const { requests } = traffic;
  return { before, open, foundAgain, requests, restartSeconds, submitSeconds: secondsSince(begun) };
}

async function lookAtEverything(server: KillableServer, ledger: Ledger, { reindex }: RoundPlan) {
  const fault = (what: string) => void ledger.faults.push(what);
  const url = await server.address();
  const log = await auditLog(url, fault);
  const promises = await auditPromises(url, log, ledger);
  ledger.checkpoints.push(log.checkpoint);
  await untilFresh(url, log.checkpoint.size);
  const pages = await boardPages(url);
  const listed = entryIds(pages);
  if (listed.length !== new Set(listed).size) fault("an entry stands on the board twice");
  if (listed.length !== ledger.results.size) fault(`${listed.length} entries on the board`);
  for (const id of ledger.results) if (!listed.includes(id)) fault(`${id} is not on the board`);
  if (reindex) {
    await server.reindex();
    const rebuilt = await boardPages(await server.address());
    if (rebuilt.join() !== pages.join()) fault("the board differs once the index is rebuilt");
  }
  return { leaves: log.checkpoint.size, entries: listed.length, promises };
}

const secondsSince = (begun: number) => (performance.now() - begun) / 1000;
