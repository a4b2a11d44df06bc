/** @file The only door to the API. Typed by the record's documents, checked by whoever opens it; in a browser: not at all. */

import type { BoardPage } from "../../record/board/board-row.ts";
import type {
  ChallengeDocument,
  ChallengeList,
  ComparisonDocument,
  EntryDocument,
  EntryRuns,
  EntrySeries,
  KeyDocument,
  LogPage,
  MeasuresDocument,
  SentencesDocument,
  StatementDocument,
} from "../../record/answers/documents.ts";
import type { InclusionProof } from "../../record/log/log-proof.ts";
import type { Envelope } from "../../record/statement/envelope.ts";
import type { ProblemDocument } from "../../record/answers/problem-document.ts";

/** What the API answers, by the name that a reader checks it under. */
export interface Documents {
  board: BoardPage;
  entry: EntryDocument;
  runs: EntryRuns;
  series: EntrySeries;
  envelope: Envelope;
  proof: InclusionProof;
  statement: StatementDocument;
  comparison: ComparisonDocument;
  measures: MeasuresDocument;
  sentences: SentencesDocument;
  challenge: ChallengeDocument;
  challenges: ChallengeList;
  key: KeyDocument;
  log: LogPage;
  text: string;
}

type DocumentName = keyof Documents;

/** A query's parameters; null and undefined are left out. */
export type Query = Readonly<Record<string, string | number | null | undefined>>;

/** Turns what was read into the document it should be, or throws. */
type DocumentCheck = <Name extends DocumentName>(name: Name, body: unknown) => Documents[Name];

/** A document with its ETag; null while it is still the one asked about. */
type Changed<T> = { document: T; etag: string | null } | null;

/**
 * @param origin `""` for the page's own, else without a slash at its end.
 * @param headers sent with every question.
 */
export function createApi(origin: string, check: DocumentCheck, headers: Headers = {}) {
  const read = async <Name extends DocumentName>(
    name: Name,
    response: Response | null,
  ): Promise<Answer<Documents[Name]>> => {
    const answer = await answerOf<unknown>(response, (each) =>
      name === "text" ? each.text() : each.json(),
    );
    return answer.ok ? { ok: true, value: check(name, answer.value) } : answer;
  };
  const ask = async <Name extends DocumentName>(name: Name, path: string) =>
    read(name, await respond(origin + path, headers));
  /** A browser's own cache would answer a question about changes by itself. */
  const askForChanges = async <Name extends DocumentName>(
    name: Name,
    path: string,
    etag: string | null,
  ): Promise<Answer<Changed<Documents[Name]>>> => {
    const condition: Headers = etag === null ? {} : { "if-none-match": etag };
    const response = await respond(origin + path, { ...headers, ...condition }, "no-store");
    if (response?.status === 304) return { ok: true, value: null };
    const answer = await read(name, response);
    if (!answer.ok) return answer;
    return { ok: true, value: { document: answer.value, etag: response!.headers.get("etag") } };
  };
  return {
    board: (protocol: string, query: Query = {}) => ask("board", boardPath(protocol, query)),
    /** @param etag of the page known; null for none. */
    changedBoard: (protocol: string, query: Query, etag: string | null) =>
      askForChanges("board", boardPath(protocol, query), etag),
    entry: (id: string) => ask("entry", `/v1/entries/${id}`),
    runs: (id: string) => ask("runs", `/v1/entries/${id}/runs`),
    /** Means over the runs, for pictures. */
    series: (id: string) => ask("series", `/v1/entries/${id}/series`),
    envelope: (id: string) => ask("envelope", `/v1/entries/${id}/envelope`),
    /** @param path `sources/ID/arch.txt`, or of the regularizer's. */
    source: (path: string) => ask("text", `/v1/${path}`),
    proof: (id: string) => ask("proof", `/v1/entries/${id}/proof`),
    /** With its proofs. */
    statement: (id: string) => ask("statement", `/v1/log/statements/${id}`),
    comparison: (entries: readonly string[]) =>
      ask("comparison", `/v1/compare?entries=${entries.join(",")}`),
    /** What the board's tests allow to be said. */
    sentences: (protocol: string) => ask("sentences", `/v1/boards/${protocol}/sentences`),
    /** @param etag of those known; null for none. */
    changedSentences: (protocol: string, query: Query, etag: string | null) =>
      askForChanges("sentences", `/v1/boards/${protocol}/sentences${search(query)}`, etag),
    measures: (protocol: string, query: Query = {}) =>
      ask("measures", `/v1/measures/${protocol}${search(query)}`),
    challenge: (id: string) => ask("challenge", `/v1/challenges/${id}`),
    /** Newest first, with their outcomes. */
    challenges: (query: Query) => ask("challenges", `/v1/challenges${search(query)}`),
    key: (key: string) => ask("key", `/v1/keys/${key}`),
    /** Newest leaves first. */
    log: (query: Query = {}) => ask("log", `/v1/log/entries${search(query)}`),
    /** A signed note. */
    checkpoint: () => ask("text", "/v1/log/checkpoint"),
    /** The log's verifier key, one line. */
    logKey: () => ask("text", "/v1/log/key"),
  };
}

