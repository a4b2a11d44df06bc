/** @file `rademark clean [PARTS]`: done by the set-up, which needs no package to remove them. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ExitCode } from "../../errors.ts";
import { commonArguments, defineCommand, flag, jsonArgument, text } from "../command.ts";

const PROGRAM = fileURLToPath(new URL("../../../setup/rademark.mjs", import.meta.url));

export const command = defineCommand({
  meta: {
    details:
      "Without PARTS it shows everything that is there, and removes nothing. --yes alone removes what was fetched\n" +
      "or built and can be had again: packages, pages, TensorFlow, data sets. The demo's runs, the local board,\n" +
      "keys, what is known of logs and the queue are removed only when they are named, together with --yes:\n" +
      "without its key an entry can never be superseded or retracted again. It refuses while anything is in use,\n" +
      "follows no links, and leaves alone what is not Rademark's, such as your runs.",
    examples: ["rademark clean", "rademark clean cifar10,bench", "rademark clean --yes"],
  },
  args: {
    parts: {
      summary: "what to remove, by the names that rademark clean shows, separated by commas",
      placeholder: "PARTS",
      positional: true,
      read: text,
      fallback: null,
    },
    yes: { ...flag("remove, and do not only show, what can be had again"), variable: null },
    json: { ...jsonArgument, variable: null },
    ...commonArguments,
  },
  async run(_values, { env, cwd }, typed) {
    const child = spawn(process.execPath, [PROGRAM, ...typed], { env, cwd, stdio: "inherit" });
    const [code] = (await once(child, "close")) as [ExitCode];
    return code;
  },
});
