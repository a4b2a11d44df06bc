/** @file Which GPU a training worker sees: CUDA hides all that CUDA_VISIBLE_DEVICES does not name. */

import { UserError } from "../errors.ts";
import type { InstalledEngine } from "./installed-engine.ts";

/** An index, or a UUID as `nvidia-smi -L` prints it or its beginning; of a partition, `MIG-UUID` or `MIG-GPU-UUID/1/2`. */
const IDENTIFIER =
  /^(?:\d{1,4}|GPU-[0-9a-f][0-9a-f-]*|MIG-(?:GPU-)?[0-9a-f][0-9a-f-]*(?:\/\d+\/\d+)?)$/i;

/**
 * Reads a list of GPUs.
 *
 * @throws UserError naming what is no identifier, or is there twice.
 */
export function readDevices(text: string): string[] {
  const devices = text.split(",").map((each) => readDevice(each.trim()));
  for (const [i, device] of devices.entries()) {
    const twin = devices.slice(0, i).find((before) => isSame(before, device));
    if (twin !== undefined)
      throw new UserError(
        `${twin === device ? `${device} is named twice` : `${twin} and ${device} may be one GPU`}; name each once, and let several workers share it by --jobs`,
      );
  }
  return devices;
}

function readDevice(device: string): string {
  if (!IDENTIFIER.test(device))
    throw new UserError(
      `"${device}" is not a GPU; allowed: indices such as 0,1, or UUIDs as nvidia-smi -L prints them, such as GPU-8932f937`,
    );
  return /^\d+$/.test(device) ? String(Number(device)) : device;
}

/** CUDA takes the beginning of a UUID for the whole. */
function isSame(a: string, b: string): boolean {
  if (/^\d+$/.test(a) || /^\d+$/.test(b)) return a === b;
  const [short, long] = [a, b]
    .map((each) => each.toLowerCase())
    .sort((x, y) => x.length - y.length);
  return !short!.includes("/") && long!.startsWith(short!);
}

/**
 * The identifiers for CUDA. Where a scheduler has already set CUDA_VISIBLE_DEVICES, indices count among those that it
 * lets this process see.
 *
 * @throws UserError without the CUDA engine, and for an index beyond what is visible.
 */
export function visibleDevices(
  asked: readonly string[],
  engine: InstalledEngine["engine"],
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  if (engine !== "cuda")
    throw new UserError(
      `--devices names GPUs, but this checkout has the ${engine} engine. With an NVIDIA GPU, add --engine cuda (npm run -s rademark installs that library).`,
    );
  const mask = env.CUDA_VISIBLE_DEVICES?.split(",").map((each) => each.trim());
  if (mask === undefined) return [...asked];
  return asked.map((device) => {
    if (!/^\d+$/.test(device)) return device;
    const visible = mask[Number(device)];
    if (visible) return visible;
    throw new UserError(
      `--devices ${device}: CUDA_VISIBLE_DEVICES=${env.CUDA_VISIBLE_DEVICES} lets this process see devices 0 to ${mask.length - 1}, counted from 0 in that list.`,
    );
  });
}

/**
 * The variables of a worker that sees one device only.
 *
 * @param isShared whether several workers use it; none then takes all of its memory.
 */
export function deviceVariables(
  device: string,
  isShared: boolean,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  // As nvidia-smi counts, unless somebody has decided otherwise.
  const isOwnOrder = env.CUDA_VISIBLE_DEVICES !== undefined || env.CUDA_DEVICE_ORDER !== undefined;
  return {
    CUDA_VISIBLE_DEVICES: device,
    ...(isOwnOrder ? {} : { CUDA_DEVICE_ORDER: "PCI_BUS_ID" }),
    ...(isShared ? { TF_FORCE_GPU_ALLOW_GROWTH: env.TF_FORCE_GPU_ALLOW_GROWTH ?? "true" } : {}),
  };
}
