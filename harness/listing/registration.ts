/** @file Registers a key with a server, together with its display name. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import {
  type ChallengeDocument,
  ChallengeList,
  KeyAnswer,
  KeyDocument,
} from "../../record/answers/documents.ts";
import { sealEnvelope } from "../../record/statement/envelope.ts";
import type { KeyStatement } from "../../record/statement/statements.ts";
import type { SigningKey } from "./key-store.ts";
import { type Client, ServerRefusal } from "./client.ts";
import { BoardPage, type BoardRow } from "../../record/board/board-row.ts";
import { STATES } from "../../record/board/standing.ts";
import { protocols } from "../../record/protocols.ts";

const time = () => new Date().toISOString();

/** Registers a key unless the server knows it, and publishes its display name. Safe to repeat. */
export async function ensureRegistered(client: Client, key: SigningKey): Promise<KeyDocument> {
  const known = await findKey(client, key.publicKey);
  if (known === null) return register(client, key);
  return lacksName(known) && key.displayName ? setDisplayName(client, key, key.displayName) : known;
}

/** The name shown beside a key's results on the server; before the key is registered, the name that it would get. */
export async function shownName(
  client: Client,
  { publicKey, displayName = null }: Pick<SigningKey, "publicKey" | "displayName">,
): Promise<string | null> {
  const known = await findKey(client, publicKey);
  return known === null || lacksName(known) ? displayName : known.name;
}

/**
 * Was the name lost between registering and publishing it? Once the key has something listed, a missing name was
 * erased, maybe by an operator, and then only its holder's `keys name` publishes one.
 */
function lacksName({ name, results, reproductions }: KeyDocument): boolean {
  return name === null && results + reproductions === 0;
}

/** Null when the server does not know it. */
export async function findKey(client: Client, publicKey: string): Promise<KeyDocument | null> {
  try {
    return await client.get(`/v1/keys/${publicKey}`, KeyDocument);
  } catch (error) {
    if (error instanceof ServerRefusal && error.problem === "not-found") return null;
    throw error;
  }
}

async function register(client: Client, key: SigningKey): Promise<KeyDocument> {
  const { publicKey, displayName } = key;
  try {
    const { key: known } = await postKey(
      client,
      { action: "register", key: publicKey, at: time() },
      [key.seed],
    );
    return displayName ? await setDisplayName(client, key, displayName) : known;
  } catch (error) {
    const isThere = error instanceof ServerRefusal && error.problem === "key-conflict";
    const known = isThere ? await findKey(client, publicKey) : null; // another process may just have registered it
    if (known === null) throw error;
    return known;
  }
}

/** @param name null: none from now on. */
export async function setDisplayName(
  client: Client,
  { publicKey, seed }: SigningKey,
  name: string | null,
): Promise<KeyDocument> {
  const digest = name === null ? null : bytesToHex(sha256(utf8ToBytes(name)));
  const statement = { action: "name", key: publicKey, name: digest, at: time() } as const;
  return (await postKey(client, statement, [seed], name)).key;
}

/** @param seeds of the keys that must sign. */
export async function postKey(
  client: Client,
  statement: KeyStatement,
  seeds: readonly Uint8Array[],
  name: string | null = null,
): Promise<KeyAnswer> {
  const envelope = await sealEnvelope("key", statement, seeds);
  return (await client.post("/v1/keys", { envelope, name }, KeyAnswer)).answer;
}

/** What a server has of one of our keys: entries, challenges, and whether it knows the key at all. */
interface OwnKey {
  name: string;
  publicKey: string;
}

export interface OwnStanding extends OwnKey {
  /** Null: the server does not know it. */
  known: KeyDocument | null;
  /** On every board, hidden entries included; the latest 50 of each. */
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
