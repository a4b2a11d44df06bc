/** @file What a server would answer about entries, as text: a copy without one is checked and compared from its files. */

import { consistencyProof } from "../../record/log/merkle-tree.ts";
import type { ConsistencyProof } from "../../record/log/log-proof.ts";
import { protocols } from "../../record/protocols.ts";
import { encodeBase64 } from "../../record/signature/base64.ts";
import { buildApi, known } from "./build-api.ts";
import { builtBoard } from "./built-board.ts";
import { type BuiltLog, builtLog } from "./built-log.ts";

/** Paths below `/v1/`: whoever saw the log at an earlier size can be shown that it only grew. */
export async function answerPaths(): Promise<string[]> {
  const log = await builtLog();
  if (log === null) return [];
  const boards = await Promise.all(Object.keys(protocols).map((name) => builtBoard(name)));
  const ids = boards.flatMap(({ rows }) => rows.map(({ entry }) => entry));
  const sizes = Array.from({ length: log.size }, (_, i) => i + 1);
  return [
    "log/key",
    "log/checkpoint",
    ...ids.flatMap((id) => [`entries/${id}`, `log/statements/${id}`]),
    ...sizes.map((size) => `log/consistency/${size}`),
  ];
}

/** @throws Error for a path that is none of `answerPaths`. */
export async function builtAnswer(path: string): Promise<string> {
  if (path === "log/key") return `${(await known(buildApi.logKey()))!.trim()}\n`;
  if (path === "log/checkpoint") return (await builtLog())!.checkpoint;
  const [, kind, last] = /^(entries|log\/statements|log\/consistency)\/(\w+)$/.exec(path)!;
  if (kind === "entries") return JSON.stringify(await known(buildApi.entry(last!)));
  if (kind === "log/statements") return JSON.stringify(await known(buildApi.statement(last!)));
  return JSON.stringify(consistencyFrom(Number(last), (await builtLog())!));
}

function consistencyFrom(older: number, { checkpoint, size, hashes }: BuiltLog): ConsistencyProof {
  return { older, checkpoint, hashes: consistencyProof(older, size, hashes).map(encodeBase64) };
}
