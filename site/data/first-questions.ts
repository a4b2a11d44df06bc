/** @file What pages ask first of a board that they were built without (`public/ask.js`), as their scripts do a moment later. */

import { RANK_ORDER } from "../../record/board/board-columns.ts";
import { boardPath } from "./api.ts";
import { PAGE_ROWS } from "./board-view.ts";
import type { Reference } from "./reference-layer.ts";

/** The first rows, in the usual order. */
export function rowsQuestion(protocol: string): string {
  const sort = "learnedComplexity";
  return boardPath(protocol, { sort, order: RANK_ORDER[sort], limit: PAGE_ROWS });
}

export const sentencesQuestion = (protocol: string) => `/v1/boards/${protocol}/sentences`;

/** Was the log seeded from the reference? None where there is nothing to look for. */
export function seedQuestions(reference: Reference | null): string[] {
  const leaf = reference?.leaf ?? null;
  return leaf === null ? [] : [`/v1/log/entries?before=${leaf.index + 1}&limit=1`];
}
