/** @file `rademark report`: from an output folder to a file that opens in any browser. */

import { join, resolve } from "node:path";
import { writeAtomic } from "../files.ts";
import { openInBrowser } from "./open-in-browser.ts";
import { reportPage } from "./page.ts";
import { readStudy } from "./study.ts";

export interface ReportOptions {
  /** Show it in a browser, where there is one. */
  open?: boolean;
  /** Milliseconds of a wall clock, written into the header. */
  now?: number;
}

/**
 * Writes `report.html` into the folder of a run or a sweep, every number recomputed from counts.
 *
 * @returns its absolute path.
 * @throws UserError for a path that is no output folder, and for damaged or edited files.
 */
export function writeReport(
  folder: string,
  { open = false, now = Date.now() }: ReportOptions = {},
) {
  const path = join(resolve(folder), "report.html");
  writeAtomic(path, reportPage(readStudy(folder), now));
  if (open) openInBrowser(path);
  return path;
}
