/** @file The HTTP client of the API: one address, patient, and clear about what went wrong. */

import { gzipSync } from "node:zlib";
import type { z } from "zod";
import { schemaProblems } from "../../record/problem.ts";
import { EXIT, UserError } from "../errors.ts";
import { type Network, realNetwork } from "./network.ts";
import { printable } from "./printable.ts";
import { PATIENCE, type Patience, backoff, waitBeforeRetry } from "./retry.ts";
import { type Asked, StrangeAnswer, Unreachable, originOf, refusalOf } from "./server-refusal.ts";

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

export interface ClientOptions {
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
  const parsed = schema.safeParse(parseJson(answer, asked));
  if (parsed.success) return parsed.data;
  throw new StrangeAnswer(asked, printable(schemaProblems(parsed.error).slice(0, 5).join("; ")));
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
