/** @file Another's entry, fetched and held against every rule before anybody trains for it. */

import { ChallengeDocument } from "../../record/answers/documents.ts";
import { type Protocol, findProtocol } from "../../record/protocols.ts";
import { Envelope, openEnvelope } from "../../record/statement/envelope.ts";
import { resultProblems } from "../../record/statement/result-problems.ts";
import type { Result } from "../../record/statement/statements.ts";
import type { Client } from "./client.ts";
import { EXIT, UserError } from "../errors.ts";
import { issuedChallenge } from "./submission.ts";

export interface FetchedEntry {
  id: string;
  result: Result;
  envelope: Envelope;
  protocol: Protocol;
}

/** @throws UserError for an entry whose signature or counts do not hold, whatever the server says of it. */
export async function fetchEntry(id: string, client: Client): Promise<FetchedEntry> {
  const envelope = await client.get(`/v1/entries/${id}/envelope`, Envelope);
  const entry = await openEntry(envelope);
  if (entry.id !== id)
    throw new UserError(`${client.api} sent entry ${entry.id} for ${id}.`, EXIT.verification);
  const { challenge } = entry.result;
  const issued =
    challenge === null
      ? null
      : issuedChallenge(await client.get(`/v1/challenges/${challenge}`, ChallengeDocument));
  const problems = resultProblems(entry.result, entry.protocol, issued);
  if (problems.length === 0) return entry;
  const [{ pointer, rule }] = problems as [(typeof problems)[0]];
  throw new UserError(`entry ${id} does not hold: ${pointer}: ${rule}.`, EXIT.verification);
}

/** The same from its exact bytes: signature and schema. @throws UserError when they do not hold. */
export async function openEntry(envelope: Envelope): Promise<FetchedEntry> {
  const opened = await openEnvelope(envelope);
  if (!opened.ok || opened.kind !== "result")
    throw new UserError("the entry's envelope is not a signed result.", EXIT.verification);
  const { id, statement: result } = opened;
  return { id, result, envelope, protocol: findProtocol(result.protocol) };
}
