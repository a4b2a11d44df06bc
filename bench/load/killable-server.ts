/** @file A server that can be killed and comes back over the same data, at another address. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type ChildServer, KEPT, startNode } from "../../test/world/deployments.ts";
import { REPOSITORY } from "./repository.ts";

export interface KillableServer {
  /** Where it is now; while it is down, where it will be. */
  address: () => Promise<string>;
  /**
   * Kills the server (kill -9), and starts a new one over what it left.
   *
   * @returns milliseconds from the kill to the new server's first word.
   */
  killAndRestart: () => Promise<number>;
  /** Stops the server in order, rebuilds the index from the leaves by `api/node.ts reindex`, and starts again. */
  reindex: () => Promise<void>;
  stop: () => Promise<void>;
  /** What its processes wrote to stderr. */
  errors: () => string;
}

/** @param environment `DATABASE_URL`, `RADEMARK_LIMITS` and the like. */
export async function startKillable(
  folder: string,
  environment: Record<string, string>,
): Promise<KillableServer> {
  const start = () => startNode(folder, environment);
  let current: Promise<ChildServer> = start();
  let errors = "";
  const replace = async (end: (server: ChildServer) => Promise<void>) => {
    const old = await current;
    current = end(old).then(() => {
      errors += old.errors();
      return start();
    });
    await current;
  };
  await current;
  return {
    address: async () => (await current).url,
    killAndRestart: async () => {
      const begun = performance.now();
      await replace((server) => server.kill());
      return performance.now() - begun;
    },
    reindex: () =>
      replace(async (server) => {
        await server.stop();
        await runReindex(folder, environment);
      }),
    stop: async () => {
      const last = await current;
      await last.stop();
      errors += last.errors();
    },
    errors: () => errors,
  };
}

async function runReindex(folder: string, environment: Record<string, string>): Promise<void> {
  const args = [`${REPOSITORY}api/node.ts`, "reindex", "--folder", folder];
  const env = { ...KEPT, ...environment };
  await promisify(execFile)(process.execPath, args, { env });
}
