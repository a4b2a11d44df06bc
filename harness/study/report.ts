/** @file `rademark report`: from an output folder to a file that opens in any browser. */

import { accessSync, constants, existsSync, statSync } from "node:fs";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { spawn } from "node:child_process";
import { UserError } from "../errors.ts";
import { makeFolder, writeAtomic } from "../files.ts";
import { reportPage } from "./report-page.ts";
import { readStudy } from "./trained.ts";
import { trainingPictures } from "./training-pictures.ts";

interface ReportOptions {
  /** A file, or a folder for a `report.html`; the folder of the run or sweep unless given. */
  out?: string | null;
  /** Show it in a browser, where there is one. */
  open?: boolean;
  /** Milliseconds of a wall clock, written into the header. */
  now?: number;
}

const NAME = "report.html";

/**
 * Writes `report.html` into the folder of a run or a sweep, or where it is asked for, every number recomputed from counts;
 * with training images where `--save per-sample` tells which of them heads know.
 *
 * @returns its absolute path.
 * @throws UserError for a path that is no output folder, and for damaged or edited files.
 */
export async function writeReport(
  folder: string,
  { out = null, open = false, now = Date.now() }: ReportOptions = {},
): Promise<string> {
  const study = readStudy(folder);
  const isSaved = study.configurations.some(({ folder }) =>
    folder.configuration.save.includes("per-sample"),
  );
  const pictures = isSaved ? await trainingPictures(study.protocol) : null;
  const page = reportPage(study, { madeAt: now, pictures });
  const path = placeOf(resolve(folder), out);
  writeAtomic(path, page);
  if (open) openInBrowser(path);
  return path;
}

/** A path that ends with a slash is a folder, there or not; folders above are made. */
function placeOf(folder: string, out: string | null): string {
  if (out === null) return join(folder, NAME);
  const isFolder = /[/\\]$/.test(out) || statSync(out, { throwIfNoEntry: false })?.isDirectory();
  const path = isFolder ? join(resolve(out), NAME) : resolve(out);
  makeFolder(dirname(path));
  if (dirname(path) !== folder || basename(path) === NAME || !existsSync(path)) return path;
  throw new UserError(`--out ${path}: is a file of the run itself. Choose another name.`);
}

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
