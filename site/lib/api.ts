/** @file The only door to the API. Typed by the record's documents, checked by whoever opens it; in a browser: not at all. */

import type { BoardPage } from "../../record/board/board-row.ts";
import type {
  ChallengeDocument,
  ComparisonDocument,
  EntryDocument,
  EntryRuns,
  KeyDocument,
  LogPage,
  MeasuresDocument,
  SentencesDocument,
  StatementDocument,
} from "../../record/documents/entry-document.ts";
import type { InclusionProof } from "../../record/log/log-proof.ts";
import type { Envelope } from "../../record/statement/envelope.ts";
import { type Answer, type Headers, answerOf, respond } from "./answer.ts";

/** What the API answers, by the name that a reader checks it under. */
export interface Documents {
  board: BoardPage;
  entry: EntryDocument;
  runs: EntryRuns;
  envelope: Envelope;
  proof: InclusionProof;
  statement: StatementDocument;
  comparison: ComparisonDocument;
  measures: MeasuresDocument;
  sentences: SentencesDocument;
  challenge: ChallengeDocument;
  key: KeyDocument;
  log: LogPage;
  text: string;
}
export type DocumentName = keyof Documents;

/** A query's parameters; null and undefined are left out. */
export type Query = Readonly<Record<string, string | number | null | undefined>>;

/** Turns what was read into the document it should be, or throws. */
export type Check = <Name extends DocumentName>(name: Name, body: unknown) => Documents[Name];

export type Api = ReturnType<typeof createApi>;

/** A document with its ETag; null while it is still the one asked about. */
export type Changed<T> = { document: T; etag: string | null } | null;

/**
 * @param origin `""` for the page's own, else without a slash at its end.
 * @param headers sent with every question.
 */
export function createApi(origin: string, check: Check, headers: Headers = {}) {
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
    envelope: (id: string) => ask("envelope", `/v1/entries/${id}/envelope`),
    proof: (id: string) => ask("proof", `/v1/entries/${id}/proof`),
    /** With its proofs. */
    statement: (id: string) => ask("statement", `/v1/log/statements/${id}`),
    comparison: (entries: readonly string[]) =>
      ask("comparison", `/v1/compare?entries=${entries.join(",")}`),
    /** What the board's tests allow to be said. */
    sentences: (protocol: string) => ask("sentences", `/v1/boards/${protocol}/sentences`),
    /** @param etag of those known; null for none. */
    changedSentences: (protocol: string, etag: string | null) =>
      askForChanges("sentences", `/v1/boards/${protocol}/sentences`, etag),
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

function boardPath(protocol: string, query: Query): string {
  return `/v1/boards/${protocol}${search(query)}`;
}

/** `?a=1&b=2`, or nothing. */
export function search(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}
