/** @file The local server as a child process: it ends with whoever started it, and is not asked by Ctrl-C. */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Effects } from "../cli/effects.ts";
import { UserError } from "../errors.ts";

const PROGRAM = fileURLToPath(new URL("../../api/node.ts", import.meta.url));

export interface ServerProcess {
  /** Without a slash at its end. */
  url: string;
  /** Finishes running requests first. */
  stop(): Promise<void>;
  /** Resolves when the server has ended, of itself or by `stop`. */
  ended: Promise<void>;
}

export interface ServerPlace {
  /** Of its database and its log's key. */
  folder: string;
  /** 0: any that is free. */
  port: number;
  /** Address to listen on; this machine alone unless given. */
  host?: string;
  /** Another one, for when that is taken. */
  otherPort?: number;
}

/** @throws UserError with what the server said when it does not come up. */
export async function startServer(
  { otherPort, ...place }: ServerPlace,
  effects: Pick<Effects, "err" | "env">,
): Promise<ServerProcess> {
  try {
    return await launch(place, effects);
  } catch (error) {
    const isTaken =
      error instanceof UserError && /^rademark: port \d+ .* taken/.test(error.message);
    if (otherPort === undefined || !isTaken) throw error;
    return launch({ ...place, port: otherPort }, effects);
  }
}

async function launch(
  { folder, port, host = "127.0.0.1" }: ServerPlace,
  { err, env }: Pick<Effects, "err" | "env">,
): Promise<ServerProcess> {
  const place = ["--folder", folder, "--port", String(port), "--host", host];
  const args = ["serve", "--with-parent", ...place];
  // A process group of its own: Ctrl-C is for the training, whose results are still to be sent.
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env,
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  let complaints: string[] | null = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (complaints) complaints.push(line);
    else err(`${line}\n`);
  });
  const url = await new Promise<string | null>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) =>
      resolve(/^listening on (.+)$/.exec(line)?.[1] ?? null),
    );
    void ended.then(() => resolve(null));
  });
  if (url === null) {
    await stop();
    throw new UserError(complaints.join("\n") || "The local server ended without a word.");
  }
  for (const line of complaints) err(`${line}\n`);
  complaints = null;
  return { url, stop, ended };
}
