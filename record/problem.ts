/** @file What a document breaks, and where: what a refusal of the server says. */

import type { z } from "zod";

export interface Problem {
  /** RFC 6901, into the document that was read; empty: the whole of it. */
  pointer: string;
  rule: string;
  /** What stands there instead, shortened. */
  found: string;
}

export type Path = readonly PropertyKey[];

/** RFC 6901 section 3: `~` is written `~0`, `/` is written `~1`. */
export function jsonPointer(path: Path): string {
  return path
    .map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

/** The value at a path; undefined where there is none. */
export function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => {
    const isThere = typeof value === "object" && value !== null && Object.hasOwn(value, step);
    return isThere ? (value as Record<PropertyKey, unknown>)[step] : undefined;
  }, document);
}

const LONGEST = 80;

/** A value in a few words. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 1 ? "1 item" : `${value.length} items`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text;
}

export function problemAt(document: unknown, path: Path, rule: string): Problem {
  return { pointer: jsonPointer(path), rule, found: shown(valueAt(document, path)) };
}

const MOST = 20;

/** The first problems of a document that its schema refuses; every unknown member is one of its own. */
export function schemaFaults(error: z.ZodError, document: unknown): Problem[] {
  return error.issues
    .flatMap((issue) => {
      if (issue.code !== "unrecognized_keys")
        return [problemAt(document, issue.path, issue.message)];
      return issue.keys
        .slice(0, MOST)
        .map((key) => problemAt(document, [...issue.path, key], "no such member"));
    })
    .slice(0, MOST);
}

/** Levenshtein distance: fewest insertions, deletions and substitutions that turn a into b. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++)
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (letter === b[j] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}

/** The allowed name closest to `name`, or null when none is near (over a third of it is wrong). */
function nearest(name: string, allowed: Iterable<string>): string | null {
  const limit = Math.max(1, Math.ceil(name.length / 3));
  let best: { candidate: string; distance: number } | null = null;
  for (const candidate of allowed) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && distance < (best?.distance ?? Infinity))
      best = { candidate, distance };
  }
  return best?.candidate ?? null;
}

/** `; did you mean X?`, or nothing: the tail of a message about an unknown name. */
export function didYouMean(name: string, allowed: Iterable<string>): string {
  const candidate = nearest(name, allowed);
  return candidate === null ? "" : `; did you mean ${candidate}?`;
}

/** Thrown by every parser in this folder; the edge that read the text says where it came from. */
export class RecordError extends Error {
  override readonly name = "RecordError";
  /** Every broken rule, not just the first: `place: rule, got what`. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** One line per broken rule of a schema: `path.to.field: message`. */
export function schemaProblems(error: z.ZodError): string[] {
  return error.issues.map(({ path, message }) => `${path.join(".") || "(top)"}: ${message}`);
}
