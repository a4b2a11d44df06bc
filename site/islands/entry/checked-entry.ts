/** @file An entry fetched piece by piece and checked; nothing that the server says of it is believed unseen. */

import { EntryDocument } from "../../../record/answers/documents.ts";
import { type CheckedEntryFile, verifyEntryFile } from "../../../record/answers/entry-file.ts";
import { type VerifierKey, parseVerifierKey } from "../../../record/log/checkpoint.ts";
import { decodeBase64, encodeBase64 } from "../../../record/signature/base64.ts";
import {
  type CheckAnswer,
  type CheckRequest,
  SHOWN,
  type SeenTree,
  type Shown,
} from "./check-messages.ts";
import { readStrictJson } from "../../../record/strict-json.ts";
import { NO_SERVER } from "../../components/board/server-notice.ts";
import { type Failure, answerOf, respond } from "../../data/api.ts";

/** A busy log may grow between two answers; then they are asked for again. */
const TRIES = 3;

const failed = (fault: string): CheckAnswer => ({
  ...{ outcome: "failed", fault, checks: [], tree: null },
});

/** @throws Unanswered when nothing came that could be checked. */
export async function checkEntry(request: CheckRequest): Promise<CheckAnswer> {
  const { home, id, seen, shown } = request;
  const line = (await fetchedText(`${home}/v1/log/key`))?.trim() ?? "";
  const log = parseVerifierKey(line);
  if (log === null) return failed("The server names no key of its log.");
  const document = await fetchedStrictly(`${home}/v1/entries/${id}`);
  const parsed = EntryDocument.safeParse(document);
  if (!parsed.success) return failed("The server's answer is no entry.");
  const known = seen !== null && seen.log === line ? seen : null;
  const checked = await checkFile(`${home}/v1/log`, id, parsed.data, { log, line, seen: known });
  const checks = [...checked.checks, pageCheck(id, parsed.data, shown, checked)];
  const tree = checked.tree && {
    log: line,
    size: checked.tree.size,
    root: encodeBase64(checked.tree.root),
  };
  const outcome = checks.every(({ ok }) => ok) ? "passed" : "failed";
  return { outcome, fault: null, checks, tree };
}

interface Trust {
  log: VerifierKey;
  /** The key as a line of text. */
  line: string;
  seen: SeenTree | null;
}

/** @param place of the log's answers. */
async function checkFile(
  place: string,
  id: string,
  { challenge }: EntryDocument,
  { log, line, seen }: Trust,
): Promise<CheckedEntryFile> {
  const root = seen && decodeBase64(seen.root);
  const trusted = seen && root && { size: seen.size, root };
  for (let attempt = 1; ; attempt++) {
    const [statement, consistency] = await Promise.all([
      fetchedStrictly(`${place}/statements/${id}`),
      trusted === null ? null : fetchedStrictly(`${place}/consistency/${trusted.size}`),
    ]);
    const common = { rademark: "entry", version: 1, verifierKey: line } as const;
    // the challenge that the page shows, not the one beside the proofs
    const file = { ...(statement as object | null), ...common, challenge, consistency };
    const checked = await verifyEntryFile(file, { log, seen: trusted });
    const isAmiss = checked.checks.some(({ name, ok }) => name === "consistency" && !ok);
    if (!isAmiss || attempt === TRIES) return checked;
  }
}

/** Nothing came that could be checked. */
export class Unanswered extends Error {}

/** Null where the server says that it has none. @throws Unanswered */
function fetchedText(address: string): Promise<string | null> {
  return fetched(address, (response) => response.text());
}

/** Null also for what is not strict JSON: the checks say what is missing. @throws Unanswered */
async function fetchedStrictly(address: string): Promise<unknown> {
  const bytes = await fetched(address, (response) => response.arrayBuffer());
  const json = bytes && readStrictJson(new Uint8Array(bytes));
  return json?.ok ? json.value : null;
}

async function fetched<T>(
  address: string,
  read: (response: Response) => Promise<T>,
): Promise<T | null> {
  const answer = await answerOf(await respond(address, {}, "no-store"), read);
  if (answer.ok) return answer.value;
  if (answer.reason === "absent") return null;
  throw new Unanswered(wordsOf(answer));
}

function wordsOf(failure: Failure): string {
  if (failure.reason === "refused") return `${failure.problem.title} ${failure.problem.detail}`;
  return failure.reason === "unserved" ? NO_SERVER : "The server does not answer.";
}

type OneCheck = CheckAnswer["checks"][number];

/** Machines may differ in the last bits of a mean; an equivalent width is found to 1e-7. */
const ROUNDING = 1e-9;
const WIDTH_ROUNDING = 1e-6;

const AGREED =
  "Learned complexity, capacity, equivalent width, selectivity, gap, test and train accuracy were computed here from the " +
  "signed counts, and are the means on this page. Intervals, the frozen trunk, the null's rungs and all that is declared " +
  "were not compared.";

/** Are the headline means that a visitor reads those that follow from the signed counts? Intervals are not compared. */
function pageCheck(
  id: string,
  { summary }: EntryDocument,
  shown: Shown,
  { statement, outcome }: CheckedEntryFile,
): OneCheck {
  const failed = (text: string): OneCheck => ({ name: "page", ok: false, text });
  if (statement === null || outcome === null)
    return failed("Not reached: nothing to compare with.");
  if (statement.id !== id) return failed(`The server gave another entry: ${statement.id}.`);
  const wrong = SHOWN.filter((name) => {
    const recomputed = outcome.summary[name]?.mean ?? null;
    return ![summary[name]?.mean ?? null, shown[name]].every((said) =>
      isClose(said, recomputed, name),
    );
  });
  if (wrong.length > 0)
    return failed(`What is shown does not follow from the counts: ${wrong.join(", ")}.`);
  return { name: "page", ok: true, text: AGREED };
}

function isClose(a: number | null, b: number | null, name: keyof Shown): boolean {
  if (a === null || b === null) return a === b;
  const rounding = name === "equivalentWidth" ? WIDTH_ROUNDING : ROUNDING;
  return Math.abs(a - b) <= rounding * Math.max(1, Math.abs(a));
}
