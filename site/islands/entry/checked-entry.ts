/** @file An entry fetched piece by piece and checked; nothing that the server says of it is believed unseen. */

import { EntryDocument } from "../../../record/documents/entry-document.ts";
import { verifyEntryFile, type CheckedEntryFile } from "../../../record/entry-file.ts";
import { parseVerifierKey, type VerifierKey } from "../../../record/log/verifier-key.ts";
import { decodeBase64, encodeBase64 } from "../../../record/signature/base64.ts";
import { readStrictJson } from "../../../record/strict-json.ts";
import type { CheckAnswer, CheckRequest, SeenTree } from "./check-messages.ts";
import { pageCheck } from "./page-check.ts";

/** A busy log may grow between two answers; then they are asked for again. */
const TRIES = 3;

const unchecked = (fault: string): CheckAnswer => ({ ok: false, fault, checks: [], tree: null });

/** @throws TypeError when the server does not answer. */
export async function checkEntry({ id, seen, shown }: CheckRequest): Promise<CheckAnswer> {
  const line = (await (await fetch("/v1/log/key")).text()).trim();
  const log = parseVerifierKey(line);
  if (log === null) return unchecked("The server names no key of its log.");
  const document = await strict(`/v1/entries/${id}`);
  const parsed = EntryDocument.safeParse(document);
  if (!parsed.success) return unchecked("The server's answer is no entry.");
  const known = seen !== null && seen.log === line ? seen : null;
  const checked = await checkFile(id, parsed.data, { log, line, seen: known });
  const checks = [...checked.checks, pageCheck(id, parsed.data, shown, checked)];
  const tree = checked.tree && {
    log: line,
    size: checked.tree.size,
    root: encodeBase64(checked.tree.root),
  };
  return { ok: checks.every(({ ok }) => ok), fault: null, checks, tree };
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
      strict(`/v1/log/statements/${id}`),
      trusted === null ? null : strict(`/v1/log/consistency/${trusted.size}`),
    ]);
    const common = { rademark: "entry", version: 1, verifierKey: line } as const;
    // the challenge that the page shows, not the one beside the proofs
    const file = { ...(statement as object | null), ...common, challenge, consistency };
    const checked = await verifyEntryFile(file, { log, seen: trusted });
    const isAmiss = checked.checks.some(({ name, ok }) => name === "consistency" && !ok);
    if (!isAmiss || attempt === TRIES) return checked;
  }
}

/** Null for a refusal and for what is not strict JSON: the checks say what is missing. */
async function strict(address: string): Promise<unknown> {
  const response = await fetch(address, { cache: "no-store" });
  if (!response.ok) return null;
  const json = readStrictJson(new Uint8Array(await response.arrayBuffer()));
  return json.ok ? json.value : null;
}
