/** @file Shows a file in the person's browser, where there is one. */

import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** macOS, WSL, Linux. */
const OPENERS = process.platform === "darwin" ? ["open"] : ["wslview", "xdg-open"];

/** True when a program was started for it; false where there is none, and the path has to be said. */
export function openInBrowser(path: string): boolean {
  const opener = OPENERS.map(onPath).find((found) => found !== null);
  if (!opener) return false;
  const child = spawn(opener, [path], { detached: true, stdio: "ignore" });
  child.on("error", () => undefined); // the path is printed in any case
  child.unref();
  return true;
}

function onPath(program: string): string | null {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const file = join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      continue;
    }
  }
  return null;
}
