/** @file Sends a folder's statement, or queues it when no server gives its judgement. */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { commandLine } from "../command-line.ts";
import type { Effects } from "../effects.ts";
import { type Client, ServerRefusal, UnexpectedAnswer, Unreachable } from "./client.ts";
import { EXIT, UserError } from "../errors.ts";
import { type OutputFolder, openFolder } from "../study/run-folder.ts";
import { hasState, openState, readState, removeState } from "./folder-state.ts";
import { type Keyring, type NamedSigner, createKeyring } from "./signer.ts";
import {
  type ListedStatement,
  type Submission,
  keptSubmission,
  sendSubmission,
} from "./submission.ts";
import { Envelope } from "../../record/statement/envelope.ts";
import { problemLine, schemaProblems } from "../../record/problem.ts";
import { makeFolder, readJson, writeJsonAtomic } from "../files.ts";
import { configFolder } from "./key-store.ts";

export type Delivery =
  /** `unqueued`: other servers for which it no longer waits. */
  | ({ ok: true; folder: OutputFolder; unqueued: string[] } & ListedStatement)
  /** It is queued; `reason` says why. */
  | { ok: false; folder: OutputFolder; reason: string };

/**
 * @param supersedes id of the entry, by the same key, that a result replaces; null: none.
 * @throws UserError when waiting would not help: for a folder that cannot be submitted, and for a final refusal.
 */
export async function deliver(
  folder: OutputFolder,
  client: Client,
  signer: NamedSigner,
  supersedes: string | null,
  effects: Pick<Effects, "env">,
): Promise<Delivery> {
  const submission = await keptSubmission(folder, signer, supersedes);
  return deliverSubmission(folder, submission, client, signer, effects);
}

/** The same for a statement that is already signed. */
async function deliverSubmission(
  folder: OutputFolder,
  submission: Submission,
  client: Client,
  { name, unlock }: Pick<NamedSigner, "name" | "unlock">,
  effects: Pick<Effects, "env">,
): Promise<Delivery> {
  const waiting = { folder: folder.path, api: client.api, key: name };
  try {
    const listed = await sendSubmission(folder.path, submission, client, unlock);
    return { ok: true, folder, ...listed, unqueued: unqueue(waiting, effects) };
  } catch (error) {
    if (error instanceof ServerRefusal && error.isFinal) {
      takeBack(waiting, effects);
      throw refusalOf(folder, submission, error, effects);
    }
    if (!isUnjudged(error)) throw error;
    queue(waiting, error.message, effects);
    return { ok: false, folder, reason: error.message };
  }
}

/** No answer, or not from somebody who can refuse a statement: what is signed stays as it is. */
function isUnjudged(error: unknown): error is UserError {
  return [Unreachable, UnexpectedAnswer, ServerRefusal].some((kind) => error instanceof kind);
}

/** Once one server lists a statement it waits for no other: queued addresses are often wrong, or gone. */
function unqueue({ folder, api }: QueuedStatement, effects: Pick<Effects, "env">): string[] {
  const servers = serversWaitedFor(folder, effects);
  for (const each of servers) dequeue({ folder, api: each }, effects);
  return servers.filter((each) => each !== api);
}

/** A refused statement is stored nowhere, so a new one may be made; unless it is listed, or waits for another server. */
function takeBack(waiting: QueuedStatement, effects: Pick<Effects, "env">): void {
  const { folder } = waiting;
  dequeue(waiting, effects);
  const isWanted = hasState(folder, "receipt") || serversWaitedFor(folder, effects).length > 0;
  if (!isWanted) removeState(folder, "submission");
}

/** Adds the folder's name, and the command that shows the statement that the pointers refer to. */
function refusalOf(
  { path, configuration: { arch, regs } }: OutputFolder,
  { statement }: Submission,
  error: ServerRefusal,
  effects: Pick<Effects, "env">,
): UserError {
  const replaced = "supersedes" in statement ? statement.supersedes : null;
  const more = replaced === null ? "" : ` --supersedes ${replaced}`;
  const shown = commandLine(`submit ${path} --dry-run${more}`, effects);
  const lines = [
    `${arch} ${regs} in ${path}: ${error.message}`,
    ...(error.errors.length > 0 ? [`The statement that these point into: ${shown}`] : []),
  ];
  return new UserError(lines.join("\n"), error.exitCode, { cause: error });
}

/** @throws UserError when the queue cannot be written; the folder still keeps the signed statement. */
function queue(waiting: QueuedStatement, reason: string, effects: Pick<Effects, "env">): void {
  try {
    enqueue(waiting, effects);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const text = `It cannot be queued either: ${error.message} It is signed and kept; later, submit ${waiting.folder} again.`;
    throw new UserError(`${reason}\n${text}`, EXIT.network, { cause: error });
  }
}

const QueuedStatement = z.strictObject({
  /** Absolute path of an output folder with a submission.json. */
  folder: z.string(),
  /** Address of the server. */
  api: z.string(),
  /** Name, at that time, of the key that signed it. */
  key: z.string(),
});

/** A statement that could not be sent yet: one file for each folder and server, beside the person's keys. */
export type QueuedStatement = z.infer<typeof QueuedStatement>;

