/** @file `rademark report DIR` */

import { isAbsolute, join, resolve } from "node:path";
import { EXIT } from "../../errors.ts";
import { writeReport } from "../../study/report.ts";
import { commonArguments, defineCommand, flag, outputFolderArgument, text } from "../command.ts";

export const command = defineCommand({
  meta: {
    details: "Every number is recomputed from counts. Prints the path of the report.",
    examples: ["rademark report runs/grid --open", "rademark report runs/grid --out grid.html"],
  },
  args: {
    folder: outputFolderArgument,
    out: {
      summary: "where the report goes: a file, or a folder (default: DIR/report.html)",
      placeholder: "FILE",
      read: text,
      fallback: null,
    },
    open: flag("show it in the browser"),
    ...commonArguments,
  },
  async run({ folder, out: asked, open }, { out, cwd, now }) {
    // joined, not resolved: a trailing slash means a folder
    const place = asked === null || isAbsolute(asked) ? asked : join(cwd, asked);
    const options = { out: place, open, now: now() };
    out(`${await writeReport(resolve(cwd, folder), options)}\n`);
    return EXIT.ok;
  },
});
