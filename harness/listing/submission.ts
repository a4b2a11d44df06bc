/** @file From a trained folder to a listed statement: built, signed, kept, sent, acknowledged; safe to repeat. */

import { formatPlural } from "../format.ts";
import { gzipSync } from "node:zlib";
import { type OpenedEnvelope, sealEnvelope } from "../../record/statement/envelope.ts";
import {
  type ReproducedNumbers,
  reproducedNumbers,
  reproductionProblems,
  reproductionVerdict,
  resultProblems,
} from "../../record/statement/result-problems.ts";
import {
  type Engine,
  type Harness,
  type Machine,
  type Measurement,
  type Reproduction,
  type Result,
  statementBytes,
  statementId,
} from "../../record/statement/statements.ts";
import { type Client, ServerRefusal, postStatement } from "./client.ts";
import { ensureRegistered } from "./registration.ts";
import { EXIT, UserError } from "../errors.ts";
import {
  type OutputFolder,
  isFinished,
  pendingSeeds,
  readRun,
  unsubmittableReasons,
} from "../study/run-folder.ts";
import {
  commonGit,
  distinctEnvironments,
  environmentPath,
  environmentsOfRuns,
} from "../study/run-environments.ts";
import { openState, readState, writeState } from "./folder-state.ts";
import type { Signer } from "./signer.ts";
import type { Configuration } from "../../record/configuration.ts";
import { readSources } from "../custom-sources.ts";
import { changedFiles } from "../study/manifest.ts";
import { describeNumerics } from "../study/environment.ts";
import { type Problem, problemText } from "../../record/problem.ts";
import type { Run } from "../../record/run.ts";
import {
  type IssuedChallenge,
  freshSeeds,
  issuedChallenge,
} from "../../record/statement/challenge.ts";
import type { ChallengeDocument } from "../../record/answers/documents.ts";

type BuiltStatement =
  | { kind: "result"; statement: Result; numbers: null }
  | { kind: "reproduction"; statement: Reproduction; numbers: ReproducedNumbers[] };

/** A statement as it is signed and kept. */
export type Submission = Extract<OpenedEnvelope, { kind: "result" | "reproduction" }>;

export interface ListedStatement {
  id: string;
  /** Address of the entry; for a reproduction, that of the entry that it is about. */
  address: string;
  /** Did the server already have the statement? */
  before: boolean;
}

/** The folder's statement: a reproduction if the folder holds an entry, else a result. */
export async function buildStatement(
  folder: OutputFolder,
  key: string,
  supersedes: string | null,
): Promise<BuiltStatement> {
  const challenge = readState(folder.path, "challenge");
  const entry = await openState(folder.path, "entry", "result");
  if (entry === null) {
    const statement = await resultFromFolder(folder, { key, challenge, supersedes });
    return { kind: "result", statement, numbers: null };
  }
  if (challenge === null)
    throw new UserError(`${folder.path} has no challenge. Take one: rademark repro ${entry.id}`);
  const { reproduction, numbers } = await reproductionFromFolder(folder, {
    key,
    challenge,
    entry: { id: entry.id, result: entry.statement },
  });
  return { kind: "reproduction", statement: reproduction, numbers };
}

/**
 * The folder's signed statement. Once written it never changes, so that sending it again sends the same bytes.
 *
 * @throws UserError when it was signed by another key, or replaces another entry, than requested.
 */
export async function keptSubmission(
  folder: OutputFolder,
  signer: Signer,
  supersedes: string | null,
): Promise<Submission> {
  const kept = await alreadySigned(folder, signer.publicKey, supersedes);
  if (kept !== null) return kept;
  const built = await buildStatement(folder, signer.publicKey, supersedes);
  const { seed } = await signer.unlock();
  const envelope =
    built.kind === "result"
      ? await sealEnvelope("result", built.statement, [seed])
      : await sealEnvelope("reproduction", built.statement, [seed]);
  writeState(folder.path, "submission", envelope);
  return (await openState(folder.path, "submission", "result", "reproduction"))!;
}

/** Exactly what submitting would send: the statement in the folder, else the one that would be signed. */
export async function statementToSend(
  folder: OutputFolder,
  key: string,
  supersedes: string | null,
): Promise<Pick<BuiltStatement, "kind" | "statement">> {
  const kept = await alreadySigned(folder, key, supersedes);
  return kept ?? buildStatement(folder, key, supersedes);
}

async function alreadySigned(
  { path }: OutputFolder,
  key: string,
  supersedes: string | null,
): Promise<Submission | null> {
  const kept = await openState(path, "submission", "result", "reproduction");
  if (kept !== null) requireSame(path, kept, key, supersedes);
  return kept;
}

function requireSame(
  path: string,
  { kind, statement }: Submission,
  key: string,
  supersedes: string | null,
): void {
  if (statement.key !== key)
    throw new UserError(
      `${path} was already signed by key ${statement.key}, not by ${key}. Add --key NAME of that key.`,
    );
  if (supersedes !== null && kind === "result" && statement.supersedes !== supersedes)
    throw new UserError(
      `${path} was already signed, replacing ${statement.supersedes ?? "no entry"}. A signed statement is not changed.`,
    );
}

