/** @file The documents that the API answers with, each named after what it describes. */

import { z } from "zod";
import { BoardRow, Signer } from "../board/board-row.ts";
import { Challenger } from "../board/standing.ts";
import { ConsistencyProof, InclusionProof, LogEntry, Receipt } from "../log/log-proof.ts";
import { Digest, Run } from "../run.ts";
import { REPRODUCED } from "../statement/result-problems.ts";
import { Commitment, Harness, Moderation, Reason, Verdict } from "../statement/statements.ts";
import { Estimate, Summary } from "../summary.ts";
import { RunMetrics } from "../metrics-schema.ts";
import { Challenge } from "../statement/challenge.ts";
import { Envelope } from "../statement/envelope.ts";
import { Comparison } from "../board/comparison.ts";
import { Difference } from "../statement/conditions.ts";
import { MOST_COMPARED } from "../most-compared.ts";
import { PublicKey } from "../signature/ed25519.ts";
import { MEASURE_NAMES, MOST_POINTS } from "../board/measure-scores.ts";
import { ProtocolFields } from "../protocols.ts";

const Time = z.iso.datetime();

export const ReproductionDocument = z.strictObject({
  id: Digest,
  signer: Signer,
  /** Is the signer the entry's own? Then it counts for nothing. */
  own: z.boolean(),
  verdict: Verdict,
  /** Both numbers of each quantity: what agreed, or did not. */
  numbers: z.array(
    z.strictObject({
      quantity: z.enum(REPRODUCED),
      entry: z.number().nullable(),
      reproduction: Estimate,
      /** Reproduction minus entry, with Welch's 90 % interval. */
      difference: z
        .strictObject({ mean: z.number(), low: z.number(), high: z.number() })
        .nullable(),
      /** Null without the entry's mean. */
      tolerance: z.number().nullable(),
      /** Is that interval inside the tolerance, or wholly outside? Null when neither, or when a mean is missing. */
      agrees: z.boolean().nullable(),
      /** The entry's runs spread so far that as many fresh runs could hardly agree. */
      tooNoisy: z.boolean(),
    }),
  ),
  challenge: Digest,
  /** Did its signer retract it, or was its key revoked before it came? Then it counts for nothing. */
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
  /** Digest of the statement or document that says so. */
  digest: Digest,
  /** Its leaf in the log. */
  index: z.int().min(0),
});

export type EntryEvent = z.infer<typeof EntryEvent>;

/** Anybody can add reproductions to an entry, so its document holds the newest alone. */
export const MOST_REPRODUCTIONS = 100;

export const MOST_EVENTS = 100;
export const MOST_NAMED_CHALLENGERS = 100;

/** A challenger with the name of the key that the holder uses now. */
export const NamedChallenger = z.strictObject({
  ...Challenger.shape,
  name: Signer.shape.name,
  /** Is it the entry's own holder? */
  own: z.boolean(),
});

export type NamedChallenger = z.infer<typeof NamedChallenger>;

/** Logged by the SHA-256 of its RFC 8785 form. */
export const ChallengeOutcome = z.strictObject({
  challenge: Digest,
  outcome: z.enum(["completed", "failed", "expired"]),
  /** The result or reproduction that completed it, the retraction that gave it up; null when it expired. */
  statement: Digest.nullable(),
  /** Reason for a failure, in the key holder's words. */
  reason: Reason.nullable(),
  at: z.iso.datetime(),
});

export const ChallengeDocument = z.strictObject({
  challenge: Challenge,
  commitment: Commitment,
  /** The commitment's, as it was signed. */
  envelope: Envelope,
  /** Null while it is open. */
  outcome: ChallengeOutcome.nullable(),
  /** Its `id` is the challenge's; the leaf is the challenge's own. */
  receipt: Receipt,
});

