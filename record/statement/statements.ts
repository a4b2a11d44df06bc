/** @file The kinds of signed statements, their payload types and schemas. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import { Commitment } from "./commitment.ts";
import { KeyStatement } from "./key-statement.ts";
import { Moderation } from "./moderation.ts";
import { Reproduction } from "./reproduction.ts";
import { Result } from "./result.ts";
import { Retraction } from "./retraction.ts";

export const STATEMENTS = {
  result: Result,
  commitment: Commitment,
  reproduction: Reproduction,
  retraction: Retraction,
  key: KeyStatement,
  moderation: Moderation,
} as const;
export type StatementKind = keyof typeof STATEMENTS;
export type Statement<Kind extends StatementKind> = z.infer<(typeof STATEMENTS)[Kind]>;

export const STATEMENT_KINDS = Object.keys(STATEMENTS) as StatementKind[];

export type PayloadType = `application/vnd.rademark.${StatementKind}+json`;

export function payloadType(kind: StatementKind): PayloadType {
  return `application/vnd.rademark.${kind}+json`;
}

/**
 * The bytes to sign, in RFC 8785 form: whoever writes a statement this way gives it the same id. A reader takes other
 * forms of it too, whose bytes have ids of their own.
 */
export function statementBytes<Kind extends StatementKind>(
  kind: Kind,
  statement: Statement<Kind>,
): Uint8Array {
  return utf8ToBytes(canonicalJson(STATEMENTS[kind].parse(statement)));
}

/** SHA-256 of the payload bytes, in hexadecimal. */
export function statementId(payload: Uint8Array): string {
  return bytesToHex(sha256(payload));
}

/** The keys that must have signed, no more and no fewer. */
export function requiredSigners(statement: Statement<StatementKind>): string[] {
  return "next" in statement ? [statement.key, statement.next] : [statement.key];
}
