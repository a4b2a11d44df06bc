/** @file Answers `--help`, `--version` and a mistyped command without anything installed. */

import fs from "node:fs";
import { EXIT } from "./entry.mjs";
import { noSuchCommand } from "./shared/commands.mjs";
import { helpRequest } from "./shared/help-request.mjs";
import { visibleLine } from "./shared/visible.mjs";

/**
 * The same answers as those of harness/cli/main.ts; harness/cli/help-files.ts writes the texts.
 * @param {readonly string[]} words of the command line, the command's name first
 * @param {Pick<import("./entry.mjs").Effects, "stderr">} effects
 * @param {(text: string) => unknown} [out]
 * @returns {number | null} the exit code; null when a command is to run
 */
export function answerHelp(words, { stderr }, out = (text) => process.stdout.write(text)) {
  const request = helpRequest(words);
  switch (request?.kind) {
    case "version":
      out(`${JSON.parse(textOf("../package.json")).version}\n`);
      return 0;
    case "command":
      out(textOf(`help/${request.name}.txt`));
      return 0;
    case "program":
      if (request.isAsked) out(textOf("help/rademark.txt"));
      else stderr.write(textOf("help/rademark.txt"));
      return request.isAsked ? 0 : EXIT.usage;
    case "unknown": {
      const prefix = stderr.isTTY ? "\x1b[31mrademark:\x1b[0m" : "rademark:";
      stderr.write(`${prefix} ${noSuchCommand(visibleLine(request.name))}\n`);
      return EXIT.usage;
    }
    default:
      return null;
  }
}

const textOf = (file) => fs.readFileSync(new URL(file, import.meta.url), "utf8");
