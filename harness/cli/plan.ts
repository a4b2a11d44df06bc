/** @file From a command's values to complete configurations. */

import { availableParallelism } from "node:os";
import type { Configuration } from "../../record/configuration.ts";
import { protocolId } from "../../record/protocols.ts";
import type { Wish } from "../sweep/output-folder.ts";
import type { Values } from "./command.ts";
import type { Effects } from "./effects.ts";
import { chooseProtocol } from "./protocol-choice.ts";
import type { trainingArguments } from "./training-arguments.ts";

/** One wish for every pair of architecture and regularizers, architectures outermost. */
export function planGrid(
  archs: string[],
  regs: string[],
  values: Values<typeof trainingArguments>,
  effects: Pick<Effects, "cwd">,
): Wish[] {
  const protocol = chooseProtocol(values, effects);
  const common = {
    protocol: protocol.name,
    protocolId: protocolId(protocol),
    seeds: values.seeds(protocol.panelSeeds),
    threads: values.threads ?? availableParallelism(),
    engine: "cpu",
    limit: values.limit,
    save: values.save,
    ablations: {
      headInput: values.headInput,
      headLayers: values.headLayers,
      perClass: values.perClass,
    },
  } satisfies Partial<Configuration>;
  return archs.flatMap((arch) =>
    regs.map((reg) => ({
      configuration: { ...common, arch, regs: reg },
      protocol,
      choosesThreads: values.threads !== null,
      choosesEngine: false,
    })),
  );
}
