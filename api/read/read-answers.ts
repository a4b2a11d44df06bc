/** @file Responses of read routes: kept in memory, and served as they were while the database is away. */

import { bytesToHex } from "@noble/hashes/utils.js";
import { databaseStamp } from "../../db/board/database-stamp.ts";
import { isTransient, isUnavailable, localFault } from "../../db/stores/unavailable.ts";
import type { ReadAnswer, ReadRoute } from "./read-route.ts";
import type { Reader } from "../../db/db.ts";
import type { Deployment, OpenedDb } from "../deployment.ts";

/** Longer questions are answered, but not kept. */
const LONGEST_QUESTION = 2048;

interface Asked extends AskedFor {
  /** The header `if-none-match`. */
  known: string | undefined;
}

export interface ReadAnswers {
  answer(route: ReadRoute, asked: Asked): Promise<Response>;
  /** Something was written here: the next answer looks whether it still holds. */
  expire(): void;
}

/** @param now in milliseconds. */
export function createReadAnswers(now: () => number = Date.now): ReadAnswers {
  const cache = createResponseCache();
  const watch = createStampWatch(now);

  async function kept(route: ReadRoute, asked: Asked): Promise<Response> {
    const question = questionOf(route, asked);
    const { known } = asked;
    const stored = cache.get(question);
    try {
      const stamp = await stampFor(route, asked);
      const isUsable =
        stored && (stored.stamp === stamp || now() - stored.at < 1000 * route.keptSeconds);
      const answer = isUsable ? stored : await renewed(route, asked, question, stamp);
      return readResponse(route, answer, { known, staleSeconds: null });
    } catch (error) {
      if (!stored || !route.mayBeStale || !isUnavailable(error)) throw error;
      const staleSeconds = (now() - stored.at) / 1000;
      return readResponse(route, stored, { known, staleSeconds });
    }
  }

  /** What is fixed asks nobody. */
  function stampFor({ follows }: ReadRoute, { deployment }: Asked): Promise<string> {
    if (follows === "fixed") return Promise.resolve(follows);
    return watch.stamp(deployment.checkMilliseconds, async () => {
      const { db, close } = await deployment.open("read");
      return databaseStamp(db).finally(close);
    });
  }

  async function renewed(
    route: ReadRoute,
    asked: Asked,
    question: string,
    stamp: string,
  ): Promise<CachedAnswer> {
    const { type, headers = {}, body } = await computedAnswer(route, asked);
    if (body instanceof ReadableStream) throw new Error(`${route.path}: a stream cannot be kept`);
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    const etag = await etagOf(bytes);
    const answer = { stamp, type, headers, body: bytes, etag, at: now() };
    if (question.length <= LONGEST_QUESTION) cache.put(question, answer);
    return answer;
  }

  return {
    answer: (route, asked) =>
      route.follows === "never" ? computed(route, asked) : kept(route, asked),
    expire: () => watch.expire(),
  };
}

/** Parameters as they were read: however an address was written, it is the same answer. */
function questionOf({ path }: ReadRoute, { params, query }: AskedFor): string {
  return JSON.stringify([path, params, query]);
}

async function computed(route: ReadRoute, asked: Asked): Promise<Response> {
  const answer = await computedAnswer(route, asked);
  if (answer.body instanceof ReadableStream) return streamedResponse(route, answer);
  const { type, headers = {}, body } = answer;
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const etag = await etagOf(bytes);
  return readResponse(
    route,
    { type, headers, body: bytes, etag },
    { known: asked.known, staleSeconds: null },
  );
}

/** Runs a route: its database is opened and given back. */
interface AskedFor {
  deployment: Deployment;
  /** As the route's schemas have read them. */
  params: object;
  query: object;
}

/** A body that is a stream holds the connection until it ends or is given up. */
function computedAnswer(route: ReadRoute, asked: AskedFor): Promise<ReadAnswer> {
  return triedAgain(() => computedOnce(route, asked)); // each with a connection of its own
}

