/** @file What a leaf's bytes hold: a signed statement's envelope, or the server's own document. */

import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { ChallengeOutcome } from "../../record/documents/entry-document.ts";
import { decodeBase64 } from "../../record/signature/base64.ts";
import type { Challenge } from "../../record/statement/challenge.ts";
import type { Envelope } from "../../record/statement/envelope.ts";
import type { Statement, StatementKind } from "../../record/statement/statements.ts";
import type { Leaf } from "../append-leaf.ts";

/** Of a leaf of kind `challenge`: what was issued, and the commitment it answers. */
export interface ChallengeBody {
  challenge: Challenge;
  envelope: Envelope;
}

/** Kinds of leaf that are statements; a commitment stands inside its challenge. */
export type LoggedKind = Exclude<StatementKind, "commitment">;

export type LeafBody = Envelope | ChallengeBody | ChallengeOutcome;

export function bodyBytes(body: LeafBody): Uint8Array {
  return utf8ToBytes(JSON.stringify(body));
}

type Stored = Pick<Leaf, "body">;

/*
 * Bytes are stored only once they were read strictly and checked, so the readers below check nothing again.
 */

/** Of every leaf but challenges and outcomes. */
export function envelopeIn({ body }: Stored): Envelope {
  return parsed(body) as Envelope;
}

export function challengeIn({ body }: Stored): ChallengeBody {
  return parsed(body) as ChallengeBody;
}

export function outcomeIn({ body }: Stored): ChallengeOutcome {
  return parsed(body) as ChallengeOutcome;
}

export function statementOf<Kind extends StatementKind>(
  _kind: Kind,
  { payload }: Envelope,
): Statement<Kind> {
  return parsed(decodeBase64(payload)!) as Statement<Kind>;
}

export function statementIn<Kind extends LoggedKind>(kind: Kind, leaf: Stored): Statement<Kind> {
  return statementOf(kind, envelopeIn(leaf));
}

function parsed(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}