export function boardPath(protocol: string, query: Query): string {
  return `/v1/boards/${protocol}${search(query)}`;
}

/** `?a=1&b=2`, or nothing. */
export function search(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}

/** What came of a question to a server, told apart as far as it can be told. */
export type Answer<T> = { ok: true; value: T } | Failure;

/**
 * Offline: no answer came, or none that can be read. Absent: 404 in the API's own words. Unserved: 404 from what is no
 * API, such as a host of files alone. Refused: any other status, with the server's own words.
 */
export type Failure =
  | { ok: false; reason: "offline" | "absent" | "unserved" }
  | {
      ok: false;
      reason: "refused";
      problem: ProblemDocument;
      /** When to ask again; null where the server does not say. */
      retryAfterSeconds: number | null;
    };

type Headers = Readonly<Record<string, string>>;

declare global {
  /** What `public/ask.js` has asked, by its path. */
  var asked: Map<string, Promise<Response | null>> | undefined;
}

/** Null when nothing answered. @param cache `no-store` where a browser's own copy would not do. */
export async function respond(
  address: string,
  headers: Headers = {},
  cache: RequestCache = "default",
): Promise<Response | null> {
  const { asked } = globalThis;
  const early = asked?.get(address);
  if (early !== undefined) {
    asked!.delete(address); // whoever asks again wants to know what is newer
    return early;
  }
  try {
    return await fetch(address, {
      headers: { accept: "application/json, text/plain", ...headers },
      // Node's fetch has no cache to speak of, and a Worker's takes no such option.
      ...(cache !== "default" && { cache }),
    });
  } catch {
    return null;
  }
}

/** @param read takes the body; it fails where the connection breaks in the midst of it, or for an HTML page. */
export async function answerOf<T>(
  response: Response | null,
  read: (response: Response) => Promise<T>,
): Promise<Answer<T>> {
  if (response === null) return { ok: false, reason: "offline" };
  if (response.status === 404)
    return { ok: false, reason: isProblem(response) ? "absent" : "unserved" };
  if (!response.ok) return refusal(response);
  try {
    return { ok: true, value: await read(response) };
  } catch {
    return { ok: false, reason: "offline" };
  }
}

async function refusal(response: Response): Promise<Failure> {
  const problem = await problemOf(response);
  return { ok: false, reason: "refused", problem, retryAfterSeconds: retryAfterSeconds(response) };
}

/** A proxy in between may answer something that is no problem document. */
async function problemOf(response: Response): Promise<ProblemDocument> {
  const title = `The server answered ${response.status}.`;
  const unknown = { type: "about:blank", title, status: response.status, detail: "", errors: [] };
  if (!isProblem(response)) return unknown;
  return (response.json() as Promise<ProblemDocument>).catch(() => unknown);
}

function isProblem({ headers }: Response): boolean {
  return headers.get("content-type")?.startsWith("application/problem+json") ?? false;
}

/** RFC 9110 section 10.2.3: seconds, or a date. */
function retryAfterSeconds({ headers }: Response): number | null {
  const text = headers.get("retry-after");
  if (text === null) return null;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

/** The API as an island asks it: the page's own origin, answers trusted as typed (schemas would cost 60 kB a page). */
export const pageApi = createApi("", (_name, body) => body as never);
