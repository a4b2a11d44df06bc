/** @file Somebody else's entry, fetched and checked by every rule before anybody trains to reproduce it. */

import { ChallengeDocument } from "../../record/answers/documents.ts";
import { FORMER } from "../../record/former-version.ts";
import { type Protocol, findProtocol } from "../../record/protocols.ts";
import { issuedChallenge } from "../../record/statement/challenge.ts";
import { Envelope, isFormerVersion, openEnvelope } from "../../record/statement/envelope.ts";
import { resultProblems } from "../../record/statement/result-problems.ts";
import type { Result } from "../../record/statement/statements.ts";
import type { Client } from "./client.ts";
import { EXIT, UserError } from "../errors.ts";

export interface FetchedEntry {
  id: string;
  result: Result;
  envelope: Envelope;
  protocol: Protocol;
}

/** @throws UserError for an entry whose signature or counts are not valid, whatever the server says about it. */
export async function fetchEntry(id: string, client: Client): Promise<FetchedEntry> {
  const envelope = await client.get(`/v1/entries/${id}/envelope`, Envelope);
  const entry = await openEntry(envelope);
  if (entry.id !== id)
    throw new UserError(`${client.api} sent entry ${entry.id} for ${id}.`, EXIT.verification);
  const { challenge } = entry.result;
  const document =
    challenge === null ? null : await client.get(`/v1/challenges/${challenge}`, ChallengeDocument);
  const problems = resultProblems(entry.result, entry.protocol, issuedChallenge(document));
  if (problems.length === 0) return entry;
  const [{ pointer, rule }] = problems as [(typeof problems)[0]];
  throw new UserError(`entry ${id} does not hold: ${pointer}: ${rule}.`, EXIT.verification);
}

/** Checks signature and schema of an entry's exact bytes. @throws UserError when they are not valid. */
export async function openEntry(envelope: Envelope): Promise<FetchedEntry> {
  const opened = await openEnvelope(envelope);
  if (isFormerVersion(opened)) throw new UserError(`the entry is ${FORMER}.`, EXIT.verification);
  if (!opened.ok || opened.kind !== "result")
    throw new UserError("the entry's envelope is not a signed result.", EXIT.verification);
  const { id, statement: result } = opened;
  return { id, result, envelope, protocol: findProtocol(result.protocol) };
}
