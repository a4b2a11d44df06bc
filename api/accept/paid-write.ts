/** @file A request that writes: who pays for it, and the one transaction in which it changes anything. */

import { and, eq, lt, sql } from "drizzle-orm";
import type { Db, Reader } from "../../db/db.ts";
import { lockOwnLog } from "../../db/append-leaf.ts";
import type { Deployment, Limits, Quota } from "../deployment.ts";
import { Refusal } from "../problem-answer.ts";
import type { Acceptance, Accepted } from "./acceptance.ts";
import type { ProblemName } from "../../record/answers/problem-document.ts";
import {
  type EnvelopeRefusal,
  type Opened,
  openEnvelope,
} from "../../record/statement/envelope.ts";
import type { StatementKind } from "../../record/statement/statements.ts";
import { quotas } from "../../db/schema.ts";

/** What a request asks for, after every check that needs no database. */
export interface SignedWrite<Answer> {
  /** The key that signed it. */
  key: string;
  accept: (acceptance: Acceptance) => Promise<Accepted<Answer>>;
}

/**
 * Opens a connection for writing only after the request has been read, so that a slow sender keeps none from others.
 *
 * The request counts against the quota of its address whether it is accepted or refused, even where the key's quota is
 * used up: envelopes are public, and each costs the server its expansion and a check of its signature. Nothing is
 * counted when the server itself fails (5xx).
 *
 * @param read throws a Refusal for a fault that shows in the request alone.
 */
export async function paidWrite<Answer>(
  deployment: Deployment,
  read: () => Promise<SignedWrite<Answer>>,
): Promise<Accepted<Answer>> {
  const payer = quotaOfAddress(deployment.address, deployment.limits);
  if (payer) await checkBeforehand(deployment, payer);
  const asked = await read().catch(refusalIn);
  const { db, close } = await deployment.open("write");
  try {
    if (asked instanceof Refusal) throw asked;
    return await signedWrite({ deployment, db, payer }, asked);
  } catch (error) {
    if (payer && isPaidFor(error, payer)) await countRequest(db, payer, deployment.now());
    throw error;
  } finally {
    await close();
  }
}

/** A request refused because its quota is used up does not count against that quota, which would never recover. */
function isPaidFor(error: unknown, payer: Payer): boolean {
  if (error instanceof UsedUp) return error.subject !== payer.subject;
  return error instanceof Refusal;
}

/** Opens the database for a read: on Workers that is one HTTP request. The body of a request refused here is never read. */
async function checkBeforehand(deployment: Deployment, payer: Payer): Promise<void> {
  const { db, close } = await deployment.open("read");
  await checkQuota(db, payer, deployment.now()).finally(close);
}

function refusalIn(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}

interface Write {
  deployment: Deployment;
  db: Db;
  /** The address, whose quota had room for this request; null where the deployment does not know it. */
  payer: Payer | null;
}

/**
 * One transaction under the log's lock: everything is stored, or nothing.
 *
 * Only a new statement that is accepted counts against the key's quota. Envelopes are public, so sending somebody else's
 * again, or to an address that refuses it, must not use up that key's quota; and a statement that was accepted before
 * gets its receipt even when the quota is used up.
 */
async function signedWrite<Answer>(
  { deployment, db, payer }: Write,
  { key, accept }: SignedWrite<Answer>,
): Promise<Accepted<Answer>> {
  const signer = quotaOfKey(key, deployment.limits);
  const accepted = await db.transaction(async (tx) => {
    await lockOwnLog(tx, deployment.keeper);
    const at = deployment.now();
    const accepted = await accept({ tx, deployment, at });
    if (payer) await countRequest(tx, payer, at);
    if (accepted.isNew) await countRequest(tx, signer, at);
    return accepted;
  });
  if (accepted.isNew) deployment.boardsChanged();
  return accepted;
}

/** Whose quota a request counts against. */
interface Payer {
  /** Its name in the table. */
  subject: string;
  /** Its name in a refusal. */
  name: string;
  quota: Quota;
}

/** A quota is used up. */
class UsedUp extends Refusal {
  readonly subject: string;

  constructor({ subject, name, quota }: Payer, retryAfterSeconds: number) {
    const { requests, windowSeconds } = quota;
    const detail = `${name} has used its ${requests} requests in ${windowSeconds} seconds.`;
    super("too-many-requests", detail, [], retryAfterSeconds);
    this.subject = subject;
  }
}

/** The quota of an address for writes; null where the deployment does not know the address. */
function quotaOfAddress(address: string | null, limits: Limits): Payer | null {
  if (address === null) return null;
  const block = addressBlock(address);
  return { subject: `address:${block} writes`, name: block, quota: limits.address };
}

/** The quota of an address for exports. */
export function quotaOfExports(address: string | null, limits: Limits): Payer | null {
  if (address === null) return null;
  const block = addressBlock(address);
  return { subject: `address:${block} exports`, name: block, quota: limits.exports };
}

/** Counted only after the key's signature has been verified. */
function quotaOfKey(key: string, limits: Limits): Payer {
  return { subject: `key:${key} writes`, name: `key ${key}`, quota: limits.key };
}

