/**
 * @file The reference: the runs that the replication plan asks for, read from the two files of `reference/`. `log.jsonl`
 * is the dump of a log that lists results; `runs.jsonl` holds what no log takes (other protocols, head input `raw`,
 * seeds beyond a result's), each line signed, and marked so.
 */

import { hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import { Ablations } from "../configuration.ts";
import { deriveProtocol } from "../derived-protocol.ts";
import { DumpHeader, DumpLeaf } from "../log/dump-lines.ts";
import { type Problem, RecordError, nameProblem, problemText, schemaProblems } from "../problem.ts";
import { Protocol, findProtocol, protocolId } from "../protocols.ts";
import { Run } from "../run.ts";
import { decodeBase64, encodeBase64 } from "../signature/base64.ts";
import { PublicKey, sign, verify } from "../signature/ed25519.ts";
import { readStrictJson } from "../strict-json.ts";
import { type Opened, preAuthenticationEncoding, readEnvelope } from "../statement/envelope.ts";
import { runProblems } from "../statement/run-problems.ts";
import { Engine, Harness, Machine, type Verdict } from "../statement/statements.ts";

/** What is trained, whatever the seed. */
export interface ReferenceCell {
  /** An architecture's canonical name, such as `mlp-256`. */
  network: string;
  /** Name of the published protocol that is followed or changed, such as `micro-1`. */
  base: string;
  /** Changes of it, as `--set` takes them; none: the protocol itself. */
  settings: readonly string[];
  /** Canonical regularizers, `none` when there are none. */
  regs: string;
  /** What random-label heads read; all but `rms` departs from the method. */
  headInput: Ablations["headInput"];
}

/** One run of a cell. */
export interface ReferenceRun extends ReferenceCell {
  seed: number;
  run: Run;
  /** The document that the run follows: `base` with `settings`. */
  protocol: Protocol;
  /** Id of the listed result that holds the run; null: not in a log. */
  entry: string | null;
}

/** What another key's runs, on seeds of their own, say of an entry. */
interface ReferenceReproduction {
  /** Id of the listed result. */
  entry: string;
  /** Id of the listed reproduction. */
  reproduction: string;
  key: string;
  verdict: Verdict;
}

export interface Reference {
  /** In the files' order; the fresh seeds of entries are among them. */
  runs: ReferenceRun[];
  reproductions: ReferenceReproduction[];
}

/** The payload of a line of `runs.jsonl`. */
export const UnlistedRuns = z.strictObject({
  key: PublicKey,
  /** Marks it: no server was asked, and no challenge drew the seeds. */
  inLog: z.literal(false),
  base: z.string().max(64),
  settings: z.array(z.string()),
  /** The whole document, which `settings` make of `base`. */
  protocol: Protocol,
  headInput: Ablations.shape.headInput,
  arch: z.string().max(200),
  regs: z.string().max(200),
  runs: z.array(Run).min(1).max(64),
  engine: Engine,
  machine: Machine,
  harness: Harness,
});
export type UnlistedRuns = z.infer<typeof UnlistedRuns>;

/** A DSSE envelope, of a type that servers do not know. */
const PAYLOAD_TYPE = "application/vnd.rademark.unlisted-runs+json";

const UnlistedEnvelope = z.strictObject({
  payloadType: z.literal(PAYLOAD_TYPE),
  /** Base64 of the payload's RFC 8785 form. */
  payload: z.string(),
  signatures: z.tuple([z.strictObject({ keyid: PublicKey, sig: z.string().length(88) })]),
});

/** A line of `runs.jsonl`, without a line feed. @param seed of the key that the runs name. */
export async function sealUnlistedRuns(runs: UnlistedRuns, seed: Uint8Array): Promise<string> {
  const payload = utf8ToBytes(canonicalJson(UnlistedRuns.parse(runs)));
  const sig = await sign(preAuthenticationEncoding(PAYLOAD_TYPE, payload), seed);
  return JSON.stringify({
    payloadType: PAYLOAD_TYPE,
    payload: encodeBase64(payload),
    signatures: [{ keyid: runs.key, sig: encodeBase64(sig) }],
  } satisfies z.infer<typeof UnlistedEnvelope>);
}

/**
 * Reads both files, line by line. Every signature is verified, and every run checked against its protocol; whether the
 * log is whole is for whoever restores the dump.
 *
 * @throws RecordError naming file and line, for a line that is none of these, and for a second run of a cell's seed.
 */
export async function readReference({ log, runs }: ReferenceFiles): Promise<Reference> {
  const read: Reference = { runs: [], reproductions: [] };
  await eachLine("log.jsonl", log, (value, number) => takeLogLine(value, number, read));
  await eachLine("runs.jsonl", runs, async (value) => {
    read.runs.push(...(await openUnlistedRuns(value)));
  });
  requireOnce(read.runs);
  return read;
}

/** Lines without line feeds; empty ones are skipped. */
interface ReferenceFiles {
  log: Iterable<string> | AsyncIterable<string>;
  runs: Iterable<string> | AsyncIterable<string>;
}

/** A name that no other cell has. */
export function cellKey({ network, base, settings, regs, headInput }: ReferenceCell): string {
  return canonicalJson([network, base, settings, regs, headInput]);
}

async function eachLine(
  file: string,
  lines: ReferenceFiles["log"],
  take: (value: unknown, number: number) => Promise<void>,
): Promise<void> {
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line === "") continue;
    try {
      await take(JSON.parse(line), number);
    } catch (error) {
      const problems =
        error instanceof RecordError
          ? error.problems
          : error instanceof SyntaxError
            ? [nameProblem("json", "", "a line of JSON")]
            : null;
      if (problems === null) throw error;
      throw new RecordError(problems.map((problem) => at(`${file} line ${number}`, problem)));
    }
  }
}

