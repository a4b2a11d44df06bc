/** @file What is said of custom code before anything of it becomes public: what, under which licence, from which file. */

import { join } from "node:path";
import { type CustomCode, namesOfCode } from "../../record/custom-code.ts";
import { type CustomSources, SOURCE_FILES } from "../custom-sources.ts";

/** What is about to happen to it. */
export type Publication = "commit" | "sign" | "submit";

const LICENCE = "under this project's licence (MIT)";

const WORDS: Readonly<Record<Publication, string>> = {
  commit: `name and digest become public now, its source ${LICENCE} once a result is submitted`,
  sign: `its source stands in the signed file; whoever has the file has it ${LICENCE}`,
  submit: `its source becomes public for good, ${LICENCE}`,
};

/**
 * A line for each architecture and regularizer of one's own; none for a configuration of what is built in.
 *
 * @param folder the output folder, whose files they are.
 */
export function codeNotice(
  configured: { arch: string; regs: string } & CustomCode,
  sources: CustomSources,
  folder: string,
  publication: Publication,
): string[] {
  return namesOfCode(configured).map(({ member, name, digest }) => {
    const text = sources[member] ?? "";
    const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
    const file = `${lines} ${lines === 1 ? "line" : "lines"} of ${join(folder, SOURCE_FILES[member])}`;
    return `${name} (${file}, SHA-256 ${digest}): ${WORDS[publication]}.`;
  });
}
