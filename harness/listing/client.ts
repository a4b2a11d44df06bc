/** @file The HTTP client of the API: one address, patient, and clear about what went wrong. */

import { gzipSync } from "node:zlib";
import type { z } from "zod";
import { setTimeout as sleep } from "node:timers/promises";
import { problemLine, schemaProblems } from "../../record/problem.ts";
import { EXIT, UserError } from "../errors.ts";
import { printable } from "../printable.ts";
import { Receipt } from "../../record/log/log-proof.ts";
import { decodeBase64 } from "../../record/signature/base64.ts";
import type { Envelope } from "../../record/statement/envelope.ts";
import { statementId } from "../../record/statement/statements.ts";
import {
  PROBLEMS,
  ProblemDocument,
  type ProblemName,
} from "../../record/answers/problem-document.ts";

/** All throw ServerRefusal when the server says no, Unreachable when nobody answers. */
export interface Client {
  /** Address of the server, without a slash at its end. */
  api: string;
  /** @param path such as `/v1/entries/ID`. */
  get<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>>;
  /** @param age `fresh`: no cache's answer; throws UserError for one that the server marks as stale. */
  getText(path: string, age?: "kept" | "fresh"): Promise<string>;
  /** @returns the status too, as 201 is new and 200 was there before. */
  post<T extends z.ZodType>(
    path: string,
    body: unknown,
    schema: T,
  ): Promise<{ status: number; answer: z.output<T> }>;
}

interface ClientOptions {
  api: string;
  network?: Network;
  patience?: Patience;
}

/** Bodies below this are sent as they are. */
const GZIP_FROM_BYTES = 1024;

export function createClient({
  api,
  network = realNetwork,
  patience = PATIENCE,
}: ClientOptions): Client {
  const send = (path: string, init: RequestInit) =>
    requestPatiently(api, path, init, network, patience);
  return {
    api,
    async get(path, schema) {
      const answer = await send(path, { headers: { accept: "application/json" } });
      return parseAnswer(answer, schema, { api, path });
    },
    async getText(path, age = "kept") {
      if (age === "kept") return (await send(path, {})).text;
      const { text, isStale } = await send(path, { headers: { "cache-control": "no-cache" } });
      if (isStale) throw new UserError(`${api}: ${STALE}`, EXIT.network);
      return text;
    },
    async post(path, body, schema) {
      const answer = await send(path, postOf(body));
      return { status: answer.status, answer: parseAnswer(answer, schema, { api, path }) };
    },
  };
}

const STALE = "it answers from memory, as its database is away; try again later.";

interface Answer {
  status: number;
  text: string;
  /** Kept from before the server's database went away (RFC 9111 section 5.5, warning 110). */
  isStale: boolean;
  /** Media type, and where a redirect led: for what turns out to be no answer of the API. */
  origin: string;
}

/** The answer's body is read under the same deadline: it can be cut off, too. */
async function requestPatiently(
  api: string,
  path: string,
  init: RequestInit,
  network: Network,
  patience: Patience,
): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    const isLast = attempt === patience.tries - 1;
    const outcome = await request({ api, path }, init, network, patience);
    if ("text" in outcome) return outcome;
    if ("failure" in outcome) {
      const { failure } = outcome;
      if (isLast) throw new Unreachable(api, reasonOf(failure), { cause: failure });
      await network.sleep(backoff(attempt, patience, network.random));
      continue;
    }
    const { refused } = outcome;
    const wait = waitBeforeRetry(refused, attempt, patience, network.random);
    if (isLast || wait === null) throw await refusalOf(refused, { api, path });
    await refused.body?.cancel();
    await network.sleep(wait);
  }
}

async function request(
  asked: Asked,
  init: RequestInit,
  network: Network,
  { timeoutMilliseconds }: Patience,
): Promise<Answer | { refused: Response } | { failure: unknown }> {
  try {
    const signal = AbortSignal.timeout(timeoutMilliseconds);
    const response = await network.fetch(asked.api + asked.path, { ...init, signal });
    if (!response.ok) return { refused: response };
    const origin = originOf(response, asked);
    const isStale = response.headers.get("warning")?.startsWith("110") ?? false;
    return { status: response.status, text: await response.text(), isStale, origin };
  } catch (failure) {
    return { failure };
  }
}

