/** @file One entry with everything that is known of it, but for its runs and its exact bytes. */

import { z } from "zod";
import { BoardRow, Signer } from "../board/board-row.ts";
import { Challenger } from "../board/standing.ts";
import { Receipt } from "../log/log-entry.ts";
import { Digest, Run } from "../run.ts";
import { Verdict } from "../statement/reproduction.ts";
import { Reason } from "../statement/text.ts";
import { Estimate, Summary } from "../summary-schema.ts";
import { RunMetrics } from "../metrics-schema.ts";
import { ChallengeDocument } from "./challenge-document.ts";

const Time = z.iso.datetime();

export const ReproductionDocument = z.strictObject({
  id: Digest,
  signer: Signer,
  /** Is the signer the entry's own? Then it counts for nothing. */
  own: z.boolean(),
  verdict: Verdict,
  /** Both numbers: what agreed, or did not. */
  numbers: z.array(
    z.strictObject({
      quantity: z.enum(["complexity", "testAccuracy"]),
      entry: z.number().nullable(),
      reproduction: Estimate,
      tolerance: z.number(),
      /** Null when the runs leave it open, or a mean is missing. */
      agrees: z.boolean().nullable(),
    }),
  ),
  challenge: Digest,
  /** By its signer, or by its key's revocation before it came: it counts for nothing. */
  retracted: z.boolean(),
  /** The operator's reason while it is quarantined: it counts for nothing. */
  quarantine: Reason.nullable(),
  receivedAt: Time,
});
export type ReproductionDocument = z.infer<typeof ReproductionDocument>;

/** What happened to an entry, oldest first. */
export const EntryEvent = z.strictObject({
  at: Time,
  kind: z.enum(["challenged", "submitted", "reproduced", "retracted", "superseded", "moderated"]),
  /** One sentence. */
  text: z.string(),
  /** Of the statement or document that says so. */
  digest: Digest,
  /** Its leaf in the log. */
  index: z.int().min(0),
});
export type EntryEvent = z.infer<typeof EntryEvent>;

/** Anybody can add reproductions to an entry, so its document holds the newest alone. */
export const MOST_REPRODUCTIONS = 100;
export const MOST_EVENTS = 100;

export const MOST_NAMED_CHALLENGERS = 100;

/** With the name of the key that the holder has now. */
export const NamedChallenger = z.strictObject({
  ...Challenger.shape,
  name: Signer.shape.name,
  /** Is it the entry's own holder? */
  own: z.boolean(),
});
export type NamedChallenger = z.infer<typeof NamedChallenger>;

export const EntryDocument = z.strictObject({
  protocol: z.strictObject({ id: Digest, name: z.string() }),
  row: BoardRow,
  summary: Summary,
  supersedes: Digest.nullable(),
  challenge: ChallengeDocument.nullable(),
  /** Who was issued challenges of this configuration: the entry's own holder, then whoever was issued most. */
  challengers: z.array(NamedChallenger).max(MOST_NAMED_CHALLENGERS).default([]),
  /** The newest, in the order of the log; all of them stand in `/v1/log/entries?entry=ID`. */
  reproductions: z.array(ReproductionDocument).max(MOST_REPRODUCTIONS),
  /** Its challenge and its acceptance, and the newest of what came later. */
  events: z.array(EntryEvent).max(2 + MOST_EVENTS),
  /** How many there are, shown or not. */
  totals: z.strictObject({ reproductions: z.int().min(0), events: z.int().min(0) }),
  receipt: Receipt,
});
export type EntryDocument = z.infer<typeof EntryDocument>;

/** Raw counts and what is computed from them, panel before fresh. */
export const EntryRuns = z.strictObject({
  panel: z.array(Run),
  fresh: z.array(Run),
  metrics: z.array(RunMetrics),
});
export type EntryRuns = z.infer<typeof EntryRuns>;
