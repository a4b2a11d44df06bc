/** @file Refusals as RFC 9457 problem documents. */

import {
  PROBLEMS,
  type ProblemDocument,
  type ProblemError,
  type ProblemName,
  problemType,
} from "../record/answers/problem-document.ts";
import { type Path, jsonPointer, shown, valueAt } from "../record/problem.ts";

/** Thrown anywhere below a route, answered by `app.onError`; an open transaction is rolled back. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly problem: ProblemName;
  readonly errors: readonly ProblemError[];
  readonly retryAfterSeconds: number | null;

  /** @param detail one sentence about this occurrence. */
  constructor(
    problem: ProblemName,
    detail: string,
    errors: readonly ProblemError[] = [],
    retryAfterSeconds: number | null = null,
  ) {
    super(detail);
    this.problem = problem;
    this.errors = errors;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What a refusal points at; its problem's name says which rule that breaks. */
export function errorAt(document: unknown, path: Path, rule: string): ProblemError {
  return { pointer: jsonPointer(path), rule, found: shown(valueAt(document, path)) };
}

export function problemDocument({ problem, message, errors }: Refusal): ProblemDocument {
  const [status, title] = PROBLEMS[problem];
  return {
    type: problemType(problem),
    title,
    status,
    detail: message,
    errors: errors.map(({ pointer, rule, found }) => ({ pointer, rule, found })),
  };
}

export function problemResponse(refusal: Refusal): Response {
  const document = problemDocument(refusal);
  const headers = new Headers({ "content-type": "application/problem+json" });
  if (refusal.retryAfterSeconds !== null)
    headers.set("retry-after", String(refusal.retryAfterSeconds));
  return new Response(JSON.stringify(document), { status: document.status, headers });
}
