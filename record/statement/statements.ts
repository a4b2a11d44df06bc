/** @file The kinds of signed statements, their payload types and schemas. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import { Digest, Run } from "../run.ts";
import { PublicKey } from "../signature/ed25519.ts";
import { CustomCode, SourceText } from "../custom-code.ts";
import { Device } from "../datasets.ts";

/** Printable ASCII: names of machines and versions. */
const Line = z
  .string()
  .regex(/^[ -~]+$/)
  .max(200);

/** As the statement's signer declares it; nobody can check it. */
export const Engine = z.strictObject({
  /** Name and version, such as `tensorflow 2.21.0`. */
  library: Line,
  device: Device,
  /** Does a second run give the same bits? */
  deterministic: z.boolean(),
  precision: z.enum(["float32", "tf32", "mixed-float16", "mixed-bfloat16"]),
});

export const Harness = z.strictObject({
  version: z
    .string()
    .regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}$/)
    .max(20),
  /** Commit of the checkout, and whether files in it were changed; null outside a checkout, and for runs of several commits. */
  git: z
    .strictObject({ commit: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/), dirty: z.boolean() })
    .nullable(),
});

export const Machine = z.strictObject({
  os: Line,
  cpu: Line,
  /** Logical processors, and how many threads one run used. */
  cores: z.int().min(1).max(65_536),
  threads: z.int().min(1).max(65_536),
  memoryBytes: z.int().min(0),
  gpus: z.array(Line).max(64),
});

/** What is trained; its protocol fixes everything else but the seed. */
const ConfigurationFields = {
  protocol: Digest,
  /** Canonical, as `canonicalConfiguration` writes them. */
  arch: z.string().max(200),
  regs: z.string().max(200),
};

const Runs = z.array(Run).max(64);

const MeasurementFields = {
  /** The signer. */
  key: PublicKey,
  ...ConfigurationFields,
  /** Source of a custom architecture; null for one that `arch` names. */
  source: SourceText.nullable(),
  /** Source of a custom regularizer; null without one. */
  regSource: SourceText.nullable().default(null),
  /** Id of the challenge, which is that of its commitment; null without one. */
  challenge: Digest.nullable(),
  /** On the protocol's public seeds, in its order. */
  panel: Runs,
  /** On the challenge's seeds, in its order; empty without one. */
  fresh: Runs,
  engine: Engine,
  machine: Machine,
  harness: Harness,
};

/** The result statement: the runs of one configuration. It holds counts and no aggregate. */
export const Result = z.strictObject({
  ...MeasurementFields,
  /** Id of an earlier result of the same key and configuration, which this one replaces. */
  supersedes: Digest.nullable(),
});

/** The commitment: what will be trained, signed before anybody can know the fresh seeds. */
export const Commitment = z.strictObject({
  key: PublicKey,
  ...ConfigurationFields,
  ...CustomCode.shape,
  harness: Harness.shape.version,
  /** Id of the result to be reproduced; null for a result of one's own. */
  reproduces: Digest.nullable(),
  /** 32 random bytes, so that each commitment to the same configuration has an id of its own. */
  unique: Digest,
});

/** The reproduction statement: another key's runs of an entry's configuration, and what they say of it. */
export const Verdict = z.enum(["agree", "disagree", "inconclusive"]);

export const Reproduction = z.strictObject({
  ...MeasurementFields,
  /** Id of the result reproduced. */
  entry: Digest,
  /** What `reproductionVerdict` says; recomputed, and refused when it differs. */
  verdict: Verdict,
});

/**
 * Control, format (bidi, zero-width), surrogate and private characters, line breaks, and what shows nothing though it
 * is a letter, a mark or a symbol. Not category Cn: what is unassigned differs between runtimes, and a statement must
 * not be valid in one alone.
 */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]/u;

/** A reason in any script, one line; NFC, so that equal texts are equal bytes. */
export const Reason = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => !UNSEEN.test(text) && text === text.normalize("NFC").trim(), {
    message: "one line in Unicode's form NFC, without control or invisible characters",
  });

/** The retraction: a signer takes back a statement of their own. It stays visible, with the reason. */
export const Retraction = z.strictObject({
  key: PublicKey,
  /** Id of a result, of a reproduction, or of a commitment, whose challenge has then failed for this reason. */
  statement: Digest,
  reason: Reason,
});

const at = z.iso.datetime();

/** What a key says of itself. Display names stand beside signed bytes, never in them, so they can be erased. */
export const KeyStatement = z.discriminatedUnion("action", [
  /** Proof of possession. */
  z.strictObject({ action: z.literal("register"), key: PublicKey, at }),
  /** Signed by both: the old key names its successor, the new one shows that it is held. */
  z.strictObject({ action: z.literal("rotate"), key: PublicKey, next: PublicKey, at }),
  /** Nothing signed from this time on counts. */
  z.strictObject({
    action: z.literal("revoke"),
    key: PublicKey,
    from: z.iso.datetime(),
    reason: Reason,
    at,
  }),
  /**
   * Authorizes a display name, or its removal (null): SHA-256 of its UTF-8 bytes. Neither stored nor logged;
   * only one later than the last is accepted.
   */
  z.strictObject({ action: z.literal("name"), key: PublicKey, name: Digest.nullable(), at }),
]);

/** A decision of the server's operator: public, signed, with its reason. Nothing is deleted by it. */
export const Moderation = z.strictObject({
  /** The operator's. */
  key: PublicKey,
  /** A `name` is erased from a key; the other actions are about an entry, a reproduction, or a protocol. */
  action: z.enum(["quarantine", "unquarantine", "note", "erase-name"]),
  /** Id of a result, a reproduction or a protocol; of `erase-name`, the public key that bears the name. */
  subject: Digest,
  reason: Reason,
  at: z.iso.datetime(),
});

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

export type Result = z.infer<typeof Result>;

export type Commitment = z.infer<typeof Commitment>;

export type Verdict = z.infer<typeof Verdict>;
export type Reproduction = z.infer<typeof Reproduction>;

export type Retraction = z.infer<typeof Retraction>;

export type KeyStatement = z.infer<typeof KeyStatement>;

export type Moderation = z.infer<typeof Moderation>;

export type Engine = z.infer<typeof Engine>;
export type Harness = z.infer<typeof Harness>;
export type Machine = z.infer<typeof Machine>;
export const Measurement = z.object(MeasurementFields);
export type Measurement = z.infer<typeof Measurement>;