type Place = Pick<Effects, "env">;

function queueFolder({ env }: Place): string {
  return join(configFolder(env), "queue");
}

/** One file for each folder and server, so that nothing is queued twice. */
function waitingPath(
  { folder, api }: Pick<QueuedStatement, "folder" | "api">,
  effects: Place,
): string {
  const name = createHash("sha256")
    .update(JSON.stringify([folder, api]))
    .digest("hex");
  return join(queueFolder(effects), `${name.slice(0, 32)}.json`);
}

function enqueue(waiting: QueuedStatement, effects: Place): void {
  makeFolder(queueFolder(effects));
  writeJsonAtomic(waitingPath(waiting, effects), waiting);
}

function dequeue(waiting: Pick<QueuedStatement, "folder" | "api">, effects: Place): void {
  rmSync(waitingPath(waiting, effects), { force: true });
}

function isQueued(waiting: Pick<QueuedStatement, "folder" | "api">, effects: Place): boolean {
  return existsSync(waitingPath(waiting, effects));
}

/** @throws UserError for a damaged file. */
export function listQueue(effects: Place): QueuedStatement[] {
  return queueFiles(effects).map(readWaiting);
}

/** The servers that a folder waits for; damaged files are reported by another command. */
function serversWaitedFor(folder: string, effects: Place): string[] {
  return queueFiles(effects).flatMap((path) => {
    const { data } = QueuedStatement.safeParse(readOrNull(path));
    return data?.folder === folder ? [data.api] : [];
  });
}

function queueFiles(effects: Place): string[] {
  const folder = queueFolder(effects);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter(
    (file) => file.endsWith(".json") && !file.startsWith("."),
  );
  return files.sort().map((file) => join(folder, file));
}

function readWaiting(path: string): QueuedStatement {
  const document = readJson(path);
  const parsed = QueuedStatement.safeParse(document);
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(parsed.error, document).map(problemLine).join("; ");
  throw new UserError(
    `${path} is damaged (${problems}). Delete it and submit the folder again.`,
    EXIT.verification,
  );
}

function readOrNull(path: string): unknown {
  try {
    return readJson(path);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/**
 * A receipt only shows that the server that gave it lists the statement, so this server is asked. While it does not
 * answer, the receipt is believed, as there is no server to submit to.
 *
 * @returns a function of the path of an output folder.
 */
export function createListingCheck(client: Client): (folder: string) => Promise<boolean> {
  let isSilent = false;
  return async (folder) => {
    const receipt = readState(folder, "receipt");
    if (receipt === null || isSilent) return receipt !== null;
    try {
      await client.get(`/v1/entries/${receipt.id}/envelope`, Envelope);
      return true;
    } catch (error) {
      if (error instanceof ServerRefusal && error.problem === "not-found") return false;
      if (!(error instanceof Unreachable)) throw error;
      isSilent = true;
      return true;
    }
  };
}

/** Is called for each statement as it happens, so that nothing done goes unreported, whatever comes after. */
export interface DeliveryListener {
  onDelivery(delivery: Delivery): void;
  onRefusal(refusal: UserError): void;
}

/**
 * The failure of one does not stop the others.
 *
 * @param clientOf a server's address.
 * @returns how many were queued.
 * @throws UserError at Ctrl-C: what has not been sent stays queued.
 */
export async function deliverQueue(
  clientOf: (api: string) => Client,
  listener: DeliveryListener,
  effects: Pick<Effects, "env" | "askSecret">,
): Promise<number> {
  const keyring = createKeyring(effects);
  const queue = listQueue(effects);
  for (const waiting of queue)
    try {
      const client = clientOf(waiting.api);
      listener.onDelivery(await deliverWaiting(waiting, client, keyring, effects));
    } catch (error) {
      if (!(error instanceof UserError) || error.exitCode === EXIT.interrupted) throw error;
      listener.onRefusal(
        isQueued(waiting, effects) ? stillWaiting(waiting, error, effects) : error,
      );
    }
  return queue.length;
}

async function deliverWaiting(
  waiting: QueuedStatement,
  client: Client,
  keyring: Keyring,
  effects: Pick<Effects, "env">,
): Promise<Delivery> {
  const folder = openFolder(waiting.folder);
  const submission = await openState(folder.path, "submission", "result", "reproduction");
  if (submission === null) {
    dequeue(waiting, effects);
    throw new UserError(`${folder.path} no longer has a submission, so it no longer waits.`);
  }
  // By its public key, as a key that was rotated since has another name.
  const unlock = async () => keyring.of(folder.path, null).unlock();
  return deliverSubmission(folder, submission, client, { name: waiting.key, unlock }, effects);
}

function stillWaiting(
  waiting: QueuedStatement,
  { message, exitCode }: UserError,
  effects: Pick<Effects, "env">,
): UserError {
  return new UserError(
    [
      `${waiting.folder}, for ${waiting.api}: ${message}`,
      `It stays in the queue; were it never to be sent, delete ${waitingPath(waiting, effects)}`,
    ].join("\n"),
    exitCode,
  );
}
