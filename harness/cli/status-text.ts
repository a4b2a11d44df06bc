/** @file `rademark status` for a person. */

import { challengeSentences, challengerWords } from "../../record/board/challenge-words.ts";
import { stateText } from "../../record/board/states.ts";
import type {
  ChallengeDocument,
  EntryDocument,
  NamedChallenger,
} from "../../record/documents/entry-document.ts";
import type { OwnStanding } from "../client/registration.ts";
import { printable } from "../client/printable.ts";
import type { Waiting } from "../submit/delivery.ts";
import { formatDuration } from "./format.ts";
import { type Column, formatTable } from "./table.ts";

const left = (...titles: string[]): Column[] => titles.map((title) => ({ title, align: "left" }));

/** @param now milliseconds. */
export function keysText(keys: readonly OwnStanding[], now: number): string {
  if (keys.length === 0) return "No keys yet. Make one: rademark keys create\n";
  return keys.map((key) => keyText(key, now)).join("\n");
}

function keyText({ name, publicKey, known, entries, open }: OwnStanding, now: number): string {
  const shown = known?.name ? `, shown as ${printable(known.name)}` : "";
  const head = `Key ${name} (${publicKey.slice(0, 12)}…${shown}): `;
  if (known === null) return `${head}not registered here; submit registers it.\n`;
  const revoked = known.revokedFrom ? `revoked from ${known.revokedFrom}; ` : "";
  const counts = `${revoked}${entries.length} entries, ${known.reproductions} reproductions, ${open.length} open challenges\n`;
  return [head + counts, entriesTable(entries), challengesTable(open, now)].join("");
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

export function timeLeft(expiresAt: string, now: number): string {
  const seconds = (Date.parse(expiresAt) - now) / 1000;
  return seconds > 0 ? formatDuration(seconds) : "over";
}

export function queueText(queue: readonly Waiting[]): string {
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
