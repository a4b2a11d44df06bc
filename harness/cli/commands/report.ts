/** @file `rademark report DIR` */

import { resolve } from "node:path";
import { EXIT } from "../../errors.ts";
import { writeReport } from "../../report/report.ts";
import { defineCommand } from "../command.ts";
import { commonArguments, flag } from "../common-arguments.ts";
import { text } from "../values.ts";

export const report = defineCommand({
  meta: {
    summary: "write a self-contained HTML report of a run or sweep",
    details: "Every number is recomputed from counts. Prints the path of the report.",
    examples: ["rademark report runs/grid --open"],
  },
  args: {
    folder: {
      summary: "output folder of a run or a sweep",
      placeholder: "DIR",
      positional: true,
      read: text,
    },
    open: flag("show it in the browser"),
    ...commonArguments,
  },
  run({ folder, open }, { out, cwd, now }) {
    out(`${writeReport(resolve(cwd, folder), { open, now: now() })}\n`);
    return Promise.resolve(EXIT.ok);
  },
});
