/** @file `rademark verify FILE|ID|URL` */

import { StatementFile } from "../../../record/answers/documents.ts";
import { EntryFile } from "../../../record/answers/entry-file.ts";
import { problemText, schemaProblems } from "../../../record/problem.ts";
import { createClient } from "../../listing/client.ts";
import { fullId } from "../../listing/full-id.ts";
import { printable } from "../../printable.ts";
import { EXIT, type ExitCode } from "../../errors.ts";
import { verifyEntry, verifyEnvelope, verifyStatement } from "../../listing/verification.ts";
import { type Finding, type Verification, failed } from "../../listing/finding.ts";
import { downloadStatement } from "../../listing/statement-download.ts";
import { type Target, readTarget } from "../../listing/target.ts";
import { apiArgument, commonArguments, defineCommand, jsonArgument, text } from "../command.ts";
import type { Effects } from "../../effects.ts";
import { resultTable } from "../results.ts";

export const command = defineCommand({
  meta: {
    details:
      "Checks a result, a reproduction, a challenge, a retraction, an operator's decision or a key's statement.\n" +
      "FILE was written by rademark sign or rademark export, and needs no network. An id or an address is\n" +
      "fetched, and the server is not trusted: every number is recomputed from the counts, every seed is\n" +
      "derived again, and the log is compared with what this machine saw of it before. A signature says who\n" +
      "sent a result, not that it is true. A dash marks what cannot be checked from here. The exit code is 3\n" +
      "when a check fails, or 1 when a check of the log fails.",
    examples: [
      "rademark verify entry.json",
      "rademark verify ID --api https://example.org",
      "rademark verify http://127.0.0.1:8787/entries/ID --json",
    ],
  },
  args: {
    target: {
      summary: "a file, or the id or address of an entry, a challenge or any other statement",
      placeholder: "FILE|ID|URL",
      positional: true,
      read: text,
    },
    api: { ...apiArgument, summary: "address of the server, for an ID" },
    json: jsonArgument,
    ...commonArguments,
  },
  async run({ target, api, json }, effects) {
    const verification = await verifyTarget(readTarget(target, api, effects.cwd), effects);
    const exitCode = exitCodeOf(verification.findings);
    effects.out(json ? documentOf(verification) : textOf(verification));
    for (const { name, state, text } of verification.findings)
      if (state === "failed" && isOfLog(name))
        effects.err(`rademark: ${name}: ${printable(text)}\n`);
    return exitCode;
  },
});

async function verifyTarget(target: Target, effects: Effects): Promise<Verification> {
  if (target.kind === "file") return verifyDocument(target.value, effects);
  const client = createClient({ api: target.api });
  const id = await fullId(target.id, client, null, effects);
  const { file, ...origin } = await downloadStatement(client, id);
  const verification =
    file.rademark === "entry"
      ? await verifyEntry(file, { client, ...origin }, effects)
      : await verifyStatement(file, client, effects);
  const given = [verification.id, file.proof.entry.digest]; // a challenge has two ids: its own and its leaf's
  if (verification.id === null || given.includes(id)) return verification;
  const stranger = failed("schema", `The server gave another statement: ${verification.id}.`);
  return { ...verification, findings: [...verification.findings, stranger] };
}

/** Entry and statement files name their kind; everything else is taken for an envelope. */
async function verifyDocument(value: unknown, effects: Effects): Promise<Verification> {
  if (typeof value !== "object" || value === null || !("rademark" in value))
    return verifyEnvelope(value);
  const isEntry = value.rademark !== "statement";
  const parsed = (isEntry ? EntryFile : StatementFile).safeParse(value);
  if (!parsed.success) {
    const findings = [
      failed("schema", schemaProblems(parsed.error, value).map(problemText).join("; ")),
    ];
    return { findings, id: null, kind: null, says: null, outcome: null };
  }
  return parsed.data.rademark === "entry"
    ? verifyEntry(parsed.data, null, effects)
    : verifyStatement(parsed.data, null, effects);
}

const isOfLog = (name: string) => ["log key", "consistency"].includes(name);

/** Faults of the log have their own code: they concern every entry, not just this one. */
function exitCodeOf(findings: readonly Finding[]): ExitCode {
  const faults = findings.filter(({ state }) => state === "failed");
  if (faults.length === 0) return EXIT.ok;
  return faults.some(({ name }) => isOfLog(name)) ? EXIT.runFailed : EXIT.verification;
}

function documentOf({ findings, id, kind, says, outcome }: Verification): string {
  const ok = findings.every(({ state }) => state !== "failed");
  return `${JSON.stringify({ ok, id, kind, says, checks: findings, outcome }, null, 2)}\n`;
}

const MARKS = { passed: "ok", failed: "FAILED", skipped: "-" } as const;

function textOf({ findings, id, kind, says, outcome }: Verification): string {
  const lines = findings.map(
    ({ name, state, text }) => `${MARKS[state].padEnd(6)}  ${name.padEnd(11)}  ${printable(text)}`,
  );
  const head = id === null ? [] : [`${kind} ${id}`, ...(says ? [printable(says)] : [])];
  const table = outcome ? ["", resultTable([{ ...outcome, unsubmittable: [] }])] : [""];
  return [...head, ...lines, ...table].join("\n");
}
