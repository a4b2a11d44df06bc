/** @file What the commands of a server's process take. */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { HomeError } from "../../db/db.ts";
import { visible } from "../../setup/shared/visible.mjs";
import { reported } from "../reported.ts";

const DEFAULT_FOLDER = join(".rademark", "server");

export interface Options {
  port: number;
  host: string;
  /** Of PGlite and of the log's key. */
  folder: string;
  /** End when standard input closes. */
  withParent: boolean;
  /** The dump to write or to read. */
  file: string | null;
  report: (error: unknown) => void;
  /** Folder of the built site; dist/site unless given. */
  site?: string;
}

/** @throws HomeError, or what `parseArgs` throws, for what a person typed wrong. */
export function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      port: { type: "string", default: "8787" },
      host: { type: "string", default: "127.0.0.1" },
      folder: { type: "string", default: DEFAULT_FOLDER },
      "with-parent": { type: "boolean", default: false },
      site: { type: "string" },
    },
  });
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65535)
    throw new HomeError(`--port ${values.port}: a number from 0 to 65535`);
  const { host, folder, site, "with-parent": withParent } = values;
  const file = positionals[0] ?? null;
  return { host, folder, port, withParent, file, report, ...(site !== undefined && { site }) };
}

function report(error: unknown): void {
  process.stderr.write(`${new Date().toISOString()} ${visible(reported(error))}\n`);
}
