/** @file The HTTP client of the API: it retries patiently, and says clearly what went wrong. */

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
  PROBLEM_ADVICE,
  ProblemDocument,
  type ProblemName,
} from "../../record/answers/problem-document.ts";

/** All methods throw ServerRefusal when the server refuses, and Unreachable when it does not answer. */
export interface Client {
  /** Address of the server, without a trailing slash. */
  api: string;
  /** @param path such as `/v1/entries/ID`. */
  get<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>>;
  /** @param age `fresh`: not from a cache; throws UserError for an answer that the server marks as stale. */
  getText(path: string, age?: "kept" | "fresh"): Promise<string>;
  /** @returns the status as well: 201 for a new statement, 200 for one that the server already had. */
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

/** Smaller bodies are sent uncompressed. */
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
  /** A cached answer, sent while the server's database is away (RFC 9111 section 5.5, warning 110). */
  isStale: boolean;
  /** Media type, and the target of a redirect: for messages about an answer that is not the API's. */
  origin: string;
}

/** The deadline covers the answer's body, too, which can be cut off. */
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
  target: RequestTarget,
  init: RequestInit,
  network: Network,
  { timeoutMilliseconds }: Patience,
): Promise<Answer | { refused: Response } | { failure: unknown }> {
  try {
    const signal = AbortSignal.timeout(timeoutMilliseconds);
    const response = await network.fetch(target.api + target.path, { ...init, signal });
    if (!response.ok) return { refused: response };
    const origin = originOf(response, target);
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

/** @throws UnexpectedAnswer for an answer that does not fit the schema. */
function parseAnswer<T extends z.ZodType>(
  answer: Answer,
  schema: T,
  target: RequestTarget,
): z.output<T> {
  const document = parseJson(answer, target);
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(parsed.error, document).slice(0, 5);
  throw new UnexpectedAnswer(target, printable(problems.map(problemLine).join("; ")));
}

function parseJson({ text, origin }: Answer, target: RequestTarget): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnexpectedAnswer(target, `no JSON: ${origin}`);
  }
}

/** `fetch failed` alone does not help anybody; what the system said is in its cause. */
function reasonOf(error: unknown): string {
  const { cause, message, name } = error as Error;
  if (name === "TimeoutError") return "no answer in time";
  if (!(cause instanceof Error)) return message;
  return cause.message || (cause as NodeJS.ErrnoException).code || message;
}

/** What the client needs from its environment; tests pass their own clock and random numbers. */
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

/** How to retry: exponential backoff with full jitter, so that clients do not all come back at once. */
interface Patience {
  /** Number of attempts. */
  tries: number;
  /** The first wait is between 0 and this; each further wait may be twice as long. */
  firstMilliseconds: number;
  /** Longest single wait; when a server asks for more, the request fails at once. */
  mostMilliseconds: number;
  /** Time in which an answer must be complete. */
  timeoutMilliseconds: number;
}

export const PATIENCE: Patience = {
  tries: 5,
  firstMilliseconds: 400,
  mostMilliseconds: 15_000,
  timeoutMilliseconds: 30_000,
};

const PASSING = [502, 503, 504];

/** Null when another attempt is unlikely to succeed, or not soon enough. @param attempt from 0. */
function waitBeforeRetry(
  { status, headers }: Pick<Response, "status" | "headers">,
  attempt: number,
  patience: Patience,
  random: Network["random"],
): number | null {
  if (status !== 429 && !PASSING.includes(status)) return null;
  const requested = retryAfter(headers);
  if (status === 429 && requested === null) return null; // the quota is used up until the caller changes something
  if (requested !== null && requested > patience.mostMilliseconds) return null;
  return (requested ?? 0) + backoff(attempt, patience, random);
}

function backoff(attempt: number, patience: Patience, random: Network["random"]): number {
  const { firstMilliseconds, mostMilliseconds } = patience;
  return random() * Math.min(mostMilliseconds, firstMilliseconds * 2 ** attempt);
}

/** Milliseconds that the server asks to wait; of RFC 9110 section 10.2.3 only the form in seconds is understood. */
function retryAfter(headers: Headers): number | null {
  const seconds = headers.get("retry-after");
  return seconds !== null && /^\d{1,6}$/.test(seconds) ? 1000 * Number(seconds) : null;
}

/** Where a request was sent. */
interface RequestTarget {
  /** Address of the server. */
  api: string;
  path: string;
}

/** The server refused. Repeating the same request does not help, except for 429 and 5xx. */
export class ServerRefusal extends UserError {
  readonly status: number;
  /** Null when the answer was not a problem document of a known kind. */
  readonly problem: ProblemName | null;
  readonly errors: ProblemDocument["errors"];

