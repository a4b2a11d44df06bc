/** @file Results put into a log without a server: the checks of the API left out, everything that is stored the same. */

import { hexToBytes } from "@noble/hashes/utils.js";
import { appendLeaf, lockLog } from "../../db/append-leaf.ts";
import type { Db } from "../../db/db.ts";
import { indexLeaf } from "../../db/project/index-leaf.ts";
import { bodyBytes } from "../../db/project/leaf-body.ts";
import { decodeBase64 } from "../../record/signature/base64.ts";
import { statementId } from "../../record/statement/statements.ts";
import { LOG_ORIGIN, LOG_SEED } from "./bench-deployments.ts";
import { type Holder, measured } from "./submissions.ts";

const KEEPER = { origin: LOG_ORIGIN, seed: hexToBytes(LOG_SEED) };
/** Results in one transaction. */
const BATCH = 100;

/** Registered keys sign them; none has a challenge. @param from number of the first result. */
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
