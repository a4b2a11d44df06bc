/** @file Records of version 0.1, whose protocols were not fixed yet: recognized, so that they are refused with the remedy. */

/** micro-1, cifar10-1, cifar100-1 and imagenet-1 as they were then: without heads on the frozen trunk, without redraws. */
const FORMER_IDS = [
  "84e10cf3a38b68303156d25652e12d1efad0b11c518e1c1cfcc17acd14b31ca8",
  "137a4abe6c348ad242a747c6e5793c8e97a3b6a47d041c032bbf34f088f0db49",
  "1864e5fa8aafcb6d7e4ecb95099c3c3533339625ba42236b7e51237ff8f0ad0c",
  "56a1d07202954b44f6aa39dfe7c44ff2aa5875d969b9c2b0ac018da61eb7fc91",
];

/** To follow what is refused: `FOLDER is`. */
export const FORMER =
  "of version 0.1 of rademark, before the protocols were fixed, and its numbers cannot be carried over: keep it for " +
  "that version, and measure again with this one, into another folder";

export function isFormerProtocol(id: unknown): boolean {
  return FORMER_IDS.some((former) => former === id);
}

/** Is it a protocol, a run, a result or a reproduction as version 0.1 wrote them? It may be any JSON. */
export function isFormer(document: unknown): boolean {
  const { protocol, tolerance, panel, fresh } = membersOf(document);
  if (isFormerProtocol(protocol) || "complexity" in membersOf(tolerance)) return true;
  return isFormerRun(document) || isFormerRun(firstOf(panel)) || isFormerRun(firstOf(fresh));
}

/** Nothing of the frozen trunk's heads is there, neither their end nor an epoch. */
function isFormerRun(document: unknown): boolean {
  const run = membersOf(document);
  const isRun = "heads" in run && "controls" in run;
  return isRun && !("frozenHeads" in run) && !("frozenOnline" in membersOf(firstOf(run.epochs)));
}

function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}
