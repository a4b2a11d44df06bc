/** @file One deployment, filled up to each size in turn and measured there. */

import { hexToBytes } from "@noble/hashes/utils.js";
import { type ApiFigures, type Effort, measureApi } from "./api-measures.ts";
import { type BenchDeployment, LOG_ORIGIN, LOG_SEED } from "./bench-deployments.ts";
import { untilFresh } from "./board-walk.ts";
import { emptyLedger } from "./ledger.ts";
import { readText } from "./reads.ts";
import { noTraffic } from "./retrying-client.ts";
import { type Holder, loadHolders, measured } from "./submissions.ts";
import { registerHolders, submitRange } from "./submitting.ts";
import { appendLeaf, lockLog } from "../../db/append-leaf.ts";
import type { Db } from "../../db/db.ts";
import { indexLeaf } from "../../db/project/index-leaf.ts";
import { bodyBytes } from "../../db/project/leaf-body.ts";
import { decodeBase64 } from "../../record/signature/base64.ts";
import { statementId } from "../../record/statement/statements.ts";

interface BenchPlan {
  /** Entries on the board, rising. */
  sizes: readonly number[];
  /** Entries up to this number come by POST; later ones are put into the log directly. */
  posted: number;
  effort: Effort;
}

interface FillFigures {
  entries: number;
  way: "posted" | "put into the log";
  seconds: number;
}

export interface DeploymentFigures {
  deployment: string;
  fills: FillFigures[];
  sizes: ApiFigures[];
}

/** Measured results have numbers above those of all that fill the board. */
const FIRST_MEASURED = 120_000;

const KEYS = 40;
const CLIENTS = 4;

export async function benchDeployment(
  deployment: BenchDeployment,
  { sizes, posted, effort }: BenchPlan,
  say: (line: string) => void,
): Promise<DeploymentFigures> {
  const holders = await loadHolders(KEYS);
  const figures: DeploymentFigures = { deployment: deployment.name, fills: [], sizes: [] };
  let [filled, next] = [0, FIRST_MEASURED];
  for (const size of sizes) {
    for (const [way, to] of [
      ["posted", Math.min(size, posted)],
      ["put into the log", size],
    ] as const) {
      if (to <= filled) continue;
      const fill = way === "posted" ? postRange : putRange;
      const begun = performance.now();
      await fill(deployment, holders, { from: filled, to });
      const seconds = (performance.now() - begun) / 1000;
      figures.fills.push({ entries: to - filled, way, seconds });
      say(`${deployment.name}: ${to - filled} entries ${way} in ${seconds.toFixed(0)} s`);
      filled = to;
    }
    const measuring = { entries: size, holders, next: () => next++ };
    const measures = await served(deployment, (url) => measureApi(url, measuring, effort));
    figures.sizes.push(measures);
    const { cached, uncached, postResult } = measures;
    const p95 = [cached, uncached, postResult].map((each) => each.p95.toFixed(1)).join(" / ");
    say(
      `${deployment.name}: measured at ${size} entries; cached / uncached / POST, p95: ${p95} ms`,
    );
  }
  return figures;
}

interface Range {
  from: number;
  to: number;
}

async function postRange(
  deployment: BenchDeployment,
  holders: readonly Holder[],
  { from, to }: Range,
) {
  await served(deployment, async (url) => {
    const address = () => Promise.resolve(url);
    const counted = { traffic: noTraffic(), foundAgain: 0, onAcknowledged: () => undefined };
    const submission = { address, holders, ledger: emptyLedger(), ...counted };
    if (from === 0) await registerHolders(submission, new Date().toISOString());
    await submitRange(submission, { from, count: to - from, clients: CLIENTS });
  });
}

async function putRange(deployment: BenchDeployment, holders: readonly Holder[], range: Range) {
  const { db, close } = await deployment.open();
  await fillLog(db, holders, range).finally(close);
}

/** Does the work with a fresh server whose board shows the whole log. */
async function served<T>(
  deployment: BenchDeployment,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const server = await deployment.serve();
  try {
    const size = Number((await readText(`${server.url}/v1/log/checkpoint`)).split("\n")[1]);
    await untilFresh(server.url, size);
    const done = await work(server.url);
    if (server.errors() !== "") throw new Error(`the server reported: ${server.errors()}`);
    return done;
  } finally {
    await server.stop();
  }
}

const KEEPER = { origin: LOG_ORIGIN, seed: hexToBytes(LOG_SEED) };

/** Results in one transaction. */
const BATCH = 100;

/** Puts made-up results into the log. Registered keys sign them; none has a challenge. @param from number of the first result. */
export async function fillLog(
  db: Db,
  holders: readonly Holder[],
  { from, to }: { from: number; to: number },
): Promise<void> {
  for (let start = from; start < to; start += BATCH)
    await db.transaction(async (tx) => {
      await lockLog(tx);
      for (let i = start; i < Math.min(to, start + BATCH); i++) {
        const envelope = await measured(holders[i % holders.length]!, i, null);
        const digest = statementId(decodeBase64(envelope.payload)!);
        const stored = {
          kind: "result",
          digest,
          body: bodyBytes(envelope),
          at: new Date(),
        } as const;
        await indexLeaf(tx, await appendLeaf(tx, KEEPER, stored));
      }
    });
}
