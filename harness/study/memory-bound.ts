/** @file A bound on a configuration's memory without TensorFlow; where it fits the machine, no estimate is needed. */

import { type Architecture, parseArchitecture, tapCount } from "../../record/architecture.ts";
import { headPlaces } from "../../record/head-places.ts";
import { isStreamed } from "../data/protocol-images.ts";
import type { PlannedRun } from "./run-folder.ts";

/** TensorFlow with a data set of small images, and the features and parameters of any network for them. */
const REST_BYTES = 4 * 2 ** 30;

/** A generous bound on the peak bytes of one worker; infinite where only an estimate can tell. */
export function memoryBound({
  configuration,
  protocol,
}: Pick<PlannedRun, "configuration" | "protocol">) {
  if (isStreamed(protocol)) return Infinity;
  const arch = parseArchitecture(configuration.arch);
  const { height, width, channels } = protocol.image;
  const logits = headPlaces(protocol, tapCount(arch)).reduce((sum, { n }) => sum + n, 0);
  const perHead = configuration.ablations.perClass ? protocol.classes : 1;
  const floats =
    60 * height * width * channels + valuesOf(arch, height * width) + 8 * logits * perHead;
  return REST_BYTES + 2 * 4 * protocol.batch * floats;
}

/** Values of one image held at once in a forward and backward pass: layers times positions times channels. */
function valuesOf(arch: Architecture, pixels: number): number {
  switch (arch.family) {
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