function postOf(body: unknown): RequestInit {
  const json = JSON.stringify(body);
  const headers = { accept: "application/json", "content-type": "application/json" };
  if (Buffer.byteLength(json) < GZIP_FROM_BYTES) return { method: "POST", body: json, headers };
  return {
    method: "POST",
    body: gzipSync(json),
    headers: { ...headers, "content-encoding": "gzip" },
  };
}

/** @throws StrangeAnswer for one that its schema refuses. */
function parseAnswer<T extends z.ZodType>(answer: Answer, schema: T, asked: Asked): z.output<T> {
  const document = parseJson(answer, asked);
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(parsed.error, document).slice(0, 5);
  throw new StrangeAnswer(asked, printable(problems.map(problemLine).join("; ")));
}

function parseJson({ text, origin }: Answer, asked: Asked): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new StrangeAnswer(asked, `no JSON: ${origin}`);
  }
}

/** `fetch failed` alone helps nobody; what the system said is in its cause. */
function reasonOf(error: unknown): string {
  const { cause, message, name } = error as Error;
  if (name === "TimeoutError") return "no answer in time";
  if (!(cause instanceof Error)) return message;
  return cause.message || (cause as NodeJS.ErrnoException).code || message;
}

/** What the client needs of the world; tests pass their own clock and dice. */
export interface Network {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  sleep: (milliseconds: number) => Promise<void>;
  /** Uniform in [0, 1). */
  random: () => number;
}

export const realNetwork: Network = {
  fetch: (url, init) => fetch(url, init),
  sleep: (milliseconds) => sleep(milliseconds),
  random: Math.random,
};

/** Trying again: exponential backoff with full jitter, so that clients do not come back all at once. */
interface Patience {
  /** Tries in all. */
  tries: number;
  /** The first wait is between 0 and this; each further one up to twice as long. */
  firstMilliseconds: number;
  /** No single wait is longer; a server that asks for more is told of at once. */
  mostMilliseconds: number;
  /** Until an answer is complete. */
  timeoutMilliseconds: number;
}

export const PATIENCE: Patience = {
  tries: 5,
  firstMilliseconds: 400,
  mostMilliseconds: 15_000,
  timeoutMilliseconds: 30_000,
};

const PASSING = [502, 503, 504];

/** Null: no later try is likely to go better, or not soon enough. @param attempt from 0. */
function waitBeforeRetry(
  { status, headers }: Pick<Response, "status" | "headers">,
  attempt: number,
  patience: Patience,
  random: Network["random"],
): number | null {
  if (status !== 429 && !PASSING.includes(status)) return null;
  const asked = retryAfter(headers);
  if (status === 429 && asked === null) return null; // used up by what only the caller can change
  if (asked !== null && asked > patience.mostMilliseconds) return null;
  return (asked ?? 0) + backoff(attempt, patience, random);
}

function backoff(attempt: number, patience: Patience, random: Network["random"]): number {
  const { firstMilliseconds, mostMilliseconds } = patience;
  return random() * Math.min(mostMilliseconds, firstMilliseconds * 2 ** attempt);
}

/** Milliseconds that the server asks to wait; only the form in seconds (RFC 9110 section 10.2.3) is used here. */
function retryAfter(headers: Headers): number | null {
  const seconds = headers.get("retry-after");
  return seconds !== null && /^\d{1,6}$/.test(seconds) ? 1000 * Number(seconds) : null;
}

/** Where a request went. */
interface Asked {
  /** Address of the server. */
  api: string;
  path: string;
}

/** The server answered, and said no. Asking again without a change changes nothing, but for 429 and 5xx. */
export class ServerRefusal extends UserError {
  readonly status: number;
  /** Null when the answer was no problem document that is known here. */
  readonly problem: ProblemName | null;
  readonly errors: ProblemDocument["errors"];

