/** @file `rademark doctor` */

import { type Progress, examine, formatChecks } from "../../doctor/doctor.ts";
import { EXIT } from "../../errors.ts";
import { commonArguments, defineCommand, flag, jsonArgument } from "../command.ts";
import type { Effects } from "../../effects.ts";
import { createPainter } from "../progress.ts";

export const command = defineCommand({
  meta: {
    details:
      "Trains one step of every family as a recorded graph, operation by operation, and in another process\n" +
      "(with a GPU: also on the CPU), compares them, measures rates, and looks at memory, disk and clock.\n" +
      "TensorFlow is loaded in separate processes. The exit code is 1 when a check fails, not for warnings.",
    examples: ["rademark doctor", "rademark doctor --quick --json", "rademark doctor --engine cpu"],
  },
  args: {
    quick: flag("no self-test of the large families"),
    json: jsonArgument,
    ...commonArguments,
  },
  async run({ quick, json, quiet, engine }, effects) {
    const { env, cwd, now } = effects;
    const progress = quiet ? SILENCE : showProgress(effects);
    const document = await examine({ quick, engine, env, cwd, now, ...progress });
    progress.clear();
    effects.out(json ? `${JSON.stringify(document, null, 2)}\n` : formatChecks(document));
    return document.healthy ? EXIT.ok : EXIT.runFailed;
  },
});

const SILENCE: Progress & { clear: () => void } = {
  onStep: () => undefined,
  onCheck: () => undefined,
  clear: () => undefined,
};

/** Shows on a terminal what is being checked, and elsewhere what has been; the table then repeats it in full. */
function showProgress(effects: Effects): typeof SILENCE {
  const { repaint, clear } = createPainter(effects);
  if (effects.terminal) return { ...SILENCE, onStep: (what) => repaint([`${what} ...`]), clear };
  return {
    ...SILENCE,
    onCheck: ({ name, state }) => effects.err(`${state.padEnd(4)}  ${name}\n`),
  };
}
