/** @file Everything that can be checked of an entry or a statement, here, whoever gave it. */

import type { Outcome } from "../../record/outcome.ts";
import type { EntryDocument } from "../../record/documents/entry-document.ts";
import { CHECKS } from "../../record/entry-file/check.ts";
import { countsCheck, protocolOf } from "../../record/entry-file/counts-check.ts";
import type { Tree } from "../../record/entry-file/log-checks.ts";
import { type EntryFile, verifyEntryFile } from "../../record/entry-file.ts";
import { formatVerifierKey, type VerifierKey } from "../../record/log/verifier-key.ts";
import { protocols } from "../../record/protocols.ts";
import { openEnvelope } from "../../record/statement/opened-envelope.ts";
import type { Effects } from "../cli/effects.ts";
import type { Client } from "../client/client.ts";
import { isClose } from "./closeness.ts";
import { failed, type Finding, findingOf, passed, skipped } from "./finding.ts";
import { type KnownLog, rememberLog, rootText, treeOf } from "./known-logs.ts";
import { proveGrowth } from "./log-growth.ts";
import { trustLog } from "./log-trust.ts";

export interface Verification {
  findings: Finding[];
  /** Id of the statement; null when it could not be read. */
  id: string | null;
  kind: string | null;
  /** Recomputed from the counts; null when they do not stand, or there are none. */
  outcome: Outcome | null;
}

/** Where an entry comes from, and what its server says of it. */
export type Origin = { client: Client; document: EntryDocument } | null;

/** Checks an entry file; with its server at hand also what the log has become, and the server's own numbers. */
export async function verifyEntry(
  file: EntryFile,
  origin: Origin,
  effects: Pick<Effects, "env" | "now">,
): Promise<Verification> {
  const { finding, log, known } = trustLog(file.verifierKey, origin ? "server" : "file", effects);
  if (log === null) return { ...(await verifyEnvelope(file.envelope, finding)) };
  const seen = known && treeOf(known);
  const { checks, statement, outcome, tree } = await verifyEntryFile(file, { log, seen });
  const made = checks.filter(({ name }) => name !== "consistency").map(findingOf);
  const offline = findingOf(checks.find(({ name }) => name === "consistency")!);
  const consistency =
    tree === null
      ? skipped("consistency", "Not reached: no tree holds the statement.")
      : origin === null
        ? withoutServer(file, tree, known, offline)
        : await withServer(origin.client, log, { tree, known }, effects);
  const summary = origin ? [summaryFinding(origin.document, outcome)] : [];
  return {
    findings: [...made.slice(0, 4), ...summary, finding, ...made.slice(4), consistency],
    id: statement?.id ?? null,
    kind: statement?.kind ?? null,
    outcome,
  };
}

/** Checks what one envelope alone tells. @param log what is known of its log, where that is worth a line. */
export async function verifyEnvelope(value: unknown, log?: Finding): Promise<Verification> {
  const opened = await openEnvelope(value);
  if (!opened.ok) {
    const text = opened.problems
      .map(({ pointer, rule, found }) => `${pointer || "(top)"}: ${rule} (found ${found})`)
      .join("; ");
    const name = opened.fault === "signature" ? "signature" : "schema";
    return { findings: [failed(name, text)], id: null, kind: null, outcome: null };
  }
  const { kind, id, envelope } = opened;
  const signers = envelope.signatures.map(({ keyid }) => keyid).join(" and ");
  const findings = [
    passed("signature", `Signed by ${signers}.`),
    passed("schema", `A ${kind}, complete, with nothing beside it.`),
  ];
  if (kind !== "result" && kind !== "reproduction") return { findings, id, kind, outcome: null };
  const protocol = protocolOf(opened.statement, Object.values(protocols));
  const { check, outcome } = countsCheck(opened, null, protocol, null);
  const missing = CHECKS.slice(3).map((name) =>
    skipped(name, "The file holds only the statement."),
  );
  const rest = log ? [log] : missing;
  return { findings: [...findings, findingOf(check), ...rest], id, kind, outcome };
}

/** A file older or newer than what was seen is no fault: the proof between the two is simply not in it. */
function withoutServer(
  file: EntryFile,
  tree: Tree,
  known: KnownLog | null,
  offline: Finding,
): Finding {
  if (known === null || known.size === tree.size || file.consistency !== null) return offline;
  const text = `The file's log has ${tree.size} leaves, ${known.size} were seen before; only its server can join them (give the id instead).`;
  return skipped("consistency", text);
}

async function withServer(
  client: Client,
  log: VerifierKey,
  { tree, known }: { tree: Tree; known: KnownLog | null },
  effects: Pick<Effects, "env" | "now">,
): Promise<Finding> {
  const growth = await proveGrowth(client, log, known ? [treeOf(known), tree] : [tree]);
  if (!growth.ok) return failed("consistency", `LOG ${log.name}: ${growth.reason}.`);
  const { newest } = growth;
  const seenAt = new Date(effects.now()).toISOString();
  const verifierKey = known?.verifierKey ?? formatVerifierKey(log);
  const entry = { verifierKey, api: client.api, size: newest.size, root: rootText(newest), seenAt };
  rememberLog(log.name, entry, effects);
  const before = known
    ? `begin with the ${known.size} seen at ${known.seenAt}`
    : "are remembered from now on";
  return passed("consistency", `${newest.size} leaves of ${log.name} ${before}.`);
}

/** Does the server show what the counts give? */
function summaryFinding({ summary }: EntryDocument, outcome: Outcome | null): Finding {
  if (outcome === null) return skipped("summary", "Not reached: the counts do not stand.");
  const isSame = isClose(summary, outcome.summary);
  return isSame
    ? passed("summary", "The server shows what the counts give.")
    : failed("summary", "The server shows other numbers than the counts give.");
}