/** Checks without counting. @throws UsedUp */
export async function checkQuota(db: Reader, payer: Payer, now: Date): Promise<void> {
  const [row] = await db
    .select({ used: quotas.used })
    .from(quotas)
    .where(and(eq(quotas.subject, payer.subject), eq(quotas.startsAt, windowStart(payer, now))));
  if (row && row.used >= payer.quota.requests) throw usedUp(payer, now);
}

/**
 * Counts one request. An accepted write is counted in its own transaction, so that a request that the server fails at is
 * not counted.
 *
 * @throws UsedUp when the quota is used up, possibly by requests that arrived after `checkQuota`.
 */
export async function countRequest(db: Reader, payer: Payer, now: Date): Promise<void> {
  const startsAt = windowStart(payer, now);
  const [row] = await db
    .insert(quotas)
    .values({ subject: payer.subject, startsAt, used: 1 })
    .onConflictDoUpdate({
      target: [quotas.subject, quotas.startsAt],
      set: { used: sql`${quotas.used} + 1` },
    })
    .returning({ used: quotas.used });
  if (row!.used > payer.quota.requests) throw usedUp(payer, now);
}

/** Deletes the rows, and with them the addresses, of windows that are over by every server's clock. */
export async function forgetQuotas(deployment: Deployment): Promise<void> {
  const { address, key, exports } = deployment.limits;
  const longest = 1000 * Math.max(...[address, key, exports].map((each) => each.windowSeconds));
  const { db, close } = await deployment.open("write");
  try {
    await db
      .delete(quotas)
      .where(lt(quotas.startsAt, new Date(deployment.now().getTime() - 2 * longest)));
  } finally {
    await close();
  }
}

function windowStart({ quota }: Payer, now: Date): Date {
  const window = quota.windowSeconds * 1000;
  return new Date(Math.floor(now.getTime() / window) * window);
}

function usedUp(payer: Payer, now: Date): UsedUp {
  const end = windowStart(payer, now).getTime() + payer.quota.windowSeconds * 1000;
  return new UsedUp(payer, Math.max(1, Math.ceil((end - now.getTime()) / 1000)));
}

/**
 * The block of addresses that shares a quota: an IPv4 address alone, an IPv6 address with its /64, other text as it is.
 * IPv4 mapped into IPv6 (RFC 4291 section 2.5.5.2) counts as IPv4. The port that some proxies append is dropped, as it
 * differs with every connection.
 *
 * @example
 * addressBlock("192.0.2.1:50000"); // "192.0.2.1"
 * addressBlock("2001:db8:0:1::42"); // "2001:db8:0:1::/64"
 */
export function addressBlock(text: string): string {
  const address = withoutPort(text);
  const [plain] = address.split("%"); // without a zone (RFC 4007)
  if (!plain!.includes(":") || !URL.canParse(`http://[${plain}]/`)) return address;
  const groups = groupsOf(new URL(`http://[${plain}]/`).hostname.slice(1, -1));
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join(".");
  const block = groups.slice(0, 4).map((group) => group.toString(16));
  return `${block.join(":")}::/64`;
}

/** A single colon precedes a port: an IPv6 address has at least two, and is in brackets before a port (RFC 3986 section 3.2.2). */
function withoutPort(text: string): string {
  const [, bracketed, single] = /^(?:\[([^\]]*)\](?::\d*)?|([^:]*):\d*)$/.exec(text) ?? [];
  return bracketed ?? single ?? text;
}

/** The eight groups of 16 bits, from the form with at most one `::` (WHATWG URL writes no dotted quad). */
function groupsOf(canonical: string): number[] {
  const [head = "", tail = ""] = canonical.split("::");
  const [before, after] = [head, tail].map((part) => (part === "" ? [] : part.split(":")));
  const zeros = Array.from({ length: 8 - before!.length - after!.length }, () => "0");
  return [...before!, ...zeros, ...after!].map((group) => parseInt(group, 16));
}

const FAULTS: Record<EnvelopeRefusal["fault"], [ProblemName, string]> = {
  envelope: ["malformed-envelope", "No DSSE envelope of a known payload type stands here."],
  signature: ["bad-signature", "The statement is not signed by whom it speaks for."],
  payload: [
    "malformed-statement",
    "The signature holds; the statement below it breaks its schema.",
  ],
};

/**
 * @param value as the strict reader read it.
 * @param within pointer to the envelope in the body; pointers of `malformed-statement` go into the statement.
 * @throws Refusal
 */
export async function openStatement<Kind extends StatementKind>(
  kind: Kind,
  value: unknown,
  within = "",
): Promise<Opened<Kind>> {
  const opened = await openEnvelope(value);
  if (!opened.ok) {
    const [problem, detail] = FAULTS[opened.fault];
    const prefix = opened.fault === "payload" ? "" : within;
    const errors = opened.problems.map((each) => ({ ...each, pointer: prefix + each.pointer }));
    throw new Refusal(problem, detail, errors);
  }
  if (opened.kind !== kind)
    throw new Refusal("wrong-statement", `This address takes a ${kind}, not a ${opened.kind}.`, [
      { pointer: `${within}/payloadType`, rule: `that of a ${kind}`, found: opened.kind },
    ]);
  return opened as unknown as Opened<Kind>;
}
