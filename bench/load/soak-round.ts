/** @file One round: submissions from all sides, a kill in the middle of them, a restart, then a check of everything. */

import { setTimeout as sleep } from "node:timers/promises";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type AuditedLog, auditLog } from "./log-audit.ts";
import { boardPages, entryIds, untilFresh } from "./board-walk.ts";
import type { KillableServer } from "./killable-server.ts";
import type { Ledger } from "./ledger.ts";
import { noTraffic } from "./retrying-client.ts";
import type { Holder } from "./submissions.ts";
import { type Submission, submitRange } from "./submitting.ts";
import { fraction } from "./synthetic.ts";
import type { ChallengeDocument } from "../../record/answers/documents.ts";
import { openCheckpoint } from "../../record/log/checkpoint.ts";
import {
  type ConsistencyProof,
  type InclusionProof,
  Receipt,
  openConsistencyProof,
  openInclusionProof,
} from "../../record/log/log-proof.ts";
import { forEachOf, readJson, readText } from "./reads.ts";

interface RoundPlan {
  round: number;
  /** New results. */
  count: number;
  clients: number;
  /** Seed of the moment of the kill. */
  seed: number;
  /** Is the index rebuilt from the leaves at its end, and the board compared? */
  reindex: boolean;
}

export interface RoundFigures {
  round: number;
  /** Results acknowledged when the server was killed. */
  before: number;
  /** Requests that were waiting for an answer then. */
  open: number;
  /** Of those, results that were stored all the same, and were not stored twice. */
  foundAgain: number;
  /** Requests sent in all. */
  requests: number;
  restartSeconds: number;
  submitSeconds: number;
  /** Leaves and entries after the round. */
  leaves: number;
  entries: number;
  /** Number of promises checked. */
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

const PARALLEL = 4;

/** @returns how many promises were checked. */
async function auditPromises(url: string, log: AuditedLog, ledger: Ledger): Promise<number> {
  const { receipts, results, challenges, checkpoints } = ledger;
  const fault = (what: string) => void ledger.faults.push(what);
  await forEachOf(receipts, PARALLEL, async ([id, text]) => {
    if ((await readText(`${url}/v1/receipts/${id}`)) !== text) fault(`another receipt of ${id}`);
    await checkReceipt(log, text, (what) => fault(`receipt of ${id}: ${what}`));
  });
  await forEachOf(results, PARALLEL, async (id) => {
    const proof: InclusionProof = await readJson(`${url}/v1/entries/${id}/proof`);
    const opened = await openInclusionProof(proof, log.key);
    if (!opened.ok) fault(`proof of ${id}: ${opened.reason}`);
    const isOwn = proof.entry.digest === id && proof.entry.kind === "result";
    if (!isOwn) fault(`the proof of ${id} is of ${proof.entry.digest}`);
  });
  await forEachOf(challenges.values(), PARALLEL, async (promised) => {
    const { id } = promised.challenge;
    const now: ChallengeDocument = await readJson(`${url}/v1/challenges/${id}`);
    for (const part of ["challenge", "commitment", "receipt"] as const)
      if (JSON.stringify(now[part]) !== JSON.stringify(promised[part]))
        fault(`challenge ${id}: another ${part}`);
    if (now.outcome?.outcome !== "completed") fault(`challenge ${id} is not completed`);
    else if (!results.has(now.outcome.statement!)) fault(`challenge ${id}: a foreign result`);
  });
  for (const seen of checkpoints) {
    const proof: ConsistencyProof = await readJson(`${url}/v1/log/consistency/${seen.size}`);
    const opened = await openConsistencyProof(proof, seen, log.key);
    if (!opened.ok) fault(`consistency with ${seen.size} leaves: ${opened.reason}`);
    if (log.roots[seen.size] !== bytesToHex(seen.root)) fault(`${seen.size} leaves changed`);
  }
  return receipts.size + results.size + challenges.size + checkpoints.length;
}

/** Checks that a receipt's checkpoint is of a tree that this log once had, and that held the leaf. */
async function checkReceipt(
  { key, entries, roots }: AuditedLog,
  text: string,
  fault: (what: string) => void,
): Promise<void> {
  const { id, index, checkpoint } = Receipt.parse(JSON.parse(text));
  if (entries[index]?.digest !== id) fault(`leaf ${index} is another`);
  const opened = await openCheckpoint(checkpoint, key);
  if (!opened.ok) return fault(opened.reason);
  const { size, root } = opened.checkpoint;
  if (size <= index) fault(`its checkpoint is of ${size} leaves`);
  if (roots[size] !== bytesToHex(root)) fault("its checkpoint is of another log");
}