  /** @param found what came instead of a problem document. */
  constructor(status: number, document: ProblemDocument | null, asked: Asked, found = "") {
    const text = document === null ? stranger(status, asked, found) : sentences(document, asked);
    super(text, exitCodeOf(status));
    this.status = status;
    this.problem = document && problemName(document);
    this.errors = document?.errors ?? [];
  }

  /**
   * Did a rademark server judge what was sent, for good? Not so where a quota is full, the protocol is quarantined for
   * now or the key still to be registered; nor is the error page of whatever stands in between a judgement.
   */
  get isFinal(): boolean {
    const judges = [403, 409, 413, 422].includes(this.status);
    const { problem } = this;
    return judges && problem !== null && !["unknown-protocol", "unknown-key"].includes(problem);
  }
}

/** Something answered with success, but not as a rademark server does. */
export class StrangeAnswer extends UserError {
  constructor({ api, path }: Asked, found: string) {
    super(
      `${api}${path} answered otherwise than expected (${found}). Is it a rademark server of this version? ${CHECK}`,
      EXIT.network,
    );
  }
}

/** Nobody answered; what was to be sent can be sent later. */
export class Unreachable extends UserError {
  constructor(api: string, reason: string, options?: ErrorOptions) {
    const why = isNoTls(reason) ? "it does not speak TLS" : printable(reason);
    super(
      `The server at ${api} cannot be reached (${why}). ${cure(api, reason)}`,
      EXIT.network,
      options,
    );
  }
}

/** @param response not ok; its body is read here. */
async function refusalOf(response: Response, asked: Asked): Promise<ServerRefusal> {
  const text = await response.text().catch(() => "");
  return new ServerRefusal(response.status, parseProblem(text), asked, originOf(response, asked));
}

/** `text/html`, and where a redirect led. */
function originOf({ headers, redirected, url }: Response, { api, path }: Asked): string {
  const type = printable(headers.get("content-type")?.split(";")[0] ?? "") || "of no type";
  return redirected && url !== api + path ? `${type}, redirected to ${printable(url)}` : type;
}

