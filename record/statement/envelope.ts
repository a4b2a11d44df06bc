/** @file DSSE, the Dead Simple Signing Envelope (version 1): a payload's exact bytes with signatures over them. */

import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { encodeBase64 } from "../signature/base64.ts";
import { PublicKey, publicKeyOf, sign } from "../signature/ed25519.ts";
import {
  payloadType,
  STATEMENT_KINDS,
  statementBytes,
  type PayloadType,
  type Statement,
  type StatementKind,
} from "./statements.ts";

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
