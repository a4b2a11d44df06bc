/** @file A folder that is filled aside and put in place when it is complete, so that nobody is served half a site. */

import fs from "node:fs";
import path from "node:path";
import { explainFileErrors } from "./failure.mjs";
import { ROOT } from "./prepare.mjs";
import { makeFolders } from "./shared/folder.mjs";

/**
 * @param {string} target replaced when `fill` returns 0, untouched otherwise
 * @param {(folder: string) => Promise<number>} fill its folder is in the repository: Astro's own temporary files lie in
 *   it then, and two builds at a time do not meet
 * @returns {Promise<number>} what `fill` returned
 */
export async function replaceFolder(target, fill) {
  const draft = `${ROOT}/dist/site-${process.pid}`;
  try {
    const code = await fill(draft);
    if (code === 0) await explainFileErrors(path.dirname(target), async () => put(draft, target));
    return code;
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
}

/** Copied next to the target first where that is on another disk. */
function put(draft, target) {
  const [fresh, old] = [`${target}.new`, `${target}.old`];
  for (const left of [fresh, old, `${target}.sha256`])
    fs.rmSync(left, { recursive: true, force: true });
  makeFolders(path.dirname(target));
  fs.cpSync(draft, fresh, { recursive: true });
  if (fs.existsSync(target)) fs.renameSync(target, old);
  fs.renameSync(fresh, target);
  fs.rmSync(old, { recursive: true, force: true });
}
