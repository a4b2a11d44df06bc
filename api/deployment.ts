/** @file What the API needs from where it runs: a folder on a laptop, a server with PostgreSQL, a Worker with Neon. */

import type { Hono } from "hono";
import type { LogKeeper } from "../db/append-leaf.ts";
import type { Db } from "../db/db.ts";

export interface OpenedDb {
  db: Db;
  /** Resolves once the connection is given back. */
  close: () => Promise<void>;
}

/** One for the life of a server; on Workers, where connections do not outlive a request, one for each request. */
export interface Deployment {
  /** The log's key and origin. */
  keeper: LogKeeper;
  /** Public keys, in hexadecimal, whose moderations are accepted. */
  operators: ReadonlySet<string>;
  limits: Limits;
  now(): Date;
  /** @throws DatabaseUnavailable when it cannot be reached. */
  open(purpose: "read" | "write"): Promise<OpenedDb>;
  /** Runs work after the answer has been sent, and reports its failure to the operator. */
  after(work: () => Promise<void>): void;
  /** Has the boards refreshed within two seconds. */
  boardsChanged(): void;
  /** How long an answer may rely on the last look at the database: it is asked this often, however many read. */
  checkMilliseconds: number;
  /** Gives a page of the built site; null, or absent, where none was built. */
  sitePage?: (address: SitePage) => Promise<string | null>;
  /** The client's address as the deployment knows it, never from a header that the client can set. */
  address: string | null;
}

/** The page whose script draws any entry, and that of an address without one. */
export type SitePage = "/entries/" | "/404";

/** How many requests one key or address has in one window of time. */
export interface Quota {
  requests: number;
  windowSeconds: number;
}

export interface Limits {
  /** Writes from one address; IPv6 addresses count by /64. */
  address: Quota;
  /** Writes signed by one key. */
  key: Quota;
  /** Exports of a whole board or log to one address: each reads every row. */
  exports: Quota;
  /** Open challenges of one key at a time. */
  openChallenges: number;
  /** Size of a body as sent, and after it is expanded. */
  wireBytes: number;
  expandedBytes: number;
}

export const LIMITS: Limits = {
  address: { requests: 600, windowSeconds: 3600 },
  key: { requests: 300, windowSeconds: 3600 },
  exports: { requests: 30, windowSeconds: 3600 },
  openChallenges: 3,
  wireBytes: 512 * 1024,
  expandedBytes: 4 * 1024 * 1024,
};

/** Thrown by a deployment instead of its driver's own error. */
export class DatabaseUnavailable extends Error {
  override name = "DatabaseUnavailable";
}

/** Work that may be asked for often, and is soon done once for everybody who asked. */
interface Coalesced {
  ask(): void;
  /** Does at once what was asked for, and resolves when nothing is left to do; what then fails is not tried again. */
  finish(): Promise<void>;
}

export interface Pace {
  /** Milliseconds from the first request for the work to its start. */
  wait: number;
  /** Milliseconds between two starts, at least: requests that keep coming are served together. */
  apart: number;
  /** Share of all time that the work may take, at most: what takes long is done rarely. */
  share?: number;
}

/** The longest that work which keeps failing waits for its next try, in milliseconds. */
const PATIENCE = 60_000;

/**
 * Work that fails is tried again without being asked, after twice as long each time: whoever asked for it has left, and
 * the next one may not come for days.
 *
 * @param report is called with each failure of the work.
 * @example
 * const boards = coalesced(refresh, { wait: 200, apart: 1000 }, report);
 * boards.ask(); // done in 200 ms, once, however often it is asked for until then
 */
export function coalesced(
  work: () => Promise<void>,
  { wait, apart, share = 1 }: Pace,
  report: (error: unknown) => void,
): Coalesced {
  let asked: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let running = Promise.resolve();
  let begun = -Infinity;
  let took = 0;
  let failures = 0;
  const begin = async () => {
    begun = performance.now();
    await work();
    took = performance.now() - begun;
    failures = 0;
  };
  const failed = (error: unknown) => {
    report(error);
    clearTimeout(retry);
    retry = setTimeout(run, Math.min(apart * 2 ** failures++, PATIENCE));
  };
  const forget = () => {
    clearTimeout(asked);
    clearTimeout(retry);
    asked = retry = undefined;
  };
  const run = () => {
    forget();
    running = running.then(begin).catch(failed);
  };
  const due = () => Math.max(wait, begun + Math.max(apart, took / share) - performance.now());
  return {
    ask: () => void (asked ??= setTimeout(run, due())),
    finish: async () => {
      if ((asked ?? retry) !== undefined) run();
      await running;
      forget();
    },
  };
}

/** What routes find in `c.var`. */
export interface Variables {
  deployment: Deployment;
}

export type App = Hono<{ Variables: Variables }>;
