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
  "The site's pages are not built, so entries are shown as plain text. Build them with `npm run site:build` or\n" +
  "`npm start`; then start this again.\n";

export const command = defineCommand({
  meta: {
    details:
      "Its database is a folder, or PostgreSQL where DATABASE_URL is set. It listens on this machine only,\n" +
      "unless --host names another of its addresses: docs/hosting.md says how to show it to others.\n" +
      "Ctrl-C ends it once open requests are answered.",
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
    const env = withoutPassphrase(effects.env); // holds the server's settings, too
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

/** The local server as a child process: it ends with its parent, and Ctrl-C does not reach it. */
export interface ServerProcess {
  /** Without a trailing slash. */
  url: string;
  /** Answers open requests first. */
  stop(): Promise<void>;
  /** Resolves when the server has ended, by itself or by `stop`. */
  ended: Promise<void>;
}

interface ServerPlace {
  /** Holds its database and its log's key. */
  folder: string;
  /** 0: any free one. */
  port: number;
  /** Address to listen on; default: reachable from this machine alone. */
  host?: string;
  /** Another port, for when that one is taken. */
  otherPort?: number;
}

/** @throws UserError with the output of a server that does not start. */
export async function startServer(
  { otherPort, ...place }: ServerPlace,
  effects: Pick<Effects, "err" | "env">,
): Promise<ServerProcess> {
  try {
    return await launch(place, effects);
  } catch (error) {
    const { code } = Object((error as Error).cause) as { code?: string };
    if (otherPort === undefined || code !== "EADDRINUSE") throw error;
    return launch({ ...place, port: otherPort }, effects);
  }
}

/** What a server tells the process that started it: where it listens, or the system's code for why it cannot. */
type ServerMessage = { url: string } | { code: string | null };

async function launch(
  { folder, port, host = "127.0.0.1" }: ServerPlace,
  { err, env }: Pick<Effects, "err" | "env">,
): Promise<ServerProcess> {
  const place = ["--folder", folder, "--port", String(port), "--host", host];
  const args = ["serve", "--with-parent", ...place];
  // In its own process group: Ctrl-C stops the training, whose results must still be sent.
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    detached: true,
    stdio: ["pipe", "ignore", "pipe", "ipc"],
    env,
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    child.stdin!.end();
    await ended;
  };
  let complaints: string[] | null = [];
  createInterface({ input: child.stderr! }).on("line", (line) => {
    if (complaints) complaints.push(line);
    else err(`${line}\n`);
  });
  const begun = await new Promise<ServerMessage>((resolve) => {
    child.once("message", (message) => resolve(message as ServerMessage));
    void ended.then(() => resolve({ code: null }));
  });
  if ("code" in begun) {
    await stop();
    const words = complaints.join("\n") || "The local server ended without a message.";
    throw new UserError(words, EXIT.usage, { cause: { code: begun.code } });
  }
  const { url } = begun;
  for (const line of complaints) err(`${line}\n`);
  complaints = null;
  return { url, stop, ended };
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

/** Can only this machine reach it? */
export function isLoopback(host: string): boolean {
  if (host === "localhost") return true;
  return isIP(host) !== 0 && loopback.check(host, isIP(host) === 4 ? "ipv4" : "ipv6");
}

/** @param env the server's, which says whether a proxy is in front of it. */
export function exposure(env: Readonly<Record<string, string | undefined>>): string {
  const quotas =
    env.RADEMARK_PROXY === "yes"
      ? "RADEMARK_PROXY=yes counts quotas by the last address in X-Forwarded-For: let only your proxy reach this " +
        "port, as anybody else could write that header."
      : "Quotas are counted by the address a connection comes from: behind a proxy all people share one, unless " +
        "RADEMARK_PROXY=yes is set.";
  const lifted = env.RADEMARK_LIMITS === "off" ? " RADEMARK_LIMITS=off: there are no quotas." : "";
  return (
    "other machines can reach this server, unencrypted. Put a web server with TLS in front of it " +
    `(docs/hosting.md). ${quotas}${lifted}`
  );
}
