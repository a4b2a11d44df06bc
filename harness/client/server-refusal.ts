/** @file What a server's refusal, or its silence, is to a person. */

import {
  ProblemDocument,
  PROBLEMS,
  type ProblemName,
} from "../../record/documents/problem-document.ts";
import { EXIT, UserError } from "../errors.ts";
import { ADVICE } from "./advice.ts";
import { printable } from "./printable.ts";

/** The server answered, and said no. Asking again without a change changes nothing, but for 429 and 5xx. */
export class ServerRefusal extends UserError {
  readonly status: number;
  /** Null when the answer was no problem document that is known here. */
  readonly problem: ProblemName | null;
  readonly errors: ProblemDocument["errors"];

  constructor(status: number, document: ProblemDocument | null, address: string) {
    super(sentences(status, document, address), exitCodeOf(status));
    this.status = status;
    this.problem = document && problemName(document);
    this.errors = document?.errors ?? [];
  }

  /** May the same request be accepted later? */
  get passes(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

/** Nobody answered; what was to be sent can be sent later. */
export class Unreachable extends UserError {
  constructor(api: string, reason: string, options?: ErrorOptions) {
    const cure = isLocal(api)
      ? "Start it with `rademark serve`, or name another with --api URL."
      : "Check the address (--api URL) and the connection.";
    super(`The server at ${api} cannot be reached (${reason}). ${cure}`, EXIT.network, options);
  }
}

/** @param response not ok; its body is read here. */
export async function refusalOf(response: Response, address: string): Promise<ServerRefusal> {
  const text = await response.text().catch(() => "");
  return new ServerRefusal(response.status, parseProblem(text), address);
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
function sentences(status: number, document: ProblemDocument | null, address: string): string {
  if (document === null)
    return `${address} answered with status ${status}, not as a rademark server does. Is it one?`;
  const name = problemName(document);
  const lines = document.errors.map(
    ({ pointer, rule, found }) =>
      `  ${printable(pointer || "(the whole document)")}: must be ${printable(rule)}; found ${printable(found)}`,
  );
  const head = `The server refused: ${printable(document.title)} ${printable(document.detail)}`;
  return [head, ...lines, ...(name ? [ADVICE[name]] : [])].join("\n");
}

function exitCodeOf(status: number) {
  if (status === 404) return EXIT.usage;
  return status === 429 || status >= 500 ? EXIT.network : EXIT.verification;
}

function isLocal(api: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(api).hostname);
}
