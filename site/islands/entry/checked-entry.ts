/** @file An entry fetched piece by piece and checked; nothing that the server says of it is believed unseen. */

import { EntryDocument } from "../../../record/documents/entry-document.ts";
import { type CheckedEntryFile, verifyEntryFile } from "../../../record/entry-file.ts";
import { type VerifierKey, parseVerifierKey } from "../../../record/log/checkpoint.ts";
import { decodeBase64, encodeBase64 } from "../../../record/signature/base64.ts";
import type { CheckAnswer, CheckRequest, SeenTree } from "./check-messages.ts";
import { fetchedStrictly, fetchedText } from "./fetched.ts";
import { pageCheck } from "./page-check.ts";

/** A busy log may grow between two answers; then they are asked for again. */
const TRIES = 3;

const failed = (fault: string): CheckAnswer => ({
  ...{ outcome: "failed", fault, checks: [], tree: null },
});

/** @throws Unanswered when nothing came that could be checked. */
export async function checkEntry({ id, seen, shown }: CheckRequest): Promise<CheckAnswer> {
  const line = (await fetchedText("/v1/log/key"))?.trim() ?? "";
  const log = parseVerifierKey(line);
  if (log === null) return failed("The server names no key of its log.");
  const document = await fetchedStrictly(`/v1/entries/${id}`);
  const parsed = EntryDocument.safeParse(document);
  if (!parsed.success) return failed("The server's answer is no entry.");
  const known = seen !== null && seen.log === line ? seen : null;
  const checked = await checkFile(id, parsed.data, { log, line, seen: known });
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

async function checkFile(
  id: string,
  { challenge }: EntryDocument,
  { log, line, seen }: Trust,
): Promise<CheckedEntryFile> {
  const root = seen && decodeBase64(seen.root);
  const trusted = seen && root && { size: seen.size, root };
  for (let attempt = 1; ; attempt++) {
    const [statement, consistency] = await Promise.all([
      fetchedStrictly(`/v1/log/statements/${id}`),
      trusted === null ? null : fetchedStrictly(`/v1/log/consistency/${trusted.size}`),
    ]);
    const common = { rademark: "entry", version: 1, verifierKey: line } as const;
    // the challenge that the page shows, not the one beside the proofs
    const file = { ...(statement as object | null), ...common, challenge, consistency };
    const checked = await verifyEntryFile(file, { log, seen: trusted });
    const isAmiss = checked.checks.some(({ name, ok }) => name === "consistency" && !ok);
    if (!isAmiss || attempt === TRIES) return checked;
  }
}