  /** @param found what was received instead of a problem document. */
  constructor(status: number, document: ProblemDocument | null, target: RequestTarget, found = "") {
    const text =
      document === null ? unexpectedAnswer(status, target, found) : sentences(document, target);
    super(text, exitCodeOf(status));
    this.status = status;
    this.problem = document && problemName(document);
    this.errors = document?.errors ?? [];
  }

  /**
   * Is this the final judgement of a rademark server? Not if a quota is full, the protocol is quarantined for now, or
   * the key is not registered yet; nor is the error page of a proxy in between a judgement.
   */
  get isFinal(): boolean {
    const judges = [403, 409, 413, 422].includes(this.status);
    const { problem } = this;
    return judges && problem !== null && !["unknown-protocol", "unknown-key"].includes(problem);
  }
}

/** The answer says success, but is not that of a rademark server. */
export class UnexpectedAnswer extends UserError {
  constructor({ api, path }: RequestTarget, found: string) {
    super(
      `${api}${path} answered otherwise than expected (${found}). Is it a rademark server of this version? ${CHECK}`,
      EXIT.network,
    );
  }
}

/** There was no answer; the request can be sent later. */
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
async function refusalOf(response: Response, target: RequestTarget): Promise<ServerRefusal> {
  const text = await response.text().catch(() => "");
  return new ServerRefusal(response.status, parseProblem(text), target, originOf(response, target));
}

/** Such as `text/html`, and the target of a redirect. */
function originOf({ headers, redirected, url }: Response, { api, path }: RequestTarget): string {
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

/** One line on the whole, one for each error with its pointer, and what to do. */
function sentences(document: ProblemDocument, { api, path }: RequestTarget): string {
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
  return [head, ...lines, ...(name ? [COMMANDS[name] ?? PROBLEM_ADVICE[name]] : [])].join("\n");
}

const CHECK = "Check the address (--api URL).";

/** For an error page of a proxy or of another site. */
function unexpectedAnswer(status: number, { api, path }: RequestTarget, found: string): string {
  const head = `${api}${path} answered with status ${status} (${found}), not as a rademark server does.`;
  if ([401, 403, 407].includes(status))
    return `${head} Does something in between require a login? ${CHECK}`;
  if (status === 413)
    return `${head} A proxy in front of it does not accept bodies of this size: ask its operator.`;
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

const SIGN_AGAIN = "Make it again with rademark sign; do not edit it by hand.";

/** What to do about a refusal where a command or an option does it; elsewhere the server's own advice holds. */
const COMMANDS: Readonly<Partial<Record<ProblemName, string>>> = {
  "not-found":
    "Check the id and the server's address (--api). rademark verify ID tells of any statement, not of entries alone.",
  "malformed-json": SIGN_AGAIN,
  "duplicate-member": SIGN_AGAIN,
  "too-deep": SIGN_AGAIN,
  "malformed-envelope": SIGN_AGAIN,
  "wrong-statement": "Send it with the command made for it: submit, repro, retract, keys, admin.",
  "bad-signature": "It was changed after it was signed. Make it again with rademark sign.",
  "malformed-statement": "Make it again with this version of rademark, from the output folder.",
  "old-harness": "Update rademark (git pull), and train again.",
  "revoked-key":
    "Sign with another key (--key NAME). What this key committed to belongs to it: with another key, take a new challenge into another --out.",
  "key-conflict": "See what the server knows of the key: rademark status",
  "unknown-challenge": "Is it the server that issued the challenge? See --api.",
  "foreign-challenge": "Commit anew for this configuration: rademark run --challenge",
  "stale-challenge":
    "Take a new challenge, into another folder: rademark run --challenge --out DIR",
  "wrong-seeds": "Train the panel and the challenge's seeds: rademark run --challenge",
  "unknown-statement": "Check the id and the server's address (--api).",
  "not-the-signer": "Use the key that signed it: --key NAME",
  "not-an-operator": "Use an operator's key: --key NAME",
  "wrong-reproduction": "Make it again with rademark repro; the verdict follows from the counts.",
  "too-many-challenges":
    "Complete one, or give one up with rademark retract; rademark status lists them.",
  "too-many-requests": "Wait a while and try again; nothing is lost.",
  unavailable: "Try again in a moment; what has been accepted is not stored twice.",
};

/**
 * @param path such as `/v1/retractions`.
 * @returns `before`: did the server already have the statement?
 * @throws UserError when the receipt is for another statement.
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
