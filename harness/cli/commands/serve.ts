/** @file `rademark serve` */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BlockList, isIP } from "node:net";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { EXIT, UserError } from "../../errors.ts";
import { withoutPassphrase } from "../../listing/key-store.ts";
import {
  commonArguments,
  defineCommand,
  serverArguments,
  serverFolderArgument,
  text,
  wholeNumber,
} from "../command.ts";
import type { Effects } from "../../effects.ts";

const PAGES = fileURLToPath(new URL("../../../dist/site/index.html", import.meta.url));

const NO_PAGES =
  "The site's pages are not built, so entries are shown as plain text. `npm run site:build` builds them, `npm start`\n" +
  "does, too; then start this again.\n";

export const serve = defineCommand({
  meta: {
    summary: "run the server of results and boards on this machine",
    details:
      "Its database is a folder, or PostgreSQL where DATABASE_URL is set. It listens on this machine only,\n" +
      "unless --host names another of its addresses: docs/hosting.md says how to show it to others.\n" +
      "Ctrl-C ends it once running requests are answered.",
    examples: [
      "rademark serve",
      "rademark serve --port 9000 --data ./lab --operator PUBLICKEY",
      "rademark serve --host 0.0.0.0",
    ],
  },
  args: {
    port: {
      summary: "port to listen on; 0: any that is free",
      placeholder: "PORT",
      read: wholeNumber(0, 65_535),
      fallback: 8787,
    },
    host: {
      summary: "address of this machine to listen on; 0.0.0.0 or :: for all of them",
      placeholder: "ADDRESS",
      read: text,
      fallback: "127.0.0.1",
    },
    data: serverFolderArgument,
    ...serverArguments,
    ...commonArguments,
  },
  async run({ port, host, data }, effects) {
    const env = withoutPassphrase(effects.env); // its own settings among them
    const folder = resolve(effects.cwd, data);
    const server = await startServer({ folder, port, host }, { err: effects.err, env });
    if (!isLoopback(host)) effects.err(`rademark: ${exposure(env)}\n`);
    effects.out(`listening on ${server.url}\n${existsSync(PAGES) ? "" : NO_PAGES}`);
    let isTold = false;
    const end = () => {
      isTold = true;
      void server.stop();
    };
    const unlisten = [effects.onInterrupt(end), effects.onAbandoned(end)];
    await server.ended;
    for (const stop of unlisten) stop();
    return isTold ? EXIT.ok : EXIT.runFailed;
  },
});

const PROGRAM = fileURLToPath(new URL("../../../api/node.ts", import.meta.url));

/** The local server as a child process: it ends with whoever started it, and is not asked by Ctrl-C. */
export interface ServerProcess {
  /** Without a slash at its end. */
  url: string;
  /** Finishes running requests first. */
  stop(): Promise<void>;
  /** Resolves when the server has ended, of itself or by `stop`. */
  ended: Promise<void>;
}

interface ServerPlace {
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

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

/** Reached from this machine alone? */
export function isLoopback(host: string): boolean {
  if (host === "localhost") return true;
  return isIP(host) !== 0 && loopback.check(host, isIP(host) === 4 ? "ipv4" : "ipv6");
}

/** @param env of the server: says whether a proxy is in front of it. */
export function exposure(env: Readonly<Record<string, string | undefined>>): string {
  const quotas =
    env.RADEMARK_PROXY === "yes"
      ? "RADEMARK_PROXY=yes counts quotas by what X-Forwarded-For says last: let only your proxy reach this " +
        "port, or anybody can write that header."
      : "Quotas count by the address a connection comes from: behind a proxy all people share one, unless " +
        "RADEMARK_PROXY=yes is set.";
  const lifted = env.RADEMARK_LIMITS === "off" ? " RADEMARK_LIMITS=off: there are no quotas." : "";
  return (
    "other machines can reach this server, unencrypted. Put a web server with TLS in front of it " +
    `(docs/hosting.md). ${quotas}${lifted}`
  );
}
