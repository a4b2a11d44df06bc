/** @file How a command is typed where this process was started. */

import { dirname, relative } from "node:path";
import type { Effects } from "./effects.ts";

/** `rademark ARGS`, or the npm script that stands for it in a checkout. */
export function commandLine(args: string, { env }: Pick<Effects, "env">): string {
  const script = env.npm_lifecycle_event;
  return script === "rademark"
    ? `npm ${prefixOption(env)}run -s rademark -- ${args}`
    : `rademark ${args}`;
}

/** From outside the checkout, npm finds the script by `--prefix` alone. */
function prefixOption({ npm_package_json: manifest, INIT_CWD: from }: Effects["env"]): string {
  if (!manifest || !from) return "";
  const checkout = dirname(manifest);
  const isOutside = /^\.\.(\/|$)/.test(relative(checkout, from));
  return isOutside ? `--prefix ${quoted(checkout)} ` : "";
}

/** A command as it was typed, to be typed again: its server, its key and all. */
export function typedLine(typed: readonly string[], effects: Pick<Effects, "env">): string {
  const words = typed.map(quoted);
  if (effects.env.npm_lifecycle_event !== "start") return commandLine(words.join(" "), effects);
  const more = words.slice(1);
  return ["npm start", ...(more.length > 0 ? ["--", ...more] : [])].join(" ");
}

/** The word as a POSIX shell reads it, quoted where it must be. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The command that continues an interrupted folder. */
export function resumeLine(folder: string, effects: Pick<Effects, "env" | "cwd">): string {
  if (effects.env.npm_lifecycle_event === "start") return "npm start";
  const near = relative(effects.cwd, folder) || ".";
  return commandLine(`resume ${near.startsWith("..") ? folder : near}`, effects);
}
