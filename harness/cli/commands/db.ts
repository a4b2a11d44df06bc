/** @file `rademark db migrate | reindex | dump FILE | restore FILE [--new-log]` */

import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { EXIT, UserError } from "../../errors.ts";
import {
  commonArguments,
  defineCommand,
  flag,
  oneOf,
  serverFolderArgument,
  text,
} from "../command.ts";
import type { Effects } from "../../effects.ts";

const PROGRAM = fileURLToPath(new URL("../../../api/node.ts", import.meta.url));

const action = oneOf("migrate", "reindex", "dump", "restore");

export const command = defineCommand({
  meta: {
    details:
      "migrate brings the tables up to date; reindex rebuilds everything from the signed statements;\n" +
      "dump writes the whole log (gzip where FILE ends in .gz); restore verifies every digest, signature and\n" +
      "root of a dump and fills an empty database with it. The database is a folder, or DATABASE_URL as its owner.\n" +
      "With --new-log the dump's leaves begin a log that this server signs, as that of a log whose key is gone must.",
    examples: [
      "rademark db dump backup.jsonl.gz",
      "rademark db restore backup.jsonl.gz --data ./drill",
      "rademark db restore reference/log.jsonl.gz --new-log",
      "rademark db migrate",
    ],
  },
  args: {
    action: {
      summary: "migrate, reindex, dump or restore",
      placeholder: "ACTION",
      positional: true,
      read: action,
    },
    file: {
      summary: "the dump, for dump and restore",
      placeholder: "FILE",
      positional: true,
      read: text,
      fallback: null,
    },
    newLog: flag("restore: into a new log, signed by this server"),
    data: serverFolderArgument,
    ...commonArguments,
  },
  async run({ action, file, newLog, data }, effects) {
    const takesFile = action === "dump" || action === "restore";
    if (takesFile && file === null) throw new UserError(`FILE is missing: what to ${action}`);
    if (!takesFile && file !== null) throw new UserError(`"${file}" is one word too many`);
    if (newLog && action !== "restore") throw new UserError("--new-log is for restore alone");
    const files = file === null ? [] : [resolve(effects.cwd, file)];
    const place = ["--folder", resolve(effects.cwd, data), ...(newLog ? ["--new-log"] : [])];
    const { code, errors } = await runProgram([action, ...files, ...place], effects);
    if (code !== 0) throw new UserError(errors.trim() || `${action} ended with ${code}`);
    effects.err(errors);
    return EXIT.ok;
  },
});

function runProgram(
  args: string[],
  { env, out, ...effects }: Effects,
): Promise<{ code: number | null; errors: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const unlisten = effects.onInterrupt(() => void child.kill("SIGTERM"));
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", out);
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      unlisten();
      if (signal === "SIGTERM") reject(new UserError("Interrupted.", EXIT.interrupted));
      else resolve({ code, errors });
    });
  });
}