/**
 * Sends a submission and keeps its receipt. Doing so again changes nothing.
 *
 * @throws ServerRefusal when the statement itself is refused; a plain UserError when the key cannot be registered.
 */
export async function sendSubmission(
  folder: string,
  { kind, id, envelope, statement }: Submission,
  client: Client,
  unlock: Signer["unlock"],
): Promise<ListedStatement> {
  const route = kind === "result" ? "/v1/results" : "/v1/reproductions";
  const post = () => postStatement(client, route, envelope);
  const { receipt, before } = await post().catch(async (error: unknown) => {
    if (!(error instanceof ServerRefusal && error.problem === "unknown-key")) throw error;
    await register(client, unlock);
    return post();
  });
  writeState(folder, "receipt", receipt);
  const entry = "entry" in statement ? statement.entry : id;
  return { id, address: `${client.api}/entries/${entry}`, before };
}

/** The refusal of a key, or of its display name, says nothing about the statement. */
async function register(client: Client, unlock: Signer["unlock"]): Promise<void> {
  try {
    await ensureRegistered(client, await unlock());
  } catch (error) {
    if (!(error instanceof ServerRefusal)) throw error;
    throw new UserError(error.message, error.exitCode, { cause: error });
  }
}

/** From an output folder to the result statement that a key can sign. */
interface ResultOptions {
  /** Public key of the signer, in hexadecimal. */
  key: string;
  challenge: ChallengeDocument | null;
  /** Id of an earlier result of this key that the new one replaces. */
  supersedes: string | null;
}

/**
 * The same folder gives the same bytes.
 *
 * @throws UserError for what is missing or was changed, and for all that a server would refuse.
 */
export async function resultFromFolder(
  folder: OutputFolder,
  { key, challenge, supersedes }: ResultOptions,
): Promise<Result> {
  const challenged = issuedChallenge(challenge);
  const result = { ...(await measureFolder(folder, key, challenged)), supersedes };
  requireNone(resultProblems(result, folder.protocol, challenged), folder.path);
  return result;
}

/** From an output folder to the reproduction statement of another key's entry. */
interface ReproductionOptions {
  key: string;
  challenge: ChallengeDocument;
  entry: { id: string; result: Result };
}

/** @throws UserError as `resultFromFolder` does. */
async function reproductionFromFolder(
  folder: OutputFolder,
  { key, challenge, entry }: ReproductionOptions,
): Promise<{ reproduction: Reproduction; numbers: ReproducedNumbers[] }> {
  const challenged = issuedChallenge(challenge);
  const measurement = await measureFolder(folder, key, challenged);
  const { protocol } = folder;
  const verdict = reproductionVerdict(entry.result, measurement, protocol);
  const reproduction = { ...measurement, entry: entry.id, verdict };
  requireNone(reproductionProblems(reproduction, entry, protocol, challenged), folder.path);
  return { reproduction, numbers: reproducedNumbers(entry.result, measurement, protocol) };
}

/**
 * @param key public key of the signer, in hexadecimal.
 * @param challenge whose seeds were trained; null for panel runs alone.
 * @throws UserError for a folder that is unfinished, was changed, or cannot be on a board.
 */
async function measureFolder(
  folder: OutputFolder,
  key: string,
  challenge: IssuedChallenge | null,
): Promise<Measurement> {
  const { path, configuration, protocol } = folder;
  const { fresh, seeds } = seedsOf(protocol, challenge);
  requireSubmittable(folder, seeds);
  requireTrained(folder, seeds);
  await requireUnchanged(path, seeds);
  const runOf = (seed: number): Run => readRun(folder, seed)!;
  return {
    key,
    protocol: configuration.protocolId,
    arch: configuration.arch,
    regs: configuration.regs,
    ...readSources(path, configuration),
    challenge: challenge?.id ?? null,
    panel: protocol.panelSeeds.map(runOf),
    fresh: fresh.map(runOf),
    ...environmentFields(path, configuration, seeds),
  };
}

function seedsOf(
  { panelSeeds, freshSeeds: count }: OutputFolder["protocol"],
  challenge: IssuedChallenge | null,
) {
  const fresh = challenge === null ? [] : freshSeeds(challenge, count);
  return { fresh, seeds: [...panelSeeds, ...fresh] };
}

/** @throws UserError for a folder that no server would list, whoever signs it: to be said before a key is asked for. */
export function requireListable(folder: OutputFolder): void {
  const { path, protocol } = folder;
  if (readState(path, "submission") !== null) return;
  const challenge = issuedChallenge(readState(path, "challenge"));
  requireSubmittable(folder, seedsOf(protocol, challenge).seeds);
}

