/** @file `rademark verify FILE|ID|URL` */

import { EntryFile } from "../../../record/entry-file.ts";
import { problemText } from "../../../record/entry-file/check.ts";
import { schemaFaults } from "../../../record/problem.ts";
import { apiArgument } from "../../client/api-address.ts";
import { createClient } from "../../client/client.ts";
import { printable } from "../../client/printable.ts";
import { EXIT, type ExitCode } from "../../errors.ts";
import { downloadEntry } from "../../verify/entry-download.ts";
import { failed, type Finding } from "../../verify/finding.ts";
import { readTarget, type Target } from "../../verify/target.ts";
import { type Verification, verifyEntry, verifyEnvelope } from "../../verify/verification.ts";
import { defineCommand } from "../command.ts";
import { commonArguments, jsonArgument } from "../common-arguments.ts";
import type { Effects } from "../effects.ts";
import { resultTable } from "../results.ts";
import { text } from "../values.ts";

export const verify = defineCommand({
  meta: {
    summary: "check an entry yourself: signature, counts, seeds, log",
    details:
      "FILE is what rademark sign or rademark export wrote, and needs no network. An id or an address is\n" +
      "fetched, and nothing that the server says is believed unseen: every number is recomputed from the\n" +
      "counts, every seed derived again, and the log held against what was seen of it before. A signature\n" +
      "says who sent a result, not that it is true. Exit code 3 when a check fails, 1 when it is the log's.",
    examples: [
      "rademark verify entry.json",
      "rademark verify http://127.0.0.1:8787/entries/ID --json",
    ],
  },
  args: {
    target: {
      summary: "a file, an entry's id, or its address",
      placeholder: "FILE|ID|URL",
      positional: true,
      read: text,
    },
    api: apiArgument,
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
  const { file, document } = await downloadEntry(client, target.id);
  const verification = await verifyEntry(file, { client, document }, effects);
  if (verification.id === null || verification.id === target.id) return verification;
  const stranger = failed("schema", `The server gave another entry: ${verification.id}.`);
  return { ...verification, findings: [...verification.findings, stranger] };
}

/** An entry file says so; everything else is held for an envelope. */
function verifyDocument(value: unknown, effects: Effects): Promise<Verification> {
  if (typeof value !== "object" || value === null || !("rademark" in value))
    return verifyEnvelope(value);
  const parsed = EntryFile.safeParse(value);
  if (parsed.success) return verifyEntry(parsed.data, null, effects);
  const findings = [failed("schema", problemText(schemaFaults(parsed.error, value)))];
  return Promise.resolve({ findings, id: null, kind: null, outcome: null });
}

const isOfLog = (name: string) => ["log key", "consistency"].includes(name);

/** The log's faults are louder: they concern every entry, not just this one. */
function exitCodeOf(findings: readonly Finding[]): ExitCode {
  const faults = findings.filter(({ state }) => state === "failed");
  if (faults.length === 0) return EXIT.ok;
  return faults.some(({ name }) => isOfLog(name)) ? EXIT.runFailed : EXIT.verification;
}

function documentOf({ findings, id, kind, outcome }: Verification): string {
  const ok = findings.every(({ state }) => state !== "failed");
  return `${JSON.stringify({ ok, id, kind, checks: findings, outcome }, null, 2)}\n`;
}

const MARKS = { passed: "ok", failed: "FAILED", skipped: "-" } as const;

function textOf({ findings, id, kind, outcome }: Verification): string {
  const lines = findings.map(
    ({ name, state, text }) => `${MARKS[state].padEnd(6)}  ${name.padEnd(11)}  ${printable(text)}`,
  );
  const head = id === null ? [] : [`${kind} ${id}`];
  const table = outcome ? ["", resultTable([{ ...outcome, unsubmittable: [] }])] : [""];
  return [...head, ...lines, ...table].join("\n");
}
