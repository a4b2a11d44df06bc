/** @file From an envelope's bytes to a statement that can be believed to be its signers'. */

import { hexToBytes } from "@noble/hashes/utils.js";
import type { z } from "zod";
import { jsonPointer, problemAt, schemaFaults, type Problem } from "../problem.ts";
import { decodeBase64 } from "../signature/base64.ts";
import { verify } from "../signature/ed25519.ts";
import { readStrictJson } from "../strict-json.ts";
import { Envelope, preAuthenticationEncoding } from "./envelope.ts";
import {
  payloadType,
  requiredSigners,
  STATEMENT_KINDS,
  statementId,
  STATEMENTS,
  type Statement,
  type StatementKind,
} from "./statements.ts";

/** What an envelope of the kind holds. */
export interface Opened<Kind extends StatementKind> {
  ok: true;
  kind: Kind;
  /** SHA-256 of the payload. */
  id: string;
  statement: Statement<Kind>;
  envelope: Envelope;
  /** The exact bytes that were signed: what is stored, exported and shown. */
  payload: Uint8Array;
}

/** Distinguished by `kind`. */
export type OpenedEnvelope = { [Kind in StatementKind]: Opened<Kind> }[StatementKind];

/** The pointers of `payload` go into the statement, the others into the envelope. */
export interface EnvelopeRefusal {
  ok: false;
  fault: "envelope" | "signature" | "payload";
  problems: Problem[];
}

function refusal(fault: EnvelopeRefusal["fault"], problems: Problem[]): EnvelopeRefusal {
  return { ok: false, fault, problems };
}

/** Reads an envelope from its JSON bytes, verifies it, and only then reads what is inside. */
export async function readEnvelope(bytes: Uint8Array): Promise<OpenedEnvelope | EnvelopeRefusal> {
  const json = readStrictJson(bytes);
  return json.ok ? openEnvelope(json.value) : refusal("envelope", [json.problem]);
}

/** The same from a value that the strict reader has read. */
export async function openEnvelope(value: unknown): Promise<OpenedEnvelope | EnvelopeRefusal> {
  const parsed = Envelope.safeParse(value);
  if (!parsed.success) return refusal("envelope", schemaFaults(parsed.error, value));
  const envelope = parsed.data;
  const payload = decodeBase64(envelope.payload);
  if (payload === null)
    return refusal("envelope", [problemAt(envelope, ["payload"], "base64 in canonical form")]);
  const problems = await signatureProblems(envelope, payload);
  return problems.length > 0 ? refusal("signature", problems) : openPayload(envelope, payload);
}

async function signatureProblems(envelope: Envelope, payload: Uint8Array): Promise<Problem[]> {
  const message = preAuthenticationEncoding(envelope.payloadType, payload);
  const verdicts = envelope.signatures.map(async ({ keyid, sig }) => {
    const signature = decodeBase64(sig);
    return signature !== null && verify(signature, message, hexToBytes(keyid));
  });
  return (await Promise.all(verdicts)).flatMap((holds, i) =>
    holds ? [] : [problemAt(envelope, ["signatures", i, "sig"], "a signature of these bytes")],
  );
}

/** A stranger's statement can have 100,000 faults: telling all takes zod seconds, and somewhat more its stack. */
const FIRST_FAULT = { abortEarly: true } as z.core.ParseContext<z.core.$ZodIssue>;

function openPayload(envelope: Envelope, payload: Uint8Array): OpenedEnvelope | EnvelopeRefusal {
  const json = readStrictJson(payload);
  if (!json.ok) return refusal("payload", [json.problem]);
  const kind = STATEMENT_KINDS.find((each) => payloadType(each) === envelope.payloadType)!;
  const parsed = STATEMENTS[kind].safeParse(json.value, FIRST_FAULT);
  if (!parsed.success) return refusal("payload", schemaFaults(parsed.error, json.value));
  const problems = signerProblems(envelope, requiredSigners(parsed.data));
  if (problems.length > 0) return refusal("signature", problems);
  const id = statementId(payload);
  return { ok: true, kind, id, statement: parsed.data, envelope, payload } as OpenedEnvelope;
}

/** A valid signature by anybody else is refused: nobody may present another's statement as their own. */
function signerProblems({ signatures }: Envelope, required: string[]): Problem[] {
  const signers = signatures.map(({ keyid }) => keyid);
  const isExact = signers.length === required.length && new Set(required).size === required.length;
  if (isExact && required.every((key) => signers.includes(key))) return [];
  const rule = `signed by ${required.join(" and ")}, once each`;
  return [{ pointer: jsonPointer(["signatures"]), rule, found: signers.join(", ") }];
}
