/** @file The deployment of one request to a Worker: connections to Neon do not outlive it. */

import { refreshDocuments } from "../db/read/board-documents.ts";
import { refreshBoards } from "../db/board/refresh-boards.ts";
import { DOCUMENT_KINDS } from "../db/schema.ts";
import type { Db } from "../db/db.ts";
import type { LogKeeper } from "../db/append-leaf.ts";
import { openNeonHttp, openNeonPool } from "../db/stores/open-neon.ts";
import { type Deployment, LIMITS, type OpenedDb } from "./deployment.ts";

/** A Worker's settings, read once in the life of an isolate. */
export interface WorkerSettings {
  databaseUrl: string;
  keeper: LogKeeper;
  operators: ReadonlySet<string>;
}

/** Every isolate asks the database, each time by an HTTP request. */
const CHECK_MILLISECONDS = 1000;

/** Keeps the Worker alive until a promise has settled. */
export type WaitUntil = (work: Promise<unknown>) => void;

/** @param address of the client, as Cloudflare saw it. */
export function createWorkerDeployment(
  { databaseUrl, keeper, operators }: WorkerSettings,
  address: string | null,
  waitUntil: WaitUntil,
  report: (error: unknown) => void,
  sitePage: Deployment["sitePage"] = undefined,
): Deployment {
  const after = (work: () => Promise<void>) => waitUntil(work().catch(report));
  const boards = new BoardRefreshes();
  const open = (purpose: "read" | "write") =>
    Promise.resolve(
      purpose === "read"
        ? { db: openNeonHttp(databaseUrl, after), close: () => Promise.resolve() }
        : boards.refreshedBeforeClose(openNeonPool(databaseUrl), after),
    );
  const refreshNow = async () => {
    const { db, close } = openNeonPool(databaseUrl);
    await refresh(db).finally(close);
  };
  return {
    keeper,
    operators,
    limits: LIMITS,
    now: () => new Date(),
    open,
    after,
    boardsChanged: () => boards.ask() || after(refreshNow),
    checkMilliseconds: CHECK_MILLISECONDS,
    ...(sitePage && { sitePage }),
    address,
  };
}

async function refresh(db: Db): Promise<void> {
  await refreshBoards(db);
  for (const kind of DOCUMENT_KINDS) await refreshDocuments(db, kind);
}

/**
 * Boards are refreshed over the connection that changed them, after the answer has been sent. When many write, a second
 * connection is refused, and the boards would remain out of date.
 */
class BoardRefreshes {
  #open = 0;
  #isAsked = false;

  /** @returns false where there is no open connection to refresh them over. */
  ask(): boolean {
    if (this.#open > 0) this.#isAsked = true;
    return this.#open > 0;
  }

  /** No request waits for the connection to close. */
  refreshedBeforeClose(opened: OpenedDb, after: Deployment["after"]): OpenedDb {
    this.#open += 1;
    const close = () => {
      this.#open -= 1;
      const isAsked = this.#isAsked;
      this.#isAsked = false;
      after(() => (isAsked ? refresh(opened.db).finally(opened.close) : opened.close()));
      return Promise.resolve();
    };
    return { db: opened.db, close };
  }
}
