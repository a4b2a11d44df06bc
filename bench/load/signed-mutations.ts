/** @file Statements that were valid until one place in them was changed, signed all the same: they reach every check. */

import { utf8ToBytes } from "@noble/hashes/utils.js";
import { ChallengeDocument, KeyAnswer } from "../../record/answers/documents.ts";
import { ProblemDocument } from "../../record/answers/problem-document.ts";
import { Receipt } from "../../record/log/log-proof.ts";
import { sealBytes } from "../../record/statement/envelope.ts";
import type { StatementKind } from "../../record/statement/statements.ts";
import { aResult } from "../../test/world/statements.ts";
import { type Holder, commitmentOf } from "./submissions.ts";
import { fraction, syntheticResult } from "./synthetic.ts";

type Json = null | boolean | number | string | Json[] | Node;
interface Node {
  [name: string]: Json;
}

export interface Target {
  path: string;
  kind: StatementKind;
  /** A statement that would be accepted, or refused for a reason of its own. */
  statement: (i: number) => object;
}

const ANSWERS = {
  "/v1/keys": KeyAnswer,
  "/v1/challenges": ChallengeDocument,
} as const;

export function mutationTargets({ key }: Holder, entry: string): Target[] {
  const at = new Date().toISOString();
  const reason = "A reason.";
  const result = (i: number) => ({
    ...syntheticResult(i, null),
    ...{ key, challenge: null, fresh: [] },
  });
  const { supersedes: _, ...measurement } = { ...aResult(), key };
  const targets: Target[] = [
    { path: "/v1/results", kind: "result", statement: (i) => result(20_000 + i) },
    {
      path: "/v1/reproductions",
      kind: "reproduction",
      statement: () => ({ ...measurement, entry, verdict: "agree" }),
    },
    {
      path: "/v1/challenges",
      kind: "commitment",
      statement: (i) => commitmentOf({ key, seed: new Uint8Array() }, 20_000 + i),
    },
    {
      path: "/v1/retractions",
      kind: "retraction",
      statement: () => ({ key, statement: entry, reason }),
    },
    {
      path: "/v1/moderations",
      kind: "moderation",
      statement: () => ({ key, action: "note", subject: entry, reason, at }),
    },
  ];
  const keyActions = [
    { action: "rotate", key, next: "a".repeat(64), at },
    { action: "revoke", key: "a".repeat(64), from: at, reason, at },
    { action: "name", key, name: null, at },
  ];
  return targets.concat(
    keyActions.map((statement) => ({ path: "/v1/keys", kind: "key", statement: () => statement })),
  );
}

const STEPS = [1, -1, 1000, -1000];

/** What a place may be changed to; `undefined` removes it. */
const STRANGERS: readonly (Json | undefined)[] = [
  ...[undefined, null, true, "", "none", "\u202e", "a".repeat(3000), "0".repeat(64)],
  ...[-1, 0, 1, 0.5, 2 ** 53, 1e300, "2026-02-30T00:00:00Z", "wd=1e309", "cnn-999999999999"],
  ...[[], {}, [[]], Array.from({ length: 300 }, () => 0)],
];

/** The statement with another value in one place, which the number chooses. */
export function mutated(statement: object, i: number): Json {
  const copy = structuredClone(statement) as Node;
  let place = copy;
  for (let depth = 0; ; depth++) {
    const name = heavyName(place, fraction(i, depth));
    const inside: Json = place[name]!;
    const goesOn = typeof inside === "object" && inside !== null && Object.keys(inside).length > 0;
    if (!goesOn || fraction(i, 100 + depth) > 0.9) {
      change(place, name, i);
      return copy;
    }
    place = inside as Node; // of an array, the names are its indices
  }
}

/** Larger parts are chosen more often, by the root of their size: most of a result is its runs. */
function heavyName(place: Node, chance: number): string {
  const names = Object.keys(place);
  const weights = names.map((name) => Math.sqrt(JSON.stringify(place[name]).length));
  let left = chance * weights.reduce((sum, weight) => sum + weight, 0);
  return names.find((_, j) => (left -= weights[j]!) < 0) ?? names.at(-1)!;
}

/** Numbers mostly become other numbers, so that more than their type is checked. */
function change(place: Node, name: string, i: number): void {
  const old = place[name];
  const stranger =
    typeof old === "number" && fraction(i, 300) < 0.7
      ? old + STEPS[Math.floor(fraction(i, 200) * STEPS.length)]!
      : STRANGERS[Math.floor(fraction(i, 200) * STRANGERS.length)];
  if (stranger === undefined) delete place[name];
  else place[name] = stranger;
}

export interface MutationFigures {
  requests: number;
  /** By status and problem, such as `422 broken-rule`. */
  answers: Map<string, number>;
  faults: string[];
}

/** @param targets the first of them gets half of the statements. */
export async function sendMutations(
  url: string,
  holder: Holder,
  targets: readonly Target[],
  { count, seed }: { count: number; seed: number },
): Promise<MutationFigures> {
  const figures: MutationFigures = { requests: 0, answers: new Map(), faults: [] };
  for (let i = 0; i < count; i++) {
    const { path, kind, statement } = targets[i % 2 === 0 ? 0 : (i >> 1) % targets.length]!;
    const text = JSON.stringify(mutated(statement(i), seed * 1_000_000 + i));
    const envelope = await sealBytes(kind, utf8ToBytes(text), [holder.seed]);
    const body = JSON.stringify(path === "/v1/keys" ? { envelope, name: null } : envelope);
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}${path}`, { method: "POST", body, headers });
    const answer = await response.text();
    const fault = faultOf(path, response, answer);
    figures.requests++;
    const name = `${response.status} ${problemName(answer)}`;
    figures.answers.set(name, (figures.answers.get(name) ?? 0) + 1);
    if (fault !== null) figures.faults.push(`POST ${path}: ${fault}, for ${text.slice(0, 300)}`);
  }
  return figures;
}

function problemName(answer: string): string {
  return /"type":"\/problems\/([\w-]+)"/.exec(answer)?.[1] ?? "accepted";
}

/** Null for an answer as it should be. */
function faultOf(path: string, response: Response, answer: string): string | null {
  const { status, headers } = response;
  if (status >= 500) return `answered ${status}: ${answer}`;
  const isProblem = status >= 400;
  const type = isProblem ? "application/problem+json" : "application/json";
  if (headers.get("content-type") !== type) return `${status} as ${headers.get("content-type")}`;
  const accepted = ANSWERS[path as keyof typeof ANSWERS] ?? Receipt;
  const parsed = (isProblem ? ProblemDocument : accepted).safeParse(JSON.parse(answer));
  return parsed.success ? null : `${status} with another body: ${parsed.error.message}`;
}
