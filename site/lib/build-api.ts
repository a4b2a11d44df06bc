/** @file The API as the build asks it: every answer is parsed with its schema. */

import { type ZodType, z } from "zod";
import { BoardPage } from "../../record/board/board-row.ts";
import {
  ChallengeDocument,
  ComparisonDocument,
  EntryDocument,
  EntryRuns,
  KeyDocument,
  LogPage,
  MeasuresDocument,
  SentencesDocument,
  StatementDocument,
} from "../../record/documents/entry-document.ts";
import { InclusionProof } from "../../record/log/log-proof.ts";
import { Envelope } from "../../record/statement/envelope.ts";
import type { Answer } from "./answer.ts";
import { type Documents, createApi } from "./api.ts";

const SCHEMAS: { [Name in keyof Documents]: ZodType<Documents[Name]> } = {
  board: BoardPage,
  entry: EntryDocument,
  runs: EntryRuns,
  envelope: Envelope,
  proof: InclusionProof,
  statement: StatementDocument,
  comparison: ComparisonDocument,
  measures: MeasuresDocument,
  sentences: SentencesDocument,
  challenge: ChallengeDocument,
  key: KeyDocument,
  log: LogPage,
  text: z.string(),
};

const named = process.env["RADEMARK_API"];
/** `none`: no server is asked, and every page is built empty. The port is one that no server listens on. */
const isNone = named === "none";
const given = isNone ? undefined : named;

const origin = isNone ? "http://127.0.0.1:1" : (given ?? "http://127.0.0.1:8787");

/** Within one machine, packing and unpacking takes longer than handing over. */
const isNear = /^http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/.test(origin);

export const buildApi = createApi(
  origin,
  (name, body) => SCHEMAS[name].parse(body),
  isNear ? { "accept-encoding": "identity" } : {},
);

/**
 * The value, or null where there is none: the API's 404, or no API at the default address, so that pages are built
 * empty and their islands fill them.
 *
 * @throws Error for a server that was named (RADEMARK_API) and does not answer, or that refuses: an empty page in its
 *   place would look like an empty board.
 */
export async function known<T>(answer: Promise<Answer<T>>): Promise<T | null> {
  const got = await answer;
  if (got.ok) return got.value;
  if (got.reason === "refused")
    throw new Error(`${got.problem.title} ${got.problem.detail}`.trimEnd());
  if (got.reason !== "absent" && given !== undefined)
    throw new Error(`RADEMARK_API=${given}: no answer. Start the server, or build without it.`);
  return null;
}
