/** @file Custom code runs only if its owner gave it by path on this machine, or says so (trust.md section 2). */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Configuration } from "../../record/configuration.ts";
import { parseArchitecture } from "../../record/architecture.ts";
import { customName } from "../../record/custom-name.ts";
import { parseRegularizers } from "../../record/regularizers.ts";
import { type CustomSources, SOURCE_FILES, readSources } from "../custom-sources.ts";
import type { Effects } from "../effects.ts";
import { EXIT, UserError } from "../errors.ts";
import { appendText, makeFolder } from "../files.ts";
import { configFolder } from "../listing/key-store.ts";
import type { OutputFolder } from "../study/run-folder.ts";
import { type Argument, flag } from "./command.ts";

/** Must be typed: a config file gets passed around, and a variable stays set. */
export const allowArgument = {
  ...flag("run the custom code of others, after reading what the command says about it"),
  variable: null,
  outsideFile: true,
} as const satisfies Argument;

/** Code of a configuration: what it is, and where it can be read. */
interface Code {
  kind: "architecture" | "regularizer";
  name: string;
  digest: string;
  lines: number;
  file: string;
}

/** What a configuration would run; none for one that is made of what is built in. */
export function codeOfConfiguration(
  { arch, regs, source, regSource }: Configuration,
  sources: CustomSources,
  folder: string,
): Code[] {
  const architecture = parseArchitecture(arch);
  const { custom } = parseRegularizers(regs);
  const lines = (text: string) => text.trimEnd().split("\n").length;
  return [
    ...(source !== null && architecture.family === "custom"
      ? [
          {
            kind: "architecture" as const,
            name: customName(architecture),
            digest: source,
            lines: lines(sources.source!),
            file: join(folder, SOURCE_FILES.source),
          },
        ]
      : []),
    ...(regSource !== null && custom !== null
      ? [
          {
            kind: "regularizer" as const,
            name: customName(custom),
            digest: regSource,
            lines: lines(sources.regSource!),
            file: join(folder, SOURCE_FILES.regSource),
          },
        ]
      : []),
  ];
}

/** What the folders' configurations would run. */
export function codeOfFolders(folders: readonly OutputFolder[]): Code[] {
  return folders.flatMap(({ path, configuration }) =>
    codeOfConfiguration(configuration, readSources(path, configuration), path),
  );
}

/**
 * Says what will run, if others wrote it.
 *
 * @param from such as `entry 0123... of https://example.org`; null: a folder.
 * @param allowed whether `--allow-custom-code` was given.
 * @returns SHA-256 of all that may run.
 * @throws UserError where code is not from this machine, and nobody allowed it.
 */
export function requirePermission(
  codes: readonly Code[],
  from: string | null,
  allowed: boolean,
  effects: Effects,
): string[] {
  const known = knownDigests(effects);
  const byDigest = new Map(codes.map((code) => [code.digest, code]));
  const foreign = [...byDigest.values()].filter(({ digest }) => !known.has(digest));
  const lines = foreign.map((code) => `  ${codeLine(code)}`);
  const origin = from === null ? "" : `, from ${from}`;
  if (foreign.length > 0 && !allowed)
    throw new UserError(
      [
        `This runs code that was not given by path on this machine${origin}:`,
        ...lines,
        "It would run with all your rights, and nobody but its author may know what it does. Read it;",
        "then, if you want it to run, add --allow-custom-code. Nothing has run.",
      ].join("\n"),
      EXIT.verification,
    );
  if (foreign.length > 0)
    effects.err(`${[`Running code of others${origin}, as allowed:`, ...lines].join("\n")}\n`);
  return [...byDigest.keys()];
}

/** In words. */
export function codeLine({ kind, name, digest, lines, file }: Code): string {
  return `${kind} ${name}, ${lines} lines, SHA-256 ${digest}, in ${file}`;
}

const knownFile = (effects: Pick<Effects, "env">) =>
  join(configFolder(effects.env), "own-code.txt");

function knownDigests(effects: Pick<Effects, "env">): Set<string> {
  try {
    const lines = readFileSync(knownFile(effects), "utf8").split("\n");
    return new Set(lines.map((line) => line.split(" ")[0]!));
  } catch {
    return new Set(); // without the list, everything is asked for
  }
}

/** Notes code that was given by path; where the config folder cannot be written, says what follows. */
export function rememberCode(
  files: readonly { file: string; digest: string }[],
  effects: Effects,
): void {
  const known = knownDigests(effects);
  const fresh = files.filter(({ digest }) => !known.has(digest));
  if (fresh.length === 0) return;
  const list = knownFile(effects);
  try {
    makeFolder(configFolder(effects.env), 0o700);
    const lines = fresh.map(
      ({ digest, file }) =>
        `${digest}  ${JSON.stringify(file)} ${new Date(effects.now()).toISOString()}\n`,
    );
    appendText(list, lines.join(""));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    effects.err(
      `${list} cannot be written (${error.message}), so \`rademark resume\` will ask for --allow-custom-code.\n`,
    );
  }
}
