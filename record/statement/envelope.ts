/** @file DSSE, the Dead Simple Signing Envelope (version 1): a payload's exact bytes with signatures over them. */

import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { decodeBase64, encodeBase64 } from "../signature/base64.ts";
import { PublicKey, publicKeyOf, sign, verify } from "../signature/ed25519.ts";
import {
  type PayloadType,
  STATEMENTS,
  STATEMENT_KINDS,
  type Statement,
  type StatementKind,
  payloadType,
  requiredSigners,
  statementBytes,
  statementId,
} from "./statements.ts";
import { FORMER, isFormer } from "../former-version.ts";
import { type Problem, problemAt, schemaProblems } from "../problem.ts";
import { readStrictJson } from "../strict-json.ts";

const PAYLOAD_TYPES = STATEMENT_KINDS.map(payloadType) as [PayloadType, ...PayloadType[]];

export const Envelope = z.strictObject({
  payloadType: z.enum(PAYLOAD_TYPES),
  /** Base64 of the statement's bytes. */
  payload: z.string().max(6_000_000),
  signatures: z
    .array(
      z.strictObject({
        keyid: PublicKey,
        /** Base64 of 64 bytes. */
        sig: z.string().length(88),
      }),
    )
    .min(1)
    .max(2),
});

export type Envelope = z.infer<typeof Envelope>;

/** PAE(type, body) = "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body, lengths in decimal bytes. */
export function preAuthenticationEncoding(type: string, body: Uint8Array): Uint8Array {
  const typeBytes = utf8ToBytes(type);
  return concatBytes(
    utf8ToBytes(`DSSEv1 ${typeBytes.length} `),
    typeBytes,
    utf8ToBytes(` ${body.length} `),
    body,
  );
}

/**
 * Signs a statement.
 *
 * @param seeds of the keys the statement must be signed by, in any order; two for a key's rotation.
 * @throws ZodError for a statement that its schema refuses.
 */
export async function sealEnvelope<Kind extends StatementKind>(
  kind: Kind,
  statement: Statement<Kind>,
  seeds: readonly Uint8Array[],
): Promise<Envelope> {
  return sealBytes(kind, statementBytes(kind, statement), seeds);
}

/** The same over bytes that already exist; nothing is checked. */
export async function sealBytes(
  kind: StatementKind,
  payload: Uint8Array,
  seeds: readonly Uint8Array[],
): Promise<Envelope> {
  const type = payloadType(kind);
  const message = preAuthenticationEncoding(type, payload);
  const signatures = await Promise.all(
    seeds.map(async (seed) => ({
      keyid: bytesToHex(await publicKeyOf(seed)),
      sig: encodeBase64(await sign(message, seed)),
    })),
  );
  return { payloadType: type, payload: encodeBase64(payload), signatures };
}

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

/** Was it refused for nothing but its age? */
export function isFormerVersion(opened: OpenedEnvelope | EnvelopeRefusal): boolean {
  return !opened.ok && opened.problems.some(({ code }) => code === FORMER_CODE);
}

const FORMER_CODE = "former-version";

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
  if (!parsed.success) return refusal("envelope", schemaProblems(parsed.error, value));
  const envelope = parsed.data;
  const payload = decodeBase64(envelope.payload);
  if (payload === null)
    return refusal("envelope", [
      problemAt(envelope, ["payload"], "base64", "base64 in canonical form"),
    ]);
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
    holds
      ? []
      : [problemAt(envelope, ["signatures", i, "sig"], "signature", "a signature of these bytes")],
  );
}

/** A stranger's statement can have 100,000 faults: telling all takes zod seconds, and somewhat more its stack. */
const FIRST_FAULT = { abortEarly: true } as z.core.ParseContext<z.core.$ZodIssue>;

function openPayload(envelope: Envelope, payload: Uint8Array): OpenedEnvelope | EnvelopeRefusal {
  const json = readStrictJson(payload);
  if (!json.ok) return refusal("payload", [json.problem]);
  const kind = STATEMENT_KINDS.find((each) => payloadType(each) === envelope.payloadType)!;
  const parsed = STATEMENTS[kind].safeParse(json.value, FIRST_FAULT);
  if (!parsed.success && isFormer(json.value))
    return refusal("payload", [problemAt(json.value, ["protocol"], FORMER_CODE, FORMER)]);
  if (!parsed.success) return refusal("payload", schemaProblems(parsed.error, json.value));
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
  return [{ code: "signers", pointer: "/signatures", rule, found: signers.join(", ") }];
}