export const EntryDocument = z.strictObject({
  protocol: z.strictObject({ id: Digest, name: z.string() }),
  row: BoardRow,
  /** What its runs were trained by, as the signer declares it; null from a server that does not say. */
  harness: Harness.nullable().default(null),
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

/** A share of training samples or a rescaled accuracy A (0 is chance, 1 everything), to five decimals. */
const Share = z.number().max(1);

/** Over training and by depth, each a mean over the entry's runs: what pictures need of them, in a tenth of their bytes. */
export const EntrySeries = z.strictObject({
  completed: z.int().min(0),
  diverged: z.int().min(0),
  /** Epochs that the protocol asks for. */
  epochs: z.int().min(1),
  /** The label space that `heads`, `frozenHeads` and the taps are of. */
  headline: z.int().min(2),
  /** Accuracy on training batches, an epoch each; empty where no run finished one. Of diverged runs alone: of the one that came furthest. */
  train: z.array(Share),
  /** After the last epoch. */
  testAccuracy: Share.nullable(),
  /** Online A at the last tap, of the heads that no regularizer acts on; empty where there are none. */
  heads: z.array(Share),
  /** The same of the same heads on the trunk that never trains. */
  frozenHeads: z.array(Share),
  /** In order of depth; none without the controls of every run. */
  taps: z.array(
    z.strictObject({
      name: z.string(),
      /** Learned complexity at this tap. */
      heads: Share.nullable(),
      /** The same on the trunk at initialization; at the last tap alone. */
      frozenHeads: Share.nullable(),
      /** Capacity at this tap. */
      refits: Share.nullable(),
      /** Capacity of the trunk at initialization. */
      frozenRefits: Share.nullable(),
    }),
  ),
});

export type EntrySeries = z.infer<typeof EntrySeries>;

export type ChallengeOutcome = z.infer<typeof ChallengeOutcome>;
export type ChallengeDocument = z.infer<typeof ChallengeDocument>;

/** Challenges of a key or a configuration: who asked for seeds, and what came of it. */
export const MOST_CHALLENGES = 100;

export const ChallengeList = z.strictObject({
  /** Newest first. */
  challenges: z.array(ChallengeDocument),
  /** For `before`; null on the last page. */
  next: z.int().nullable(),
});

export type ChallengeList = z.infer<typeof ChallengeList>;

export { MOST_COMPARED };

/** Two to five entries of one board side by side. */
export const ComparisonDocument = z.strictObject({
  protocol: z.strictObject({ id: Digest, name: z.string() }),
  /** In the order asked for; `a` and `b` of a comparison are places in it. */
  rows: z.array(BoardRow).min(2).max(MOST_COMPARED),
  /** What decides numbers and is not the same in all of them, as their signers declare it. */
  differences: z.array(Difference),
  comparisons: z.array(Comparison),
});

export type ComparisonDocument = z.infer<typeof ComparisonDocument>;

/** That a server and its database answer. */
export const HealthDocument = z.strictObject({
  status: z.literal("ok"),
  log: z.strictObject({ origin: z.string(), size: z.int().min(0) }),
});

export type HealthDocument = z.infer<typeof HealthDocument>;

/** Body of POST /v1/keys. */
export const KeyRequest = z.strictObject({
  /** A key statement. */
  envelope: Envelope,
  /** The text whose digest an action `name` signs; null with every other action, and to remove a name. */
  name: z.string().max(200).nullable(),
});

export type KeyRequest = z.infer<typeof KeyRequest>;

export const KeyDocument = z.strictObject({
  key: PublicKey,
  name: z.string().nullable(),
  registeredAt: z.iso.datetime(),
  /** Nothing signed from then on counts. */
  revokedFrom: z.iso.datetime().nullable(),
  /** The key that replaced it. */
  next: PublicKey.nullable(),
  /** Results listed, reproductions of others. */
  results: z.int().min(0),
  reproductions: z.int().min(0),
});

export type KeyDocument = z.infer<typeof KeyDocument>;

export const KeyAnswer = z.strictObject({
  key: KeyDocument,
  /** Null for an action that is not logged (`name`). */
  receipt: Receipt.nullable(),
});

export type KeyAnswer = z.infer<typeof KeyAnswer>;

/** A page of the log's newest leaves. */
export const MOST_LEAVES = 200;

const LOG_KINDS = LogEntry.shape.kind.options;

/** One kind of leaf or several, separated by commas. */
export const LogKinds = z
  .string()
  .regex(new RegExp(`^(${LOG_KINDS.join("|")})(,(${LOG_KINDS.join("|")}))*$`))
  .max(200);

export const LogLeaf = z.strictObject({
  ...LogEntry.shape,
  index: z.int().min(0),
  /** When the log took it. */
  at: z.iso.datetime(),
  /** Reason for a moderation or a retraction, in its signer's words; null for everything else. */
  reason: Reason.nullable(),
  /** What a moderation decided; null for everything else. */
  action: Moderation.shape.action.nullable(),
  /** What a moderation or a retraction is about: a statement, or a key; null for everything else. */
  subject: Digest.nullable(),
  /** The entry that it is, measures again, withdraws or decides about; null for everything else. */
  entry: Digest.nullable(),
});

export type LogLeaf = z.infer<typeof LogLeaf>;

export const LogPage = z.strictObject({
  /** Leaves in the log. */
  size: z.int().min(0),
  /** Newest first. */
  leaves: z.array(LogLeaf),
  /** For `before`; null on the last page. */
  next: z.int().nullable(),
});

export type LogPage = z.infer<typeof LogPage>;

const Tau = z.number().min(-1).max(1).nullable();
const Count = z.int().min(0);

/** The board of measures: which of them orders the generalization gap over a protocol's entries. */
export const MeasuresDocument = z.strictObject({
  protocol: z.strictObject({ id: Digest, name: z.string() }),
  /** Entries of the board, without hidden ones. */
  entries: Count,
  /** Configurations that are weighed: each combination of architecture and regularizers once, whoever lists it. */
  configurations: Count,
  measures: z.array(
    z.strictObject({
      name: z.enum(MEASURE_NAMES),
      title: z.string(),
      /** Is it made of the train accuracy or the train loss, as the gap is? And why, or why not. */
      coupled: z.boolean(),
      couplingReason: z.string(),
      /** Kendall's tau-b of measure and gap: 1, the same order; -1, the opposite one; null, no order at all. */
      tau: Tau,
      /** 95 % interval, percentile bootstrap of 1000 resamples of whole architectures; null with fewer than 8. */
      low: Tau,
      high: Tau,
      /** Kendall's partial tau-b given the last tap's width and the train loss; null where one of them does not vary. */
      partialTau: Tau,
      /** Configurations whose entry has measure and gap, the pairs they make, and their architectures. */
      entries: Count,
      pairs: Count,
      architectures: Count,
      /** Configurations whose entry has width and train loss as well. */
      partialEntries: Count,
      /** For a scatter; of more than 500, evenly chosen. */
      points: z
        .array(
          z.strictObject({
            entry: Digest,
            arch: z.string(),
            regs: z.string(),
            measure: z.number(),
            gap: z.number(),
          }),
        )
        .max(MOST_POINTS),
    }),
  ),
});

export type MeasuresDocument = z.infer<typeof MeasuresDocument>;

/** The protocols that a server has boards for. */
export const ProtocolDocument = z.strictObject({
  /** SHA-256 of the document's RFC 8785 form. */
  id: Digest,
  document: ProtocolFields,
});

export type ProtocolDocument = z.infer<typeof ProtocolDocument>;

export const ProtocolList = z.strictObject({
  protocols: z.array(
    z.strictObject({
      id: Digest,
      name: z.string(),
      dataset: z.string(),
      /** Entries on its board, hidden ones included. */
      entries: z.int().min(0),
      /** The operator's reason to take nothing more for it; null while it is open. */
      quarantine: Reason.nullable(),
    }),
  ),
});

export type ProtocolList = z.infer<typeof ProtocolList>;

/** Pairs that are tested together: Holm's correction is over them in all quantities that sentences speak of. */
export const MOST_SENTENCES = 24;

/** Of one quantity: the regularized configuration minus `none`, paired over the panel's seeds. */
export const Change = z.strictObject({
  quantity: Comparison.shape.quantity,
  difference: Comparison.shape.difference,
  p: Comparison.shape.p,
  verdict: z.enum(["higher", "lower", "not distinguishable", "too few shared seeds"]),
});

export type Change = z.infer<typeof Change>;

export const SentencesDocument = z.strictObject({
  protocol: z.strictObject({ id: Digest, name: z.string() }),
  /** Regularized configurations that could be held against `none`; more than `sentences` on a large board. */
  configurations: z.int().min(0),
  sentences: z
    .array(
      z.strictObject({
        arch: z.string(),
        regs: z.string(),
        /** The entry spoken of, and the unregularized one it is held against. */
        entry: Digest,
        none: Digest,
        text: z.string(),
        /** The tests that the words follow from; none where an older server has stored the sentence. */
        changes: z.array(Change).default([]),
      }),
    )
    .max(MOST_SENTENCES),
});

export type SentencesDocument = z.infer<typeof SentencesDocument>;

/** Any statement in the log with what it takes to check it, as a server gives it and as a file keeps it. */
export const StatementDocument = z.strictObject({
  /** The envelope as it was first accepted; for a challenge and its outcome, that of the commitment. */
  envelope: Envelope,
  /** The one that the statement commits to or names; null when it names none. */
  challenge: ChallengeDocument.nullable(),
  /** For the leaf of the challenge that a result or reproduction names, in the tree of `proof`; null for others. */
  challengeProof: InclusionProof.nullable(),
  /** For the statement's leaf; that of a commitment is its challenge's. */
  proof: InclusionProof,
});

export type StatementDocument = z.infer<typeof StatementDocument>;

/** What is neither a result nor a reproduction, in one file; those two stand in an entry file. */
export const StatementFile = z.strictObject({
  rademark: z.literal("statement"),
  version: z.literal(1),
  ...StatementDocument.omit({ challengeProof: true }).shape,
  /** Between the proof's checkpoint and another one; null without one. */
  consistency: ConsistencyProof.nullable(),
  /** Key of the log that the proof is about, as in a `vkey` line. */
  verifierKey: z.string().max(400),
});

export type StatementFile = z.infer<typeof StatementFile>;
