/** @file The only door to the API. Typed by the record's documents, checked by whoever opens it; in a browser: not at all. */

import type { BoardPage } from "../../record/board/board-page.ts";
import type { ChallengeDocument } from "../../record/documents/challenge-document.ts";
import type { ComparisonDocument } from "../../record/documents/comparison-document.ts";
import type { EntryDocument, EntryRuns } from "../../record/documents/entry-document.ts";
import type { KeyDocument } from "../../record/documents/key-document.ts";
import type { LogPage } from "../../record/documents/log-document.ts";
import type { MeasuresDocument } from "../../record/documents/measures-document.ts";
import type { ProblemDocument } from "../../record/documents/problem-document.ts";
import type { SentencesDocument } from "../../record/documents/sentences-document.ts";
import type { InclusionProof } from "../../record/log/log-proof.ts";
import type { Envelope } from "../../record/statement/envelope.ts";

/** What the API answers, by the name that a reader checks it under. */
export interface Documents {
  board: BoardPage;
  entry: EntryDocument;
  runs: EntryRuns;
  envelope: Envelope;
  proof: InclusionProof;
  comparison: ComparisonDocument;
  measures: MeasuresDocument;
  sentences: SentencesDocument;
  challenge: ChallengeDocument;
  key: KeyDocument;
  log: LogPage;
  text: string;
}
export type DocumentName = keyof Documents;

/** Offline: no answer came. Absent: 404. Refused: any other status, with the server's own words. */
export type Answer<T> =
  | { ok: true; value: T }
  | { ok: false; reason: "offline" | "absent" }
  | { ok: false; reason: "refused"; problem: ProblemDocument };

/** A query's parameters; null and undefined are left out. */
export type Query = Readonly<Record<string, string | number | null | undefined>>;

type Headers = Readonly<Record<string, string>>;

/** Turns what was read into the document it should be, or throws. */
export type Check = <Name extends DocumentName>(name: Name, body: unknown) => Documents[Name];

export type Api = ReturnType<typeof createApi>;

/** A board's page with its ETag; null while it is still the one asked about. */
export type ChangedBoard = { page: BoardPage; etag: string | null } | null;

/**
 * @param origin `""` for the page's own, else without a slash at its end.
 * @param headers sent with every question.
 */
export function createApi(origin: string, check: Check, headers: Headers = {}) {
  const read = async <Name extends DocumentName>(
    name: Name,
    response: Response | null,
  ): Promise<Answer<Documents[Name]>> => {
    if (response === null) return { ok: false, reason: "offline" };
    if (response.status === 404) return { ok: false, reason: "absent" };
    if (!response.ok) return { ok: false, reason: "refused", problem: await problemOf(response) };
    const body: unknown = name === "text" ? await response.text() : await response.json();
    return { ok: true, value: check(name, body) };
  };
  const ask = async <Name extends DocumentName>(name: Name, path: string, signal?: AbortSignal) =>
    read(name, await respond(origin + path, headers, signal));
  return {
    board: (protocol: string, query: Query = {}, signal?: AbortSignal) =>
      ask("board", `/v1/boards/${protocol}${search(query)}`, signal),
    /** @param etag of the page known; null for none. */
    changedBoard: async (
      protocol: string,
      query: Query,
      etag: string | null,
    ): Promise<Answer<ChangedBoard>> => {
      const path = `/v1/boards/${protocol}${search(query)}`;
      const condition = etag === null ? {} : { "if-none-match": etag };
      const response = await respond(origin + path, { ...headers, ...condition });
      if (response?.status === 304) return { ok: true, value: null };
      const answer = await read("board", response);
      if (!answer.ok) return answer;
      return { ok: true, value: { page: answer.value, etag: response!.headers.get("etag") } };
    },
    entry: (id: string) => ask("entry", `/v1/entries/${id}`),
    runs: (id: string) => ask("runs", `/v1/entries/${id}/runs`),
    envelope: (id: string) => ask("envelope", `/v1/entries/${id}/envelope`),
    proof: (id: string) => ask("proof", `/v1/entries/${id}/proof`),
    comparison: (entries: readonly string[]) =>
      ask("comparison", `/v1/compare?entries=${entries.join(",")}`),
    /** What the board's tests allow to be said. */
    sentences: (protocol: string) => ask("sentences", `/v1/boards/${protocol}/sentences`),
    measures: (protocol: string) => ask("measures", `/v1/measures/${protocol}`),
    challenge: (id: string) => ask("challenge", `/v1/challenges/${id}`),
    key: (key: string) => ask("key", `/v1/keys/${key}`),
    /** Newest leaves first. */
    log: (query: Query = {}) => ask("log", `/v1/log/entries${search(query)}`),
    /** A signed note. */
    checkpoint: () => ask("text", "/v1/log/checkpoint"),
    /** The log's verifier key, one line. */
    logKey: () => ask("text", "/v1/log/key"),
  };
}

/** Null when nothing answered. @throws the signal's reason when it was given up. */
async function respond(
  address: string,
  headers: Headers,
  signal?: AbortSignal,
): Promise<Response | null> {
  try {
    return await fetch(address, {
      headers: { accept: "application/json, text/plain", ...headers },
      // A browser's own cache would answer a question about changes by itself.
      ...("if-none-match" in headers && { cache: "no-store" as const }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    return null;
  }
}

/** A proxy in between may answer something that is no problem document. */
async function problemOf(response: Response): Promise<ProblemDocument> {
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("application/problem+json"))
    return (await response.json()) as ProblemDocument;
  const title = `The server answered ${response.status}.`;
  return { type: "about:blank", title, status: response.status, detail: title, errors: [] };
}

/** `?a=1&b=2`, or nothing. */
export function search(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}