/** The place in the file comes first. */
function at(place: string, problem: Problem): Problem {
  return { ...problem, pointer: "", rule: problemText(problem), found: place };
}

/** Keys, challenges, outcomes and decisions say nothing of runs; a withheld statement is not there to be read. */
async function takeLogLine(value: unknown, number: number, read: Reference): Promise<void> {
  if (number === 1) return void parse(DumpHeader, value);
  if (typeof value === "object" && value !== null && "name" in value) return;
  const { kind, body } = parse(DumpLeaf, value);
  if (kind !== "result" && kind !== "reproduction") return;
  if (body.startsWith('{"withheld":')) return;
  const opened = await readEnvelope(utf8ToBytes(body));
  if (!opened.ok) throw new RecordError(opened.problems);
  if (opened.kind === "result") read.runs.push(...listed(opened));
  if (opened.kind !== "reproduction") return;
  const { entry, key, verdict } = opened.statement;
  read.reproductions.push({ entry, reproduction: opened.id, key, verdict });
}

function listed({ id, statement }: Opened<"result">): ReferenceRun[] {
  const protocol = findProtocol(statement.protocol);
  const { arch: network, regs } = statement;
  const cell = { network, base: protocol.name, settings: [], regs, headInput: "rms" } as const;
  return [...statement.panel, ...statement.fresh].map((run) =>
    runOf(run, { ...cell, protocol, entry: id }),
  );
}

async function openUnlistedRuns(value: unknown): Promise<ReferenceRun[]> {
  const { payload, signatures } = parse(UnlistedEnvelope, value);
  const [{ keyid, sig }] = signatures;
  const [bytes, signature] = [decodeBase64(payload), decodeBase64(sig)];
  const message = preAuthenticationEncoding(PAYLOAD_TYPE, bytes ?? new Uint8Array());
  if (!bytes || !signature || !(await verify(signature, message, hexToBytes(keyid))))
    throw new RecordError([nameProblem("signature", keyid, "a signature of these bytes")]);
  const json = readStrictJson(bytes);
  if (!json.ok) throw new RecordError([json.problem]);
  const { key, base, settings, protocol, headInput, arch, regs, runs } = parse(
    UnlistedRuns,
    json.value,
  );
  if (key !== keyid) throw new RecordError([nameProblem("signer", keyid, `signed by ${key}`)]);
  if (protocolId(deriveProtocol(findProtocol(base), settings)) !== protocolId(protocol))
    throw new RecordError([
      nameProblem("settings", settings.join(" "), `what makes the protocol of ${base}`),
    ]);
  const cell = { network: arch, base, settings, regs, headInput };
  return runs.map((run) => runOf(run, { ...cell, protocol, entry: null }));
}

function runOf(run: Run, place: Omit<ReferenceRun, "seed" | "run">): ReferenceRun {
  const { network, regs, protocol } = place;
  const problems: Problem[] = runProblems(run, protocol);
  const isItsOwn = run.arch === network && run.regs === regs;
  if (problems.length === 0 && isItsOwn) return { ...place, seed: run.seed, run };
  const foreign = nameProblem("cell", `${run.arch} ${run.regs}`, `a run of ${network} ${regs}`);
  throw new RecordError(isItsOwn ? problems : [foreign]);
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RecordError(schemaProblems(parsed.error, value));
}

function requireOnce(runs: readonly ReferenceRun[]): void {
  const met = new Set<string>();
  for (const run of runs) {
    const name = `${cellKey(run)} seed ${run.seed}`;
    if (met.has(name)) throw new RecordError([nameProblem("twice", name, "one run of each seed")]);
    met.add(name);
  }
}
