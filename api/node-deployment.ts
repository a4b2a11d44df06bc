/** @file The deployment as a process of its own, with PGlite or a PostgreSQL server. */

import type { LogKeeper } from "../db/append-leaf.ts";
import { refreshDocuments } from "../db/read/board-documents.ts";
import { type RankColumns, refreshBoards } from "../db/board/refresh-boards.ts";
import type { Db } from "../db/db.ts";
import { type Deployment, type Limits, type Pace, coalesced } from "./deployment.ts";

/**
 * A single write is shown at once. When writes keep coming, those of one second are shown together, as a refresh costs as
 * much as a write. Both are well below the two seconds that are promised.
 */
const REFRESH: Pace = { wait: 200, apart: 1000 };

/** Documents over a whole board are expensive: measures take two seconds of a processor. */
const DOCUMENTS: Pace = { wait: 0, apart: 3000, share: 0.05 };

/** Together with the refresh before it and the page's own interval after it, a new entry is seen within two seconds. */
const CHECK_MILLISECONDS = 250;

export interface NodeDeployment {
  /** @param address the client's, from its connection. */
  deployment(address: string | null): Deployment;
  /** Resolves when all postponed work is done. */
  settle(): Promise<void>;
}

export function createNodeDeployment(options: {
  db: Db;
  keeper: LogKeeper;
  operators: ReadonlySet<string>;
  limits: Limits;
  /** Ranks boards in another thread; this thread does it unless given. */
  rank?: RankColumns;
  report: (error: unknown) => void;
  sitePage?: Deployment["sitePage"];
}): NodeDeployment {
  const { db, keeper, operators, limits, rank, report, sitePage } = options;
  const sentences = coalesced(() => refreshDocuments(db, "sentences"), DOCUMENTS, report);
  const measures = coalesced(() => refreshDocuments(db, "measures"), DOCUMENTS, report);
  const refresh = async () => {
    await refreshBoards(db, rank);
    sentences.ask();
    measures.ask();
  };
  const boards = coalesced(refresh, REFRESH, report);
  const pending = new Set<Promise<void>>();
  const after = (work: () => Promise<void>) => {
    const done = work().catch(report);
    pending.add(done);
    void done.then(() => pending.delete(done));
  };
  const shared = {
    keeper,
    operators,
    limits,
    now: () => new Date(),
    open: () => Promise.resolve({ db, close: () => Promise.resolve() }),
    after,
    boardsChanged: () => boards.ask(),
    checkMilliseconds: CHECK_MILLISECONDS,
    ...(sitePage && { sitePage }),
  };
  return {
    deployment: (address) => ({ ...shared, address }),
    settle: async () => {
      await Promise.all(pending);
      await boards.finish();
      await sentences.finish();
      await measures.finish();
    },
  };
}
