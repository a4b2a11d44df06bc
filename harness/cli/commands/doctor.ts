/** @file `rademark doctor` */

import { examine } from "../../doctor/doctor.ts";
import { EXIT } from "../../errors.ts";
import { defineCommand } from "../command.ts";
import { commonArguments, flag, jsonArgument } from "../common-arguments.ts";
import { formatTable } from "../table.ts";

export const doctor = defineCommand({
  meta: {
    summary: "prove that this machine can train: library, device, self-test, rates, memory, disk",
    details:
      "Loads TensorFlow in processes of its own. Exit code 1 when a check failed; a warning is not a failure.",
    examples: ["rademark doctor", "rademark doctor --quick --json"],
  },
  args: {
    quick: flag("try two small architectures instead of every family"),
    json: jsonArgument,
    ...commonArguments,
  },
  async run({ quick, json, quiet }, { out, err, now }) {
    const onStep = (step: string) => void (quiet || err(`${step}\n`));
    const document = await examine({ quick, now: now(), onStep });
    const columns = ["check", "", "found"].map((title) => ({ title, align: "left" as const }));
    const rows = document.checks.map(({ name, state, says, mend }) => [
      name,
      state,
      mend === null ? says : `${says}. To mend it: ${mend}`,
    ]);
    out(json ? `${JSON.stringify(document, null, 2)}\n` : formatTable(columns, rows));
    return document.healthy ? EXIT.ok : EXIT.runFailed;
  },
});