function parseProblem(text: string): ProblemDocument | null {
  try {
    return ProblemDocument.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function problemName({ type }: ProblemDocument): ProblemName | null {
  const name = type.split("/").at(-1) ?? "";
  return Object.hasOwn(PROBLEMS, name) ? (name as ProblemName) : null;
}

/** A line for the whole, a line for each error with its pointer, and what to do. */
function sentences(document: ProblemDocument, { api, path }: Asked): string {
  const name = problemName(document);
  const lines = document.errors.map(
    ({ pointer, rule, found }) =>
      `  ${printable(pointer || "(the whole document)")}: must be ${printable(rule)}; found ${printable(found)}`,
  );
  const [title, detail] = [printable(document.title), printable(document.detail)];
  const head =
    name === "not-found"
      ? `${api}${path}: ${detail || title}`
      : `The server at ${api} refused: ${title} ${detail}`;
  return [head, ...lines, ...(name ? [ADVICE[name]] : [])].join("\n");
}

const CHECK = "Check the address (--api URL).";

/** An error page of a proxy, of another site or of nobody's. */
function stranger(status: number, { api, path }: Asked, found: string): string {
  const head = `${api}${path} answered with status ${status} (${found}), not as a rademark server does.`;
  if ([401, 403, 407].includes(status))
    return `${head} Does something in between want a login? ${CHECK}`;
  if (status === 413)
    return `${head} A proxy in front of it takes no bodies of this size: ask its operator.`;
  if (status >= 500)
    return `${head} A proxy may have lost the server behind it: try again later. ${CHECK}`;
  return `${head} ${CHECK}`;
}

function isNoTls(reason: string): boolean {
  return /wrong version number|packet length too long/i.test(reason);
}

function cure(api: string, reason: string): string {
  if (isNoTls(reason))
    return `Give its address with http: (--api ${api.replace(/^https/, "http")}).`;
  return isLocal(api)
    ? "Start it with `rademark serve`, or name another with --api URL."
    : "Check the address (--api URL) and the connection.";
}

function exitCodeOf(status: number) {
  if (status === 404) return EXIT.usage;
  return status === 429 || status >= 500 ? EXIT.network : EXIT.verification;
}

function isLocal(api: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(api).hostname);
}

/** What to do about each refusal of the server. */
const ADVICE: Readonly<Record<ProblemName, string>> = {
  "malformed-request": "Is the client of the server's version?",
  "invalid-query": "Ask without that parameter, or with an allowed value.",
  "not-found":
    "Check the id and the server's address (--api). rademark verify ID tells of any statement, not of entries alone.",
  "method-not-allowed": "Is the client of the server's version?",
  "too-large": "Leave out what the statement can do without, such as a long source text.",
  "expands-too-far": "Leave out what the statement can do without, such as a long source text.",
  "unsupported-media-type": "Is the client of the server's version?",
  "malformed-json": "Make the file again with rademark sign; do not edit it by hand.",
  "duplicate-member": "Make the file again with rademark sign; do not edit it by hand.",
  "too-deep": "Make the file again with rademark sign; do not edit it by hand.",
  "malformed-envelope": "Make the file again with rademark sign; do not edit it by hand.",
  "wrong-statement": "Send it with the command made for it: submit, repro, retract, keys, admin.",
  "bad-signature": "It was changed after it was signed. Make it again with rademark sign.",
  "malformed-statement": "Make it again with this version of rademark, from the output folder.",
  "unknown-protocol":
    "See /v1/protocols on the server for those it lists. A quarantined one takes nothing until an operator lifts that; what is listed stays.",
  "old-harness": "Update rademark (git pull), and train again.",
  "unknown-key": "Register it first: rademark keys register NAME",
  "revoked-key":
    "Sign with another key (--key NAME). What this one committed to stays its own: with another key, take a new challenge into another --out.",
  "key-conflict": "See what the server knows of the key: rademark status",
  "bad-name": "Choose a name of one script, without invisible characters or markup.",
  "unknown-challenge": "Is it the server that issued the challenge? See --api.",
  "foreign-challenge": "Commit anew for this configuration: rademark run --challenge",
  "stale-challenge":
    "Take a new challenge, into another folder: rademark run --challenge --out DIR",
  "wrong-seeds": "Train the panel and the challenge's seeds: rademark run --challenge",
  "impossible-counts": "Check the folder: was it changed, or made by another protocol or version?",
  "copied-counts": "Submit runs of your own. Were files copied between output folders?",
  "unknown-statement": "Check the id and the server's address (--api).",
  "not-the-signer": "Use the key that signed it: --key NAME",
  "not-an-operator": "Use an operator's key: --key NAME",
  "wrong-reproduction": "Make it again with rademark repro; the verdict follows from the counts.",
  "already-done": "Nothing is left to do.",
  "too-many-challenges":
    "Complete one, or give one up with rademark retract; rademark status lists them.",
  "too-many-requests": "Wait a while and try again; nothing is lost.",
  unavailable: "Try again in a moment; what was accepted already is not stored twice.",
  unexpected: "Try again; if it stays so, tell the server's operator.",
};

/**
 * @param path such as `/v1/retractions`.
 * @returns `before`: was the same statement there already?
 * @throws UserError when the receipt is another statement's.
 */
export async function postStatement(
  client: Client,
  path: string,
  envelope: Envelope,
): Promise<{ receipt: Receipt; before: boolean }> {
  const { status, answer } = await client.post(path, envelope, Receipt);
  if (answer.id !== statementId(decodeBase64(envelope.payload)!))
    throw new UserError(
      `${client.api} acknowledged another statement than the one that was sent. Do not rely on it: see rademark status.`,
      EXIT.verification,
    );
  return { receipt: answer, before: status === 200 };
}
