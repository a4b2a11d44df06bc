/** @file `rademark status [ID]` */

import {
  type ChallengeDocument,
  EntryDocument,
  HealthDocument,
  type NamedChallenger,
} from "../../../record/answers/documents.ts";
import {
  type Client,
  ServerRefusal,
  UnexpectedAnswer,
  Unreachable,
  createClient,
} from "../../listing/client.ts";
import { type OwnStanding, ownStanding } from "../../listing/registration.ts";
import { ENTRY, fullId } from "../../listing/full-id.ts";
import { printable } from "../../printable.ts";
import { statementReference } from "../../listing/statement-reference.ts";
import { EXIT, type ExitCode } from "../../errors.ts";
import { listKeys } from "../../listing/key-store.ts";
import { type QueuedStatement, listQueue } from "../../listing/delivery.ts";
import { apiArgument, commonArguments, defineCommand, jsonArgument } from "../command.ts";
import type { Effects } from "../../effects.ts";
import { challengeSentences, challengerWords } from "../../../record/board/challenge-words.ts";
import { stateText } from "../../../record/board/states.ts";
import { formatDuration, formatPlural } from "../../format.ts";
import { type Column, formatTable } from "../../terminal-table.ts";

export const command = defineCommand({
  meta: {
    details:
      "Lists every key on this machine, each with its latest 50 entries on a board. With an ID: that entry, its\n" +
      "state and what happened to it; for any other statement, use rademark verify ID. When the server cannot\n" +
      "be reached, what this machine knows is printed, and the exit code is 4.",
    examples: ["rademark status", "rademark status ID --json"],
  },
  args: {
    id: {
      summary: "id or address of anybody's entry",
      placeholder: "ID",
      positional: true,
      read: statementReference,
      fallback: null,
    },
    api: apiArgument,
    json: jsonArgument,
    ...commonArguments,
  },
  async run({ id, api, json }, effects) {
    const client = createClient({ api: id?.api ?? api });
    if (id === null) return overview(client, json, effects);
    return ofEntry(client, await fullId(id.id, client, ENTRY, effects), json, effects);
  },
});

async function ofEntry(
  client: Client,
  id: string,
  json: boolean,
  { out }: Effects,
): Promise<ExitCode> {
  const document = await client.get(`/v1/entries/${id}`, EntryDocument);
  out(json ? `${JSON.stringify(document, null, 2)}\n` : entryText(document, client.api));
  return EXIT.ok;
}

async function overview(client: Client, json: boolean, effects: Effects): Promise<ExitCode> {
  const own = listKeys(effects);
  const queue = listQueue(effects);
  const server = await serverOf(client);
  const keys: OwnStanding[] = [];
  if (server.ok) for (const key of own) keys.push(await ownStanding(client, key));
  const document = { api: client.api, server, keys, queue };
  effects.out(json ? `${JSON.stringify(document, null, 2)}\n` : textOf(document, effects.now()));
  if (server.ok) return EXIT.ok;
  effects.err(`rademark: ${server.reason}\n`);
  return EXIT.network;
}

type Server =
  | { ok: true; log: HealthDocument["log"] }
  /** `silent`: there was no answer at all. */
  | { ok: false; silent: boolean; reason: string };

async function serverOf(client: Client): Promise<Server> {
  try {
    return { ok: true, log: (await client.get("/v1/health", HealthDocument)).log };
  } catch (error) {
    const silent = error instanceof Unreachable;
    const isKnown = error instanceof ServerRefusal || error instanceof UnexpectedAnswer;
    if (!silent && !isKnown) throw error;
    return { ok: false, silent, reason: error.message };
  }
}

function textOf(
  {
    api,
    server,
    keys,
    queue,
  }: { api: string; server: Server; keys: OwnStanding[]; queue: ReturnType<typeof listQueue> },
  now: number,
): string {
  const head = server.ok
    ? [
        `${api} is well; its log ${printable(server.log.origin)} has ${formatPlural(server.log.size, "leaf", "leaves")}.\n`,
        keysText(keys, now),
      ]
    : [server.silent ? `${api} does not answer.\n` : `${api} does not answer as it should.\n`];
  return [...head, queueText(queue)].join("\n");
}

const left = (...titles: string[]): Column[] => titles.map((title) => ({ title, align: "left" }));

/** @param now milliseconds. */
function keysText(keys: readonly OwnStanding[], now: number): string {
  if (keys.length === 0) return "No keys yet. Make one: rademark keys create\n";
  return keys.map((key) => keyText(key, now)).join("\n");
}

function keyText({ name, publicKey, known, entries, open }: OwnStanding, now: number): string {
  const shown = known?.name ? `, shown as ${printable(known.name)}` : "";
  const head = `Key ${name} (${publicKey.slice(0, 12)}…${shown}): `;
  if (known === null) return `${head}not registered here; submit registers it.\n`;
  const revoked = known.revokedFrom ? `revoked from ${known.revokedFrom}; ` : "";
  const counts = [
    formatPlural(entries.length, "entry", "entries"),
    formatPlural(known.reproductions, "reproduction"),
    formatPlural(open.length, "open challenge"),
  ];
  return [
    `${head}${revoked}${counts.join(", ")}\n`,
    entriesTable(entries),
    challengesTable(open, now),
  ].join("");
}

function entriesTable(entries: OwnStanding["entries"]): string {
  if (entries.length === 0) return "";
  return formatTable(
    left("entry", "board", "arch", "regularizers", "state", "notes"),
    entries.map(({ protocol, row }) => [
      row.entry,
      protocol,
      row.arch,
      row.regs,
      stateText(row.standing),
      String(row.notes.length),
    ]),
  );
}

function challengesTable(open: readonly ChallengeDocument[], now: number): string {
  if (open.length === 0) return "";
  return formatTable(
    left("open challenge", "arch", "regularizers", "time left"),
    open.map(({ challenge, commitment }) => [
      challenge.id,
      commitment.arch,
      commitment.regs,
      timeLeft(challenge.expiresAt, now),
    ]),
  );
}

function timeLeft(expiresAt: string, now: number): string {
  const seconds = (Date.parse(expiresAt) - now) / 1000;
  return seconds > 0 ? formatDuration(seconds) : "over";
}

function queueText(queue: readonly QueuedStatement[]): string {
  if (queue.length === 0) return "Nothing waits to be sent.\n";
  const lines = queue.map(({ folder, api }) => `  ${printable(folder)}, for ${printable(api)}`);
  return ["Waiting to be sent (rademark submit --queued):", ...lines, ""].join("\n");
}

/** One entry and what happened to it. */
export function entryText(
  { protocol, row, events, challengers }: EntryDocument,
  api: string,
): string {
  const { reason } = row.standing;
  const lines = [
    `${row.entry}: ${row.arch} ${row.regs} on ${protocol.name}, ${stateText(row.standing)}${reason ? ` (${reason})` : ""}`,
    `${api}/entries/${row.entry}`,
    ...(row.representedBy === null
      ? []
      : [`counted once with its configuration, by entry ${row.representedBy}`]),
    ...row.notes.map(({ text }) => `note: ${text}`),
    ...challengeSentences(row.standing),
    ...challengers.map((each) => challengerLine(each)),
    ...events.map(({ at, text }) => `${at}  ${text}`),
  ];
  return `${lines.map(printable).join("\n")}\n`;
}

function challengerLine({ key, name, own, ...counts }: NamedChallenger): string {
  const whose = own ? ", this entry's" : "";
  return `  ${key.slice(0, 12)}… ${name ?? "(unnamed)"}${whose}: ${challengerWords(counts)}`;
}
