/** @file Can this machine train these runs? Checked before a folder is made and before anything is committed to. */

import { machineMemory } from "../doctor/machine-checks.ts";
import { UserError } from "../errors.ts";
import type { OutputFolder, PlannedRun } from "../study/run-folder.ts";
import { estimateAll } from "../study/trials.ts";
import type { MemoryEstimate } from "../train/memory-estimate.ts";
import { workerVariables } from "./command.ts";
import type { Effects } from "../effects.ts";
import { fetchDatasets } from "./fetching.ts";
import { formatBytes } from "../format.ts";
import { type Architecture, parseArchitecture, tapsOf } from "../../record/architecture.ts";
import { headPlaces } from "../../record/head-places.ts";
import { isStreamed } from "../../record/datasets.ts";

/** A run that is planned, or a folder that was begun. */
type Wanted = PlannedRun | OutputFolder;

/**
 * @param wanted what is still to be trained.
 * @throws UserError when images are missing or do not fit the protocol, or when memory is too small.
 */
export async function requireTrainable(
  wanted: readonly Wanted[],
  { jobs, quiet }: { jobs: number; quiet: boolean },
  effects: Effects,
): Promise<void> {
  if (wanted.length === 0) return;
  await fetchDatasets(wanted, effects, quiet);
  const estimates = await estimateLarge(wanted, jobs, effects);
  // Seeds of one configuration may be trained side by side, too.
  const lanes = [...estimates].flatMap((each) =>
    each[0].configuration.seeds.slice(0, jobs).map(() => each),
  );
  const largest = lanes.sort(([, a], [, b]) => b.bytes - a.bytes).slice(0, jobs);
  const bytes = largest.reduce((sum, [, estimate]) => sum + estimate.bytes, 0);
  const { totalBytes } = machineMemory();
  if (bytes > totalBytes) throw tooLarge(largest, bytes, totalBytes);
}

/** Memory estimates of those that the bound does not already show to fit. */
export async function estimateLarge<T extends Wanted>(
  wanted: readonly T[],
  jobs: number,
  effects: Effects,
): Promise<Map<T, MemoryEstimate>> {
  const { totalBytes } = machineMemory();
  const large = wanted.filter((plannedRun) => jobs * memoryBound(plannedRun) > totalBytes);
  if (large.length === 0) return new Map();
  const interrupted = new AbortController();
  const unlisten = effects.onInterrupt(() => interrupted.abort());
  try {
    const variables = workerVariables(effects.env);
    return await estimateAll(large, effects.worker, interrupted.signal, variables);
  } finally {
    unlisten();
  }
}

function tooLarge(
  largest: [Wanted, MemoryEstimate][],
  bytes: number,
  totalBytes: number,
): UserError {
  const [{ configuration, protocol }] = largest[0]!;
  const what = `${configuration.arch} ${configuration.regs} on ${protocol.name} with batches of ${protocol.batch}`;
  const many = largest.length > 1 ? `, ${largest.length} at a time,` : "";
  const fewer = largest.length > 1 ? "fewer --jobs, " : "";
  return new UserError(
    `${what}${many} would take about ${formatBytes(bytes)} of memory; this machine has ${formatBytes(totalBytes)}. ` +
      `Nothing was begun. Use ${fewer}a smaller batch (--set batch=N, another protocol) or network, or a larger machine.`,
  );
}

/** TensorFlow with a data set of small images, and the features and parameters of any network for them. */
const REST_BYTES = 4 * 2 ** 30;

/** A generous bound on the peak bytes of one worker; infinite where only an estimate can tell. */
function memoryBound({ configuration, protocol }: Pick<PlannedRun, "configuration" | "protocol">) {
  if (isStreamed(protocol)) return Infinity;
  const arch = parseArchitecture(configuration.arch);
  const { height, width, channels } = protocol.image;
  const logits = headPlaces(protocol, tapsOf(configuration).length).reduce(
    (sum, { n }) => sum + n,
    0,
  );
  const perHead = configuration.ablations.perClass ? protocol.classes : 1;
  const floats =
    60 * height * width * channels + valuesOf(arch, height * width) + 8 * logits * perHead;
  return REST_BYTES + 2 * 4 * protocol.batch * floats;
}

/** Values of one image held at once in a forward and backward pass: layers times positions times channels. */
function valuesOf(arch: Architecture, pixels: number): number {
  switch (arch.family) {
    case "custom":
      return Infinity; // only its graph can tell
    case "mlp":
      return 64 * arch.width;
    case "cnn":
      return 40 * pixels * arch.channels;
    case "vgg":
      return 40 * pixels * 64;
    case "resnet":
      return 4 * arch.depth * pixels * (arch.depth === 18 ? 64 : 16);
    case "wrn":
      return 4 * arch.depth * pixels * 16 * arch.widen;
    case "vit":
    case "mixer": {
      const tokens = pixels / arch.patch ** 2;
      return 12 * tokens * (50 * 768 + 8 * 12 * tokens);
    }
  }
}
