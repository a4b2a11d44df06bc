/**
 * @file What rules return: which rule is broken, at what place, and what stands there. It is put into words only where it
 * is shown; code decides by `code` and `pointer`, never by a sentence.
 */

import type { z } from "zod";

/** A broken rule. */
export interface Problem<Code extends string = string> {
  /** Names the rule. */
  code: Code;
  /** RFC 6901, into the document that was read; empty: the whole of it. */
  pointer: string;
  /** What should stand there, for people. */
  rule: string;
  /** What stands there instead, shortened. */
  found: string;
}

export type Path = readonly PropertyKey[];

/**
 * RFC 6901 section 3: `~` is written `~0`, `/` is written `~1`.
 *
 * @example jsonPointer(["panel", 2, "seed"]) // "/panel/2/seed"
 */
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

/**
 * The problem at a place of a document.
 *
 * @example problemAt({ seed: 4 }, ["seed"], "panel-seeds", "3")
 * // { code: "panel-seeds", pointer: "/seed", rule: "3", found: "4" }
 */
export function problemAt<Code extends string>(
  document: unknown,
  path: Path,
  code: Code,
  rule: string,
): Problem<Code> {
  return { code, pointer: jsonPointer(path), rule, found: shown(valueAt(document, path)) };
}

/** A rule of a document with what it says, before it is known whether it holds. */
export type Rule<Code extends string> = [holds: boolean, path: Path, code: Code, rule: string];

/** How many problems of a document are told. */
const MOST = 20;

/** The first rules that do not hold, as problems: a stranger's document can break 100,000. */
export function brokenRules<Code extends string>(
  document: unknown,
  rules: readonly Rule<Code>[],
): Problem<Code>[] {
  return rules
    .filter(([holds]) => !holds)
    .slice(0, MOST)
    .map(([, path, code, rule]) => problemAt(document, path, code, rule));
}

/** The first problems of a document that its schema refuses, with zod's codes; each unknown member is a problem of its own. */
export function schemaProblems(error: z.ZodError, document: unknown): Problem[] {
  return error.issues
    .flatMap((issue): Problem[] => {
      if (issue.code !== "unrecognized_keys")
        return [problemAt(document, issue.path, issue.code, issue.message)];
      return issue.keys
        .slice(0, MOST)
        .map((key) => problemAt(document, [...issue.path, key], issue.code, "no such member"));
    })
    .slice(0, MOST);
}

/** In words, with a pointer: `/panel/2/seed: 3 (found 4)`. */
export function problemText({ pointer, rule, found }: Problem): string {
  return `${pointer || "(top)"}: ${rule} (found ${found})`;
}

/** In words, as the command line shows them: `learningRate.peak: too large`; for a name, what was found is the place. */
export function problemLine({ pointer, rule, found }: Problem): string {
  const place = pointer === "" ? found : pointer.slice(1).replaceAll("/", ".");
  return `${place}: ${rule}`;
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

/** How many names are told as near. */
const MOST_NEAR = 5;

/**
 * The few dotted names that a person may have meant: those whose last part is the one asked for, that contain it or are
 * contained in it, that it abbreviates, or that are spelled much like it; in this order.
 *
 * @example nearNames("lr", ["epochs", "learningRate.peak"]) // ["learningRate.peak"]
 */
export function nearNames(name: string, known: readonly string[]): string[] {
  const asked = bare(name.split(".").at(-1)!);
  const ranked = known.flatMap((each) => {
    const rank = nearness(asked, each);
    return rank === -1 ? [] : { each, rank };
  });
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MOST_NEAR)
    .map(({ each }) => each);
}

/** -1: not near. */
function nearness(asked: string, known: string): number {
  const parts = known.split(".");
  const last = bare(parts.at(-1)!);
  const limit = Math.ceil(asked.length / 3);
  return [
    last === asked,
    asked.length > 2 && bare(known).includes(asked),
    last.length > 2 && asked.includes(last),
    parts.some((part) => part[0]! + part.replace(/[^A-Z]/g, "").toLowerCase() === asked),
    editDistance(last, asked) <= limit,
  ].indexOf(true);
}

/** `batch_size` and `batchSize` are one name. */
const bare = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** `; did you mean X?`, or nothing: the tail of a message about an unknown name. */
export function didYouMean(name: string, allowed: Iterable<string>): string {
  const candidate = nearest(name, allowed);
  return candidate === null ? "" : `; did you mean ${candidate}?`;
}

/** Thrown by every parser in this folder; the edge that read the text says where it came from. */
export class RecordError extends Error {
  override readonly name = "RecordError";
  /** Every broken rule, not just the first. */
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(problemLine).join("\n"));
    this.problems = problems;
  }
}

/** A problem that a parser of names reports: the text itself is all there is to point at. */
export function nameProblem(code: string, found: string, rule: string): Problem {
  return { code, pointer: "", rule, found };
}
