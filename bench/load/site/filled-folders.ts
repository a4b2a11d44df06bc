/** @file Servers' folders with a few and with many made-up entries, which a later measurement may begin with. */

import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { openDatabase, openKeeper } from "../../../api/node/open-database.ts";
import { readSettings } from "../../../api/server-settings.ts";
import { type LogKeeper, appendLeaf, lockLog } from "../../../db/append-leaf.ts";
import { refreshBoards } from "../../../db/board/refresh-boards.ts";
import type { Db, Transaction } from "../../../db/db.ts";
import { indexLeaf } from "../../../db/project/index-leaf.ts";
import { bodyBytes } from "../../../db/project/leaf-body.ts";
import { entries } from "../../../db/schema.ts";
import { decodeBase64 } from "../../../record/signature/base64.ts";
import { statementId } from "../../../record/statement/statements.ts";
import { type ChildServer, startChild } from "../../../test/world/deployments.ts";
import { untilFresh } from "../board-walk.ts";
import { emptyLedger } from "../ledger.ts";
import { noTraffic } from "../retrying-client.ts";
import { type Holder, loadHolders, measured } from "../submissions.ts";
import { type Submission, registerHolders, submitRange } from "../submitting.ts";

export interface FilledFolders {
  few: string;
  /** Holds the few, too. */
  many: string;
}

/**
 * Fills what is missing: a fill that was stopped goes on, a finished one is taken as it is.
 *
 * @param folder keeps both.
 */
export async function filledFolders(
  folder: string,
  { rows, many, told }: { rows: number; many: number; told: (progress: string) => void },
): Promise<FilledFolders> {
  const filled = { few: join(folder, `${rows} entries`), many: join(folder, `${many} entries`) };
  await made(filled.few, async (draft) => {
    told(`${rows} entries`);
    const server = await startServer(draft, null);
    try {
      await fillByClients(server, rows);
    } finally {
      await server.stop();
    }
  });
  await made(filled.many, (draft) => cpSync(filled.few, draft, { recursive: true }));
  await fillWithoutServer(filled.many, many, (next) => told(`${next} of ${many} entries`));
  return filled;
}

/** Gives a folder its name once it is whole. */
async function made(path: string, make: (draft: string) => Promise<void> | void): Promise<void> {
  if (existsSync(path)) return;
  const draft = `${path}.tmp`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(dirname(draft), { recursive: true });
  await make(draft);
  renameSync(draft, path);
}

/** @param site folder of a built site; null: whatever dist/site holds. */
export function startServer(folder: string, site: string | null): Promise<ChildServer> {
  const args = ["serve", "--port", "0", "--folder", folder, "--with-parent"];
  const shown = site === null ? [] : ["--site", site];
  return startChild("api/node.ts", [...args, ...shown], { RADEMARK_LIMITS: "off" });
}

/** Keys that sign the made-up entries. */
export const KEYS = 5;

const CLIENTS = 6;

/** @param server a server without quotas. */
async function fillByClients({ url }: ChildServer, count: number): Promise<void> {
  const submission: Submission = {
    address: () => Promise.resolve(url),
    holders: await loadHolders(KEYS),
    ledger: emptyLedger(),
    traffic: noTraffic(),
    foundAgain: 0,
    onAcknowledged: () => undefined,
  };
  await registerHolders(submission, new Date().toISOString());
  await submitRange(submission, { from: 0, count, clients: CLIENTS });
  const { size } = (await (await fetch(`${url}/v1/log/entries?limit=1`)).json()) as {
    size: number;
  };
  await untilFresh(url, size);
}

const BATCH = 100;

/**
 * Adds entries that ran the panel alone, by keys that the server knows already; it must not run meanwhile.
 *
 * @param told called before each batch with how many there are.
 */
async function fillWithoutServer(
  folder: string,
  to: number,
  told: (next: number) => void,
): Promise<void> {
  const settings = readSettings({});
  const report = (error: unknown) => process.stderr.write(`${String(error)}\n`);
  const { db, close } = await openDatabase(settings, folder, report);
  try {
    const keeper = await openKeeper(settings, folder, db);
    const holders = await loadHolders(KEYS);
    for (let next = await db.$count(entries); next < to; next += BATCH) {
      told(next);
      await writeBatch(db, keeper, holders, [next, Math.min(to, next + BATCH)]);
    }
    await refreshBoards(db);
  } finally {
    await close();
  }
}

async function writeBatch(
  db: Db,
  keeper: LogKeeper,
  holders: readonly Holder[],
  [from, to]: readonly [number, number],
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockLog(tx);
    for (let i = from; i < to; i++) await writeEntry(tx, keeper, holders[i % holders.length]!, i);
  });
}

async function writeEntry(tx: Transaction, keeper: LogKeeper, holder: Holder, i: number) {
  const envelope = await measured(holder, i, null);
  const digest = statementId(decodeBase64(envelope.payload)!);
  const body = bodyBytes(envelope);
  await indexLeaf(
    tx,
    await appendLeaf(tx, keeper, { kind: "result", digest, body, at: new Date() }),
  );
}
