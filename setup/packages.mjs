/** @file The npm packages: installed beside node_modules, then put in its place in one step. */

import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { requireNode } from "./node.mjs";
import { installInto, isForHere, lockedPackages } from "./npm.mjs";
import { makeFolders } from "./shared/folder.mjs";

const stampFile = (root) => `${root}/node_modules/.rademark-stamp`;

/** What the stamp holds when node_modules was installed for this lock file and this platform. */
function expectedStamp(root) {
  const digest = crypto.createHash("sha256").update(fs.readFileSync(`${root}/package-lock.json`));
  return `${process.platform}-${process.arch} ${digest.digest("hex")}\n`;
}

/**
 * True when node_modules holds what package-lock.json asks for. Packages that a developer
 * installed with npm itself are taken over instead of installed again.
 */
export function arePackagesReady(root) {
  const expected = expectedStamp(root);
  if (fs.existsSync(stampFile(root))) {
    if (fs.readFileSync(stampFile(root), "utf8") === expected) return true;
  }
  if (!matchesLock(root)) return false;
  fs.writeFileSync(stampFile(root), expected);
  return true;
}

/** Compares npm's own note of what it installed (written last) with the lock file. */
function matchesLock(root) {
  const noteFile = `${root}/node_modules/.package-lock.json`;
  if (!fs.existsSync(noteFile)) return false;
  const noted = JSON.parse(fs.readFileSync(noteFile, "utf8")).packages;
  return Object.entries(lockedPackages(root)).every(([name, locked]) =>
    noted[name] ? noted[name].version === locked.version : !isForHere(locked),
  );
}

/**
 * `npm ci` in a folder of its own, then two renames. An interrupted install leaves the old
 * node_modules, or none. The caller holds the lock of the clone.
 * @param {import("./entry.mjs").Effects} effects
 */
export async function installPackages(root, effects) {
  const work = `${root}/.rademark`;
  for (const name of fs.readdirSync(work).filter((name) => name.endsWith(".partial"))) {
    await fs.promises.rm(path.join(work, name), { recursive: true, force: true, maxRetries: 3 });
  }
  const partial = `${work}/packages-${process.pid}.partial`;
  const replaced = `${work}/replaced-${process.pid}.partial`;
  fs.mkdirSync(partial);
  try {
    for (const name of ["package.json", "package-lock.json", ".npmrc"]) {
      if (fs.existsSync(`${root}/${name}`))
        fs.copyFileSync(`${root}/${name}`, `${partial}/${name}`);
    }
    await installInto(partial, effects);
    makeFolders(`${partial}/node_modules`);
    requireNode(partial);
    fs.writeFileSync(stampFile(partial), expectedStamp(partial));
    if (fs.existsSync(`${root}/node_modules`)) fs.renameSync(`${root}/node_modules`, replaced);
    fs.renameSync(`${partial}/node_modules`, `${root}/node_modules`);
  } finally {
    await fs.promises.rm(partial, { recursive: true, force: true, maxRetries: 3 });
    await fs.promises.rm(replaced, { recursive: true, force: true, maxRetries: 3 });
  }
}