async function computedOnce(
  route: ReadRoute,
  { deployment, params, query }: AskedFor,
): Promise<ReadAnswer> {
  const opening = () => deployment.open("read");
  const connection = lazily(route.atOneMoment ? async () => openMoment(await opening()) : opening);
  const db = async () => (await connection.open()).db;
  try {
    const answer = await route.respond({
      params: params as never,
      query: query as never,
      deployment,
      db,
    });
    if (!(answer.body instanceof ReadableStream)) {
      await connection.close();
      return answer;
    }
    if (route.atOneMoment)
      throw new Error(`${route.path}: a transaction outlives no client's read`);
    return { ...answer, body: closedBehind(answer.body, () => connection.close()) };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

interface OpenedReader {
  db: Reader;
  close: () => Promise<void>;
}

/** A transaction whose queries all see the database as it was at the first. */
async function openMoment({ db, close }: OpenedDb): Promise<OpenedReader> {
  const begun = Promise.withResolvers<Reader>();
  const over = Promise.withResolvers<void>();
  const ended = db
    .transaction(
      (tx) => {
        begun.resolve(tx);
        return over.promise;
      },
      { isolationLevel: "repeatable read", accessMode: "read only" },
    )
    .catch((error: unknown) => begun.reject(error)) // where it was begun, what was read is good however it ends
    .finally(close);
  return {
    db: await begun.promise,
    close: () => {
      over.resolve();
      return ended;
    },
  };
}

function lazily(open: () => Promise<OpenedReader>) {
  let opened: Promise<OpenedReader> | null = null;
  let isClosed = false;
  return {
    open: () => (opened ??= open()),
    /** Closes it once; a connection that was never opened needs no closing. */
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      const connection = await opened?.catch(() => null);
      await connection?.close();
    },
  };
}

function closedBehind(
  stream: ReadableStream<Uint8Array>,
  close: () => Promise<void>,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
      } catch (error) {
        await close();
        throw error;
      }
      await close();
      controller.close();
    },
    async cancel(reason) {
      await reader.cancel(reason).finally(close);
    },
  });
}

/** Answers kept in memory by their address, bounded in number and size; the longest unused goes first. */
interface CachedAnswer {
  /** Stamp of what it was computed from: another one means that it may be out of date. */
  stamp: string;
  type: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  /** Quoted. */
  etag: string;
  /** Milliseconds. */
  at: number;
}

interface ResponseCache {
  get(address: string): CachedAnswer | undefined;
  put(address: string, answer: CachedAnswer): void;
}

const MOST_ANSWERS = 5000;
const MEBIBYTE = 1024 * 1024;

/** Bytes that an entry takes besides its body. */
const OVERHEAD = 1024;

/** A Worker's isolate has 128 MB, which the requests under way need as well; a process of its own has room. */
function roomHere(): number {
  return (navigator.userAgent === "Cloudflare-Workers" ? 16 : 64) * MEBIBYTE;
}

export function createResponseCache(
  mostAnswers = MOST_ANSWERS,
  mostBytes = roomHere(),
): ResponseCache {
  const answers = new Map<string, CachedAnswer>(); // in the order of their last use
  let bytes = 0;
  const size = (address: string, { body }: CachedAnswer) =>
    body.length + 2 * address.length + OVERHEAD;
  const drop = (address: string) => {
    const answer = answers.get(address);
    if (answer && answers.delete(address)) bytes -= size(address, answer);
  };
  return {
    get(address) {
      const answer = answers.get(address);
      if (answer === undefined) return undefined;
      answers.delete(address);
      answers.set(address, answer);
      return answer;
    },
    put(address, answer) {
      drop(address);
      if (size(address, answer) > mostBytes / 8) return; // one answer may not push out all others
      answers.set(address, answer);
      bytes += size(address, answer);
      for (const oldest of answers.keys()) {
        if (bytes <= mostBytes && answers.size <= mostAnswers) break;
        drop(oldest);
      }
    },
  };
}

