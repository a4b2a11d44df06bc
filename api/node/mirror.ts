/** @file What a log's dump shows, served from memory: verified, read-only, signed by nobody but the log's own key. */

import type { Db } from "../../db/db.ts";
import { openPglite } from "../../db/stores/open-pglite.ts";
import { dumpLinesUnder } from "../../db/dump/dump.ts";
import { DumpHeader } from "../../record/log/dump-lines.ts";
import { restore } from "../../db/dump/restore.ts";
import { createSeed } from "../../record/signature/ed25519.ts";
import { createApp } from "../app.ts";
import { LIMITS } from "../deployment.ts";
import { createNodeDeployment } from "../node-deployment.ts";
import { Refusal, problemResponse } from "../problem-answer.ts";
import { gzipStream, lines } from "../read/export.ts";
import { dumpFileLines } from "./dump-file-lines.ts";
import {
  type RunningServer,
  closeServer,
  createFront,
  createHttpServer,
  createSite,
  listen,
  sitePages,
  withheldEntries,
} from "./serve.ts";

export interface MirrorOptions {
  file: string;
  host: string;
  port: number;
  report: (error: unknown) => void;
}

/** @throws OperatorError for a dump that is not valid, and for a port that cannot be used. */
export async function mirror({ file, host, port, report }: MirrorOptions): Promise<RunningServer> {
  const { db, close } = await openPglite(null);
  try {
    const header = await restored(db, file);
    // Nothing is ever signed with this seed: what would be, is answered from the dump, or refused.
    const keeper = { origin: header.origin, seed: createSeed() };
    const nobody = new Set<string>();
    const options = {
      operators: nobody,
      limits: LIMITS,
      sitePage: sitePages(),
    };
    const node = createNodeDeployment({ db, keeper, ...options, report });
    const api = createApp(() => node.deployment(null), report);
    const front = createFront(api, createSite(), withheldEntries(db));
    const fetch = (request: Request, env?: object) =>
      ownAnswer(request, db, header) ?? front.fetch(request, env);
    const server = createHttpServer(fetch);
    const url = await listen(server, host, port);
    const end = async () => {
      await closeServer(server);
      await node.settle();
      await close();
    };
    return { url, close: end };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The file is read once: another dump may take its name at any time. @returns its first line. */
async function restored(db: Db, file: string): Promise<DumpHeader> {
  let first: string | null = null;
  const kept = async function* () {
    for await (const line of dumpFileLines(file)) {
      if (line !== "") first ??= line;
      yield line;
    }
  };
  await restore(db, kept(), null);
  return DumpHeader.parse(JSON.parse(first!)); // `restore` has checked it
}

/** What another server of the log would sign itself, and the dump; null for what the database answers. */
function ownAnswer({ method, url }: Request, db: Db, header: DumpHeader): Response | null {
  if (method !== "GET" && method !== "HEAD")
    return problemResponse(
      new Refusal("method-not-allowed", "This is a mirror of a dump: it takes nothing in."),
    );
  const { pathname } = new URL(url);
  if (pathname === "/v1/log/key") return answer(`${header.verifierKey}\n`, TEXT);
  if (pathname === "/v1/log/checkpoint") return answer(header.checkpoint, TEXT);
  if (pathname !== "/v1/export/log.jsonl.gz") return null;
  return answer(method === "HEAD" ? null : gzipStream(lines(dumpLinesUnder(db, header))), GZIP);
}

const TEXT = "text/plain; charset=utf-8";
const GZIP = "application/gzip";

/** For everybody, as the log's own server answers it. */
function answer(body: BodyInit | null, type: string): Response {
  const headers = { "content-type": type, "access-control-allow-origin": "*" };
  return new Response(body, { headers: { ...headers, "x-content-type-options": "nosniff" } });
}
