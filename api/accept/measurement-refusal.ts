/** @file The name of what a result or reproduction breaks, from where it breaks it. */

import type { ProblemName } from "../../record/documents/problem-document.ts";
import type { Problem } from "../../record/problem.ts";
import { Refusal } from "../problem.ts";

/** Where several are broken, the first of these names the refusal; all of them are listed. */
const RULES: [problem: ProblemName, applies: (problem: Problem) => boolean, detail: string][] = [
  [
    "unknown-challenge",
    ({ pointer, rule }) => pointer === "/challenge" && !rule.startsWith("committed to for"),
    "It names no challenge that was issued here.",
  ],
  [
    "foreign-challenge",
    ({ pointer, rule }) => pointer === "/challenge" || rule.startsWith("as committed to"),
    "Its challenge answers another commitment.",
  ],
  [
    "old-harness",
    ({ pointer }) => /^\/harness(\/version)?$/.test(pointer),
    "Run it again with a newer version.",
  ],
  [
    "wrong-reproduction",
    ({ pointer }) => /^\/(entry|verdict|protocol|arch|regs|source)$/.test(pointer),
    "It does not reproduce what the entry ran, or does not say what its numbers say.",
  ],
  [
    "wrong-seeds",
    ({ pointer }) => /^\/(panel|fresh)(\/\d+\/seed)?$/.test(pointer),
    "Runs belong to the panel's seeds and the challenge's, each once and in their order.",
  ],
  [
    "copied-counts",
    ({ rule }) => rule === "counts of its own",
    "Two of its runs have the same counts.",
  ],
  [
    "copied-counts",
    ({ rule }) => rule === OTHERS_COUNTS,
    "Its runs have counts that another statement lists under another configuration or seed.",
  ],
];

/** What a run breaks whose counts are those of another statement's. */
export const OTHERS_COUNTS = "counts that no other statement lists otherwise";

const MOST = 20;

/** @throws Refusal when there are any problems. */
export function refuseMeasurement(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const rule = RULES.find(([, applies]) => problems.some(applies));
  const [name, , detail] = rule ?? ["impossible-counts", null, "Some counts cannot be."];
  throw new Refusal(name, detail, problems.slice(0, MOST));
}
