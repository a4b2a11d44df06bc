/** @file What a server's refusal, or its silence, is to a person. */

import {
  ProblemDocument,
  PROBLEMS,
  type ProblemName,
} from "../../record/documents/problem-document.ts";
import { EXIT, UserError } from "../errors.ts";
import { ADVICE } from "./advice.ts";
import { printable } from "./printable.ts";

/** Where a request went. */
export interface Asked {
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
export async function refusalOf(response: Response, asked: Asked): Promise<ServerRefusal> {
  const text = await response.text().catch(() => "");
  return new ServerRefusal(response.status, parseProblem(text), asked, originOf(response, asked));
}

/** `text/html`, and where a redirect led. */
export function originOf({ headers, redirected, url }: Response, { api, path }: Asked): string {
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
