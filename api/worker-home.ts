/** @file The API's home for one request to a Worker: connections to Neon do not outlive it. */

import { refreshBoards } from "../db/board/refresh-boards.ts";
import type { LogKeeper } from "../db/append-leaf.ts";
import { openNeonHttp, openNeonPool } from "../db/home/open-neon.ts";
import { LIMITS, type Home, type OpenedDb } from "./home.ts";

/** What a Worker is configured with, read once in the life of an isolate. */
export interface WorkerSettings {
  databaseUrl: string;
  keeper: LogKeeper;
  operators: ReadonlySet<string>;
}

/** Keeps the Worker alive until a promise is settled. */
export type WaitUntil = (work: Promise<unknown>) => void;

/** @param address of the client, as Cloudflare saw it. */
export function createWorkerHome(
  { databaseUrl, keeper, operators }: WorkerSettings,
  address: string | null,
  waitUntil: WaitUntil,
  report: (error: unknown) => void,
): Home {
  const after = (work: () => Promise<void>) => waitUntil(work().catch(report));
  const open = (purpose: "read" | "write") =>
    Promise.resolve(
      purpose === "read"
        ? { db: openNeonHttp(databaseUrl), close: () => Promise.resolve() }
        : openPool(databaseUrl, waitUntil, report),
    );
  const refresh = async () => {
    const { db, close } = await open("write");
    await refreshBoards(db).finally(close);
  };
  return {
    keeper,
    operators,
    limits: LIMITS,
    now: () => new Date(),
    open,
    after,
    boardsChanged: () => after(refresh),
    address,
  };
}

/** Nobody waits for the connection's end. */
function openPool(
  databaseUrl: string,
  waitUntil: WaitUntil,
  report: (error: unknown) => void,
): OpenedDb {
  const { db, close } = openNeonPool(databaseUrl);
  return {
    db,
    close: () => {
      waitUntil(close().catch(report));
      return Promise.resolve();
    },
  };
}