/** Looks now and then whether anything changed: the only question that a cached answer asks. */
interface StampWatch {
  /**
   * @param read asks the database, no sooner than so many milliseconds after the last time.
   * @throws what `read` throws; while a server is away, the same again until then, without asking.
   */
  stamp(milliseconds: number, read: () => Promise<string>): Promise<string>;
  /** Something was written here: the next one asks. */
  expire(): void;
}

/**
 * Values are shared between requests, promises are not: a Worker may not wait for what another request began.
 *
 * @param now in milliseconds.
 */
function createStampWatch(now: () => number): StampWatch {
  let checkedAt = -Infinity;
  let known: { stamp: string } | { error: unknown } | null = null;
  return {
    async stamp(milliseconds, read) {
      if (known !== null && now() - checkedAt < milliseconds) return unwrap(known);
      checkedAt = now(); // others go on with what is known meanwhile
      try {
        known = { stamp: await triedAgain(read) };
      } catch (error) {
        if (isAway(error)) known = { error };
        else checkedAt = -Infinity;
        throw error;
      }
      return known.stamp;
    },
    expire: () => void (checkedAt = -Infinity),
  };
}

/** A server that cannot be reached lets everybody wait; a database in this process answers at once. */
function isAway(error: unknown): boolean {
  return isUnavailable(error) && localFault(error) === null;
}

function unwrap(known: { stamp: string } | { error: unknown }): string {
  if ("error" in known) throw known.error;
  return known.stamp;
}

/** Strong: SHA-256 of the body. */
async function etagOf(body: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", body as Uint8Array<ArrayBuffer>);
  return `"${bytesToHex(new Uint8Array(digest))}"`;
}

interface Circumstances {
  /** The header `if-none-match`. */
  known: string | undefined;
  /** Seconds since it was computed, when nobody can tell whether it still holds; null when it does. */
  staleSeconds: number | null;
}

function readResponse(
  route: ReadRoute,
  { type, headers, body, etag }: Omit<CachedAnswer, "stamp" | "at">,
  { known, staleSeconds }: Circumstances,
): Response {
  const all = {
    ...headers,
    etag,
    "cache-control": cacheControl(route),
    ...staleness(staleSeconds),
  };
  if (known !== undefined && names(known, etag))
    return new Response(null, { status: 304, headers: all });
  return new Response(body as Uint8Array<ArrayBuffer>, {
    headers: { ...all, "content-type": type },
  });
}

/** Nothing is known of it before its last byte, so it has no ETag. */
function streamedResponse(route: ReadRoute, { type, headers, body }: ReadAnswer): Response {
  const all = { ...headers, "content-type": type, "cache-control": cacheControl(route) };
  return new Response(body as ReadableStream<Uint8Array>, { headers: all });
}

const FOR_EVER = 31_536_000;

function cacheControl({ maxAge, follows, mayBeStale }: ReadRoute): string {
  if (follows === "never") return "no-cache";
  if (!mayBeStale) return `public, max-age=${maxAge}, must-revalidate`;
  const changes = maxAge >= FOR_EVER ? "immutable" : "stale-if-error=86400";
  return `public, max-age=${maxAge}, ${changes}`;
}

function staleness(seconds: number | null): Record<string, string> {
  if (seconds === null) return {};
  return { age: String(Math.floor(seconds)), warning: '110 - "Response is Stale"' };
}

/** RFC 9110 section 13.1.2: `*`, or a list of tags that are compared weakly. */
export function names(header: string, etag: string): boolean {
  if (header.trim() === "*") return true;
  const strong = (tag: string) => tag.trim().replace(/^W\//, "");
  return header.split(",").some((each) => strong(each) === strong(etag));
}

/** Tries once more where the connection broke, or the query lost to another one. @throws what it threw the last time. */
async function triedAgain<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isTransient(error)) throw error;
    return read();
  }
}
