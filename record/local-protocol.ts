/** @file The protocol of somebody's own data: a published one, with what numbers of samples decide fitted to them. */

import type { LocalDataset } from "./datasets.ts";
import { RecordError, schemaProblems } from "./problem.ts";
import { Protocol } from "./protocols.ts";

/** What is known of somebody's own data (method.md section 7). */
export interface LocalData {
  dataset: LocalDataset;
  classes: number;
  image: Protocol["image"];
  digests: { train: string; test: string };
  normalize: Protocol["normalize"];
  view: Protocol["view"];
  /** Samples that will be trained on: all, unless a subset is asked for. */
  trained: number;
}

/** An epoch has at least this many steps, where there are samples enough. */
const STEPS = 10;
/** Samples for each label that a head has to tell apart, at least; micro-1's are 2.5 at n = 1,000. */
const PER_LABEL = 2.5;

/**
 * The whole document, named `BASE+custom`; it is never a published one, as it holds the data's digests.
 *
 * @throws RecordError for data that no protocol can have, such as a single class.
 */
export function localProtocol(base: Protocol, data: LocalData): Protocol {
  const { dataset, classes, image, digests, normalize, view, trained } = data;
  const document = {
    ...base,
    name: `${base.name.replace("+custom", "")}+custom`,
    ...{ dataset, classes, image, digests, normalize, view },
    subset: null,
    batch: Math.min(base.batch, Math.max(2, Math.floor(trained / STEPS))),
    ...fittedHeads(base, trained),
  };
  const parsed = Protocol.safeParse(document);
  if (!parsed.success) throw new RecordError(schemaProblems(parsed.error, document));
  return parsed.data;
}

/** Label spaces with enough samples for each label; the headline is the largest up to the base's, with two draws. */
function fittedHeads(base: Protocol, trained: number): Pick<Protocol, "heads" | "headline"> {
  const kept = base.heads.filter(({ n }) => n <= trained / PER_LABEL);
  const spaces = kept.map(({ n }) => n).filter((n) => n <= base.headline);
  const taps = base.heads.find(({ n }) => n === base.headline)!.taps;
  if (spaces.length === 0) return { heads: [{ n: 2, draws: 2, taps }], headline: 2 };
  const headline = Math.max(...spaces);
  const heads = kept.map((plan) =>
    plan.n === headline ? { ...plan, draws: Math.max(2, plan.draws) } : plan,
  );
  return { heads, headline };
}
