/** @file How a command is typed where this process was started. */

import { relative } from "node:path";
import type { Effects } from "./effects.ts";

/** `rademark ARGS`, or the npm script that stands for it in a checkout. */
export function commandLine(args: string, { env }: Pick<Effects, "env">): string {
  const script = env.npm_lifecycle_event;
  return script === "rademark" ? `npm run -s rademark -- ${args}` : `rademark ${args}`;
}

/** The line that goes on with an interrupted folder. */
export function resumeLine(folder: string, effects: Pick<Effects, "env" | "cwd">): string {
  if (effects.env.npm_lifecycle_event === "start") return "npm start";
  const near = relative(effects.cwd, folder) || ".";
  return commandLine(`resume ${near.startsWith("..") ? folder : near}`, effects);
}
