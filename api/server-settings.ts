/** @file A server's settings, from its environment or from a Worker's secrets. */

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import type { LogKeeper } from "../db/append-leaf.ts";
import { OperatorError } from "../db/db.ts";
import { isKeyName } from "../record/log/checkpoint.ts";
import { PublicKey, publicKeyOf } from "../record/signature/ed25519.ts";
import { LIMITS, type Limits } from "./deployment.ts";

export interface Settings {
  /** Null: PGlite in a folder. */
  databaseUrl: string | null;
  /** Seed of the key that signs checkpoints; null: it is in the folder. */
  seed: Uint8Array | null;
  /** Null: made from the key. */
  origin: string | null;
  operators: ReadonlySet<string>;
  limits: Limits;
  /** Does every connection come from a proxy of ours, which appends the client's address to X-Forwarded-For? */
  hasProxy: boolean;
}

/** For load tests on one's own machine; the limits on a body's size stay. */
const LIFTED: Limits = {
  ...LIMITS,
  address: { ...LIMITS.address, requests: Infinity },
  key: { ...LIMITS.key, requests: Infinity },
  exports: { ...LIMITS.exports, requests: Infinity },
  openChallenges: Infinity,
};

const Environment = z.object({
  DATABASE_URL: z
    .url({
      protocol: /^postgres(ql)?$/,
      message: "a URL such as postgres://LOGIN:PASSWORD@HOST/NAME",
    })
    .optional(),
  RADEMARK_LOG_SEED: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits")
    .optional(),
  RADEMARK_LOG_ORIGIN: z.string().refine(isKeyName, "a name without space and plus").optional(),
  RADEMARK_OPERATORS: z
    .string()
    .transform((text) =>
      text
        .split(",")
        .map((key) => key.trim())
        .filter(Boolean),
    )
    .pipe(z.array(PublicKey))
    .optional(),
  RADEMARK_LIMITS: z.enum(["on", "off"], { message: "on or off" }).optional(),
  RADEMARK_PROXY: z.enum(["yes", "no"], { message: "yes or no" }).optional(),
});

/** @throws OperatorError naming each setting that cannot be used; none of their values, as some are secrets. */
export function readSettings(environment: Readonly<Record<string, unknown>>): Settings {
  const given = Object.entries(environment).filter(([, value]) => value !== "");
  const parsed = Environment.safeParse(Object.fromEntries(given));
  if (!parsed.success)
    throw new OperatorError(
      parsed.error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`).join("\n"),
    );
  const { DATABASE_URL, RADEMARK_LOG_SEED, RADEMARK_LOG_ORIGIN, RADEMARK_OPERATORS } = parsed.data;
  return {
    databaseUrl: DATABASE_URL ?? null,
    seed: RADEMARK_LOG_SEED === undefined ? null : hexToBytes(RADEMARK_LOG_SEED),
    origin: RADEMARK_LOG_ORIGIN ?? null,
    operators: new Set(RADEMARK_OPERATORS),
    limits: parsed.data.RADEMARK_LIMITS === "off" ? LIFTED : LIMITS,
    hasProxy: parsed.data.RADEMARK_PROXY === "yes",
  };
}

/** A log without a name of its own is named after its key, so that no two logs are mistaken for each other. */
export async function keeperOf(seed: Uint8Array, origin: string | null): Promise<LogKeeper> {
  const key = bytesToHex(await publicKeyOf(seed));
  return { seed, origin: origin ?? `rademark.local/${key.slice(0, 8)}` };
}
