/** @file A server in this process: API and site on one port, until it is told to end. */

import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context } from "hono";
import { createApp } from "../app.ts";
import { createNodeHome } from "../node-home.ts";
import { readAhead } from "../../db/board/refresh-boards.ts";
import type { Settings } from "../settings.ts";
import { upkeep } from "../upkeep.ts";
import { createFront } from "./front.ts";
import { closeServer, createHttpServer, listen } from "./listening.ts";
import { clientAddress } from "./client-address.ts";
import { openDatabase, openKeeper } from "./open-home.ts";
import { createComputingThread } from "./computing-thread.ts";
import { createSite, entryShell } from "./site.ts";

const UPKEEP_MILLISECONDS = 60_000;

export interface ServeOptions {
  settings: Settings;
  folder: string;
  host: string;
  /** 0: any that is free. */
  port: number;
  report: (error: unknown) => void;
  /** Folder of the built site; dist/site unless given. */
  site?: string;
}

export interface RunningServer {
  url: string;
  /** Finishes requests, closes the database and gives the folder back. */
  close(): Promise<void>;
}

/** @throws HomeError for a database, a key or a port that cannot be had. */
export async function serve(serving: ServeOptions): Promise<RunningServer> {
  const { settings, folder, host, port, report } = serving;
  const { db, tidy, close } = await openDatabase(settings, folder, report);
  try {
    const keeper = await openKeeper(settings, folder, db);
    const { operators, limits } = settings;
    const thread = createComputingThread();
    const options = { operators, limits, computing: thread, entryShell: entryShell(serving.site) };
    const node = createNodeHome({ db, keeper, ...options, report });
    const addressOf = (c: Context) => {
      const connection = getConnInfo(c).remote.address ?? null;
      return clientAddress(connection, c.req.header("x-forwarded-for"), settings.hasProxy);
    };
    const api = createApp((c) => node.home(addressOf(c)), report);
    const site = createSite(serving.site);
    const server = createHttpServer(createFront(api, site).fetch);
    const url = await listen(server, host, port);
    const home = node.home(null);
    const keepUp = () => home.after(() => upkeep(home, report).then(tidy));
    keepUp();
    home.after(() => readAhead(db));
    const timer = setInterval(keepUp, UPKEEP_MILLISECONDS);
    const end = async () => {
      clearInterval(timer);
      await closeServer(server);
      await node.settle();
      await thread.close();
      await close();
    };
    return { url, close: end };
  } catch (error) {
    await close();
    throw error;
  }
}
