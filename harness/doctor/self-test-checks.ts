/** @file What the doctor makes of the self-test. */

import { type Check, fail, ok, warn } from "./check.ts";
import type { FamilyFigures } from "./document.ts";
import type { Outcome } from "./engine-process.ts";
import type { Step } from "./questions.ts";
import type { FamilyTrial } from "./self-test.ts";
import { type Distance, EAGER_TOLERANCE, GPU_TOLERANCE, stepDistance } from "./step-distance.ts";

type Compared = { ok: true; distance: Distance } | { ok: false; words: string };

/** Graph against eager, one network. @param mend what to try with a library that computes wrongly. */
export function familyCheck({ arch, graph, eager }: FamilyTrial, mend: string): Check {
  const name = `self-test ${arch}`;
  const compared = compare(graph, eager);
  if (!compared.ok) return fail(name, `The training step fails: ${compared.words}.`, mend);
  const { distance } = compared;
  if (distance.share <= EAGER_TOLERANCE)
    return ok(
      name,
      `The graph's training step is the eager one within ${within(distance, EAGER_TOLERANCE)}.`,
    );
  return fail(
    name,
    `The graph's training step is not the eager one: ${beyond(distance, EAGER_TOLERANCE)}.`,
    mend,
  );
}

/** GPU against CPU over all networks; null without a GPU. */
export function gpuCheck(trials: readonly FamilyTrial[], mend: string): Check | null {
  const name = "CPU against GPU";
  const each = trials.flatMap(({ arch, graph, cpu }) =>
    cpu ? [{ arch, compared: compare(graph, cpu) }] : [],
  );
  if (each.length === 0) return null;
  const { arch, compared } = worst(each);
  if (!compared.ok) return fail(name, `${arch} could not be compared: ${compared.words}.`, mend);
  const { distance } = compared;
  if (distance.share <= GPU_TOLERANCE)
    return ok(
      name,
      `The GPU computes what the CPU does within ${within(distance, GPU_TOLERANCE)}.`,
    );
  return fail(
    name,
    `The GPU does not compute what the CPU does: ${arch}, ${beyond(distance, GPU_TOLERANCE)}.`,
    mend,
  );
}

/** The same step in two processes: the same bits on a CPU; near on a GPU, whose sums have no fixed order. */
export function determinismCheck(trials: readonly FamilyTrial[], gpu: boolean): Check {
  const name = "determinism";
  const each = trials.map(({ arch, graph, again }) => ({ arch, compared: compare(graph, again) }));
  if (trials.every(isIdentical))
    return ok(name, `Another process computes the same bits, in ${trials.length} networks.`);
  const { arch, compared } = worst(each);
  if (!compared.ok)
    return fail(
      name,
      `${arch} fails in one of two processes: ${compared.words}.`,
      "rademark doctor",
    );
  const { share } = compared.distance;
  const differs = `Two processes compute ${arch} differently, by ${share.toExponential(0)}`;
  if (gpu && share <= GPU_TOLERANCE)
    return warn(
      name,
      `${differs}; a resumed run is then not bit for bit an uninterrupted one.`,
      "export TF_DETERMINISTIC_OPS=1",
    );
  const mend = gpu ? "export TF_DETERMINISTIC_OPS=1" : "export TF_ENABLE_ONEDNN_OPTS=0";
  return fail(name, `${differs}.`, mend);
}

export function familyFigures(trial: FamilyTrial): FamilyFigures {
  const { arch, graph, eager, again, cpu } = trial;
  return {
    arch,
    seconds: graph.ok ? graph.value.seconds : null,
    eager: figure(compare(graph, eager)),
    again: figure(compare(graph, again)),
    identical: isIdentical(trial),
    cpu: cpu && figure(compare(graph, cpu)),
  };
}

/** JSON has no NaN. */
const figure = (compared: Compared): number | null =>
  compared.ok && Number.isFinite(compared.distance.share) ? compared.distance.share : null;

const isIdentical = ({ graph, again }: FamilyTrial): boolean =>
  graph.ok && again.ok && graph.value.digest === again.value.digest;

function compare(a: Outcome<Step>, b: Outcome<Step>): Compared {
  if (!a.ok) return a;
  if (!b.ok) return b;
  return { ok: true, distance: stepDistance(a.value, b.value) };
}

/** A failure, then what is not a number, then the largest. */
function worst<T extends { compared: Compared }>(each: readonly T[]): T {
  const badness = ({ compared }: T): number => {
    if (!compared.ok) return Infinity;
    const { share } = compared.distance;
    return Number.isNaN(share) ? Number.MAX_VALUE : share;
  };
  return each.reduce((most, one) => (badness(one) > badness(most) ? one : most));
}

const within = ({ share }: Distance, tolerance: number) =>
  `${share === 0 ? "0" : share.toExponential(0)} (allowed ${tolerance})`;

const beyond = ({ share, tensor }: Distance, tolerance: number) =>
  Number.isNaN(share)
    ? `${tensor} holds values that are no numbers`
    : `${tensor} is off by ${share.toExponential(0)} (allowed ${tolerance})`;
