/** @file `rademark status [ID]` */

import { EntryDocument, HealthDocument } from "../../../record/documents/entry-document.ts";
import {
  type Client,
  ServerRefusal,
  StrangeAnswer,
  Unreachable,
  createClient,
} from "../../client/client.ts";
import { type OwnStanding, ownStanding } from "../../client/registration.ts";
import { ENTRY, fullId } from "../../client/full-id.ts";
import { printable } from "../../client/printable.ts";
import { statementReference } from "../../client/statement-reference.ts";
import { EXIT, type ExitCode } from "../../errors.ts";
import { listKeys } from "../../keys/key-store.ts";
import { listQueue } from "../../submit/delivery.ts";
import { defineCommand } from "../command.ts";
import { apiArgument, commonArguments, jsonArgument } from "../common-arguments.ts";
import type { Effects } from "../effects.ts";
import { entryText, keysText, queueText } from "../status-text.ts";

export const status = defineCommand({
  meta: {
    summary: "your entries, open challenges and what waits to be sent",
    details:
      "Of every key on this machine, each with its latest 50 entries on a board. With an ID: that entry, its\n" +
      "state and what happened to it; for any other statement, ask rademark verify ID. When the server cannot\n" +
      "be reached, what is known here is printed, and the exit code is 4.",
    examples: ["rademark status", "rademark status ID --json"],
  },
  args: {
    id: {
      summary: "id or address of an entry, anybody's",
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
  /** `silent`: nobody answered at all. */
  | { ok: false; silent: boolean; reason: string };

async function serverOf(client: Client): Promise<Server> {
  try {
    return { ok: true, log: (await client.get("/v1/health", HealthDocument)).log };
  } catch (error) {
    const silent = error instanceof Unreachable;
    const isKnown = error instanceof ServerRefusal || error instanceof StrangeAnswer;
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
        `${api} is well; its log ${printable(server.log.origin)} has ${server.log.size} leaves.\n`,
        keysText(keys, now),
      ]
    : [server.silent ? `${api} does not answer.\n` : `${api} does not answer as it should.\n`];
  return [...head, queueText(queue)].join("\n");
}
