/** @file A server in this process: API and site on one port, until it is told to end. */

import type { AddressInfo } from "node:net";
import type { Server } from "node:http";
import { getConnInfo } from "@hono/node-server/conninfo";
import { createAdaptorServer } from "@hono/node-server";
import { HomeError } from "../../db/home/home-error.ts";
import { createApp } from "../app.ts";
import { isApiPath } from "../api-paths.ts";
import { expireChallenges } from "../expire-challenges.ts";
import { createNodeHome } from "../node-home.ts";
import type { Settings } from "../settings.ts";
import { openDatabase, openKeeper } from "./open-home.ts";
import { createSite } from "./site.ts";

/** How long running requests may take once the server is told to end. */
const PATIENCE_MILLISECONDS = 10_000;
const EXPIRY_MILLISECONDS = 60_000;

export interface ServeOptions {
  settings: Settings;
  folder: string;
  host: string;
  /** 0: any that is free. */
  port: number;
  report: (error: unknown) => void;
}

export interface RunningServer {
  url: string;
  /** Finishes requests, closes the database and gives the folder back. */
  close(): Promise<void>;
}

/** @throws HomeError for a database, a key or a port that cannot be had. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { settings, folder, host, port, report } = options;
  const { db, close } = await openDatabase(settings, folder, report);
  try {
    const keeper = await openKeeper(settings, folder, db);
    const node = createNodeHome({ db, keeper, operators: settings.operators, report });
    const api = createApp((c) => node.home(getConnInfo(c).remote.address ?? null), report);
    const site = createSite();
    const server = createAdaptorServer({
      fetch: (request, env) =>
        (isApiPath(new URL(request.url).pathname) ? api : site).fetch(request, env),
    }) as Server;
    const url = await listen(server, host, port);
    const home = node.home(null);
    home.boardsChanged();
    const expire = () => home.after(() => expireChallenges(home));
    expire();
    const timer = setInterval(expire, EXPIRY_MILLISECONDS);
    const end = async () => {
      clearInterval(timer);
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

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(portError(error, host, port)));
    server.listen(port, host, () => {
      const { port: actual } = server.address() as AddressInfo;
      resolve(`http://${host.includes(":") ? `[${host}]` : host}:${actual}`);
    });
  });
}

function portError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === "EADDRINUSE")
    return new HomeError(`port ${port} of ${host} is taken: choose another with --port (0: any).`);
  if (error.code === "EACCES")
    return new HomeError(`port ${port} may not be used by this account: choose one from 1024 up.`);
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    return new HomeError(`${host} is no address of this machine.`);
  return error;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const patience = setTimeout(() => server.closeAllConnections(), PATIENCE_MILLISECONDS);
    server.close(() => {
      clearTimeout(patience);
      resolve();
    });
    server.closeIdleConnections();
  });
}
