/** @file What a server holds of one's own keys: entries, challenges, and whether it knows the key at all. */

import { BoardPage, type BoardRow } from "../../record/board/board-row.ts";
import { STATES } from "../../record/board/standing.ts";
import {
  type ChallengeDocument,
  ChallengeList,
  type KeyDocument,
} from "../../record/documents/entry-document.ts";
import { protocols } from "../../record/protocols.ts";
import type { Client } from "./client.ts";
import { findKey } from "./registration.ts";

export interface OwnKey {
  name: string;
  publicKey: string;
}

export interface OwnStanding extends OwnKey {
  /** Null: the server has never heard of it. */
  known: KeyDocument | null;
  /** Of every board, hidden ones too; the latest 50 of each. */
  entries: { protocol: string; row: BoardRow }[];
  /** Neither completed, given up nor expired. */
  open: ChallengeDocument[];
}

export async function ownStanding(client: Client, key: OwnKey): Promise<OwnStanding> {
  const { name, publicKey } = key;
  const known = await findKey(client, publicKey);
  if (known === null) return { name, publicKey, known, entries: [], open: [] };
  const [{ challenges }, ...boards] = await Promise.all([
    client.get(`/v1/challenges?key=${publicKey}`, ChallengeList),
    ...Object.keys(protocols).map((protocol) => entriesOf(client, protocol, publicKey)),
  ]);
  const open = challenges.filter(
    ({ outcome, commitment }) => outcome === null && commitment.key === publicKey, // not an earlier key's
  );
  return { name, publicKey, known, entries: boards.flat(), open };
}

async function entriesOf(client: Client, protocol: string, key: string) {
  const query = new URLSearchParams({
    key,
    state: STATES.join(","),
    sort: "receivedAt",
    order: "descending",
  });
  const { rows } = await client.get(`/v1/boards/${protocol}?${query.toString()}`, BoardPage);
  return rows.map((row) => ({ protocol, row }));
}