/** @throws UserError saying why no server would list it. */
function requireSubmittable(folder: OutputFolder, seeds: readonly number[]): void {
  const { path } = folder;
  const reasons = unsubmittableReasons(folder, seeds);
  if (reasons.length > 0)
    throw new UserError(
      `${path} cannot be submitted: ${reasons.join("; ")}. Train it completely, on a published protocol and all of its ` +
        "panel seeds, into another folder: rademark run --challenge --out DIR",
    );
}

function requireTrained(folder: OutputFolder, seeds: readonly number[]): void {
  const { path, configuration } = folder;
  const foreign = seeds.filter((seed) => !configuration.seeds.includes(seed));
  if (foreign.length > 0)
    throw new UserError(
      `${path}/config.json lacks seeds ${foreign.join(", ")} of the challenge.`,
      EXIT.verification,
    );
  const pending = pendingSeeds(folder).filter((seed) => seeds.includes(seed));
  if (pending.length > 0 || !isFinished(folder))
    throw new UserError(
      `${path} is not finished (${formatPlural(pending.length, "seed")} to train). Go on with: rademark resume ${path}`,
    );
}

/** Only files that go into the statement are compared with the manifest: saved features can be large. */
async function requireUnchanged(path: string, seeds: readonly number[]): Promise<void> {
  const finals = seeds.flatMap((seed) => [`seeds/${seed}/final.json`, environmentPath(seed)]);
  const files = ["protocol.json", "config.json", "env.json", ...finals];
  const changed = await changedFiles(path, files);
  if (changed.length === 0) return;
  throw new UserError(
    [
      `${path} was changed after training; these files are not what manifest.json says:`,
      ...changed.map((file) => `  ${file}`),
      "Restore the files, or train again into another --out.",
    ].join("\n"),
    EXIT.verification,
  );
}

const MEND =
  "Use the key and the challenge that it was trained with, or train again into another --out.";

/** @throws UserError listing what a server would refuse, with pointers into the statement. */
function requireNone(problems: readonly Problem[], path: string): void {
  if (problems.length === 0) return;
  const shown = problems.slice(0, 8).map((problem) => `  ${problemText(problem)}`);
  const more = problems.length > 8 ? [`  and ${problems.length - 8} more`] : [];
  throw new UserError(
    [`${path} would be refused, so nothing was sent:`, ...shown, ...more, MEND].join("\n"),
    EXIT.verification,
  );
}

const LONGEST_LINE = 200;

/** Printable ASCII, as statements require; the names of systems and devices may hold anything. */
function asLine(text: string): string {
  const plain = text.replaceAll(/[^ -~]/g, "?").slice(0, LONGEST_LINE);
  return plain === "" ? "unknown" : plain;
}

/**
 * What the runs have in common (`requireSubmittable`). Memory, cores and kernel are those of the first run.
 *
 * @param path of an output folder.
 * @throws UserError when its env.json is missing or damaged.
 */
export function environmentFields(
  path: string,
  { engine, threads }: Pick<Configuration, "engine" | "threads">,
  seeds: readonly number[],
): { engine: Engine; machine: Machine; harness: Harness } {
  const environments = distinctEnvironments(environmentsOfRuns(path, seeds).values());
  const [environment] = environments;
  if (environment === undefined)
    throw new UserError(
      `${path}/env.json is missing, so the machine of the runs is unknown.`,
      EXIT.verification,
    );
  const { tensorflow, numerics, os, cpu, cores, memoryBytes, gpus, harness } = environment;
  return {
    engine: {
      library: asLine(`tensorflow ${tensorflow ?? "of unknown version"}`),
      device: engine,
      // Folders of version 0.1.0 may lack it; then the engine's defaults are assumed.
      ...(numerics ?? describeNumerics(engine, {})),
    },
    machine: {
      os: asLine(os),
      cpu: asLine(cpu),
      cores,
      threads,
      memoryBytes,
      gpus: gpus.map(({ name }) => asLine(name)),
    },
    harness: { version: harness, git: commonGit(environments) },
  };
}

/** Shows what would become public with a statement. */
interface Preview {
  /** The statement, indented; its content is exactly what is signed and shown. */
  json: string;
  /** Lines about the statement. */
  about: string[];
}

export function previewOf(
  { kind, statement }: Pick<BuiltStatement, "kind" | "statement">,
  { api, displayName }: { api: string; displayName: string | null },
): Preview {
  const bytes = statementBytes(kind, statement);
  const { arch, regs, panel, fresh, key } = statement;
  const base64 = Buffer.from(bytes).toString("base64");
  return {
    json: `${JSON.stringify(statement, null, 2)}\n`,
    about: [
      `${kind} of ${arch} ${regs}: ${panel.length} panel runs, ${fresh.length} fresh runs`,
      `id            ${statementId(bytes)}`,
      `signed by     ${key}`,
      `display name  ${displayName ?? "none"} (beside the signed bytes; can be erased)`,
      `size          ${bytes.length} bytes; about ${gzipSync(base64).length} as sent, compressed`,
      `would go to   ${api}`,
      "Everything in it becomes public for good, this machine's description included. Nothing was sent.",
    ],
  };
}
