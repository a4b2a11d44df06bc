/** @file What the API needs of the place it runs in: a laptop's folder, a server with PostgreSQL, a Worker with Neon. */

import type { Hono } from "hono";
import type { LogKeeper } from "../db/append-leaf.ts";
import type { Db } from "../db/db.ts";

export interface OpenedDb {
  db: Db;
  /** Resolves once the connection is given back. */
  close: () => Promise<void>;
}

/** One for the life of a server; on Workers, where connections do not outlive a request, one for each. */
export interface Deployment {
  /** The log's key and origin. */
  keeper: LogKeeper;
  /** Public keys, in hexadecimal, whose moderation is obeyed. */
  operators: ReadonlySet<string>;
  limits: Limits;
  now(): Date;
  /** @throws DatabaseUnavailable when it cannot be reached. */
  open(purpose: "read" | "write"): Promise<OpenedDb>;
  /** Does something once the answer is out, and reports its failure to the operator. */
  after(work: () => Promise<void>): void;
  /** Sees to it that boards are refreshed within two seconds. */
  boardsChanged(): void;
  /** How old may be what an answer goes by of the database: a question every so often, whoever reads. */
  checkMilliseconds: number;
  /** A page of the built site; null, or no such question, where none was built. */
  sitePage?: (address: SitePage) => Promise<string | null>;
  /** Address of the client as the deployment knows it: never read from a header that the client can write. */
  address: string | null;
}

/** The page whose script draws any entry, and that of an address without one. */
export type SitePage = "/entries/" | "/404";

/** Of one key or address in one window. */
export interface Quota {
  requests: number;
  windowSeconds: number;
}

export interface Limits {
  /** Writes of one address; IPv6 addresses count by /64. */
  address: Quota;
  /** Writes signed by one key. */
  key: Quota;
  /** Whole boards or logs given to one address: each is read from its first row to its last. */
  exports: Quota;
  /** Of one key at a time. */
  openChallenges: number;
  /** Of a body as sent, and once expanded. */
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

/** Thrown by a deployment in place of whatever its driver threw. */
export class DatabaseUnavailable extends Error {
  override name = "DatabaseUnavailable";
}

/** Work that may be asked for often and is done soon, once for all who asked. */
interface Coalesced {
  ask(): void;
  /** Does what was asked for at once, and resolves when nothing is left. */
  finish(): Promise<void>;
}

export interface Pace {
  /** Milliseconds from the first who asks to the work. */
  wait: number;
  /** Milliseconds from one beginning to the next, at least: those who ask all the time are served together. */
  apart: number;
  /** Of all time, at most: what takes long is done seldom. */
  share?: number;
}

/** @param report is told of what fails; whoever asks next tries again. */
export function coalesced(
  work: () => Promise<void>,
  { wait, apart, share = 1 }: Pace,
  report: (error: unknown) => void,
): Coalesced {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = Promise.resolve();
  let begun = -Infinity;
  let took = 0;
  const begin = async () => {
    begun = performance.now();
    await work();
    took = performance.now() - begun;
  };
  const run = () => {
    timer = undefined;
    running = running.then(begin).catch(report);
  };
  const due = () => Math.max(wait, begun + Math.max(apart, took / share) - performance.now());
  return {
    ask: () => void (timer ??= setTimeout(run, due())),
    finish: async () => {
      if (timer !== undefined) {
        clearTimeout(timer);
        run();
      }
      await running;
    },
  };
}

/** What routes are mounted on, and what they find in `c.var`. */
export interface Variables {
  deployment: Deployment;
}

export type App = Hono<{ Variables: Variables }>;
