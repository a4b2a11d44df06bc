/** @file Parallel clients that submit a range of made-up results, and note what was acknowledged. */

import type { ChallengeDocument } from "../../record/answers/documents.ts";
import { Receipt } from "../../record/log/log-proof.ts";
import { type Ledger, acknowledgeChallenge, acknowledgeReceipt } from "./ledger.ts";
import { type Traffic, postUntilAnswered } from "./retrying-client.ts";
import { type Holder, commitmentOf, committed, measured, registration } from "./submissions.ts";

/** Every so many results come from two clients at once. */
const TWICE = 10;

export interface Submission {
  address: () => Promise<string>;
  holders: readonly Holder[];
  ledger: Ledger;
  traffic: Traffic;
  /** Results that were stored although their answer was lost with the server. */
  foundAgain: number;
  onAcknowledged: () => void;
}

export async function registerHolders(submission: Submission, at: string): Promise<void> {
  const { address, holders, ledger, traffic } = submission;
  for (const holder of holders) {
    const body = JSON.stringify(await registration(holder, at));
    const { text } = await postUntilAnswered(address, "/v1/keys", body, traffic);
    const { receipt } = JSON.parse(text) as { receipt: Receipt };
    acknowledgeReceipt(ledger, JSON.stringify(receipt));
  }
}

/** @param from number of the first result. */
export async function submitRange(
  submission: Submission,
  { from, count, clients }: { from: number; count: number; clients: number },
): Promise<void> {
  let next = from;
  const client = async () => {
    while (next < from + count) await submitOne(submission, next++);
  };
  await Promise.all(Array.from({ length: clients }, client));
}

/** Submits a result, every other one with a challenge. */
async function submitOne(submission: Submission, i: number): Promise<void> {
  const { holders, ledger } = submission;
  const holder = holders[i % holders.length]!;
  const challenge = i % 2 === 0 ? null : await challengeFor(submission, holder, i);
  const body = JSON.stringify(await measured(holder, i, challenge));
  const copies = Array.from({ length: i % TWICE === 0 ? 2 : 1 }, () => send(submission, body));
  const ids = await Promise.all(copies);
  for (const id of ids) ledger.results.add(id);
  submission.onAcknowledged();
}

async function send(submission: Submission, body: string): Promise<string> {
  const { address, ledger, traffic } = submission;
  const { status, text, broken } = await postUntilAnswered(address, "/v1/results", body, traffic);
  if (status === 200 && broken > 0) submission.foundAgain++;
  acknowledgeReceipt(ledger, text);
  return Receipt.parse(JSON.parse(text)).id;
}

async function challengeFor(submission: Submission, holder: Holder, i: number) {
  const { address, ledger, traffic } = submission;
  const body = JSON.stringify(await committed(holder, i));
  const { text } = await postUntilAnswered(address, "/v1/challenges", body, traffic);
  const document = JSON.parse(text) as ChallengeDocument;
  acknowledgeChallenge(ledger, document);
  const { id, nonce } = document.challenge;
  return { id, nonce, commitment: commitmentOf(holder, i) };
}
