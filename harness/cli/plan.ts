/** @file From a command's values to complete configurations. */

import { availableParallelism } from "node:os";
import { canonicalConfiguration } from "../../record/configuration.ts";
import type { Protocol } from "../../record/protocols.ts";
import { RecordError } from "../../record/problem.ts";
import { installedEngine } from "../sweep/installed-engine.ts";
import type { Wish } from "../sweep/output-folder.ts";
import type { Values } from "./command.ts";
import type { Effects } from "./effects.ts";
import { chooseProtocol } from "./protocol-choice.ts";
import type { trainingArguments } from "./training-arguments.ts";

type TrainingValues = Values<typeof trainingArguments>;

/**
 * One wish for every pair of architecture and regularizers, architectures outermost; pairs that
 * train the same way are one.
 *
 * @throws RecordError listing what does not go together, in every pair.
 */
export function planGrid(
  archs: readonly string[],
  regs: readonly string[],
  values: TrainingValues,
  effects: Pick<Effects, "cwd">,
): Wish[] {
  const protocol = chooseProtocol(values, effects);
  const wishes = new Map<string, Wish>();
  const problems = new Set<string>();
  for (const arch of archs)
    for (const reg of regs)
      try {
        const wish = planOne(arch, reg, protocol, values);
        wishes.set(`${wish.configuration.arch}+${wish.configuration.regs}`, wish);
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        for (const problem of error.problems) problems.add(problem);
      }
  if (problems.size > 0) throw new RecordError([...problems]);
  return [...wishes.values()];
}

function planOne(arch: string, regs: string, protocol: Protocol, values: TrainingValues): Wish {
  const { threads, limit, save, headInput, headLayers, perClass } = values;
  const configuration = canonicalConfiguration(protocol, {
    arch,
    regs,
    seeds: values.seeds(protocol.panelSeeds),
    threads: threads ?? availableParallelism(),
    engine: installedEngine().engine,
    limit,
    save,
    ablations: { headInput, headLayers, perClass },
  });
  return { configuration, protocol, choosesThreads: threads !== null };
}
