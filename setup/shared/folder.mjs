/** @file Makes a folder and those above it. (Node's own recursive mkdir never returns from below /proc.) */

import fs from "node:fs";
import path from "node:path";

/**
 * Makes a folder and those above it, unless they exist.
 *
 * @param {string} folder
 * @param {number} [mode] of the folders that are made
 * @throws what the system says
 */
export function makeFolders(folder, mode) {
  const found = stat(folder);
  if (found !== null) {
    if (!found.isDirectory()) throw inTheWay(folder);
    return;
  }
  if (path.dirname(folder) !== folder) makeFolders(path.dirname(folder), mode);
  try {
    fs.mkdirSync(folder, mode);
  } catch (error) {
    const isThere = error.code === "EEXIST" && stat(folder)?.isDirectory(); // another process may have made it just now
    if (!isThere) throw error;
  }
}

/** Null for what does not exist, and for a dangling link, which the attempt to make the folder reports. */
function stat(folder) {
  return fs.statSync(folder, { throwIfNoEntry: false }) ?? null;
}

function inTheWay(folder) {
  const message = `EEXIST: file already exists, mkdir '${folder}'`;
  return Object.assign(new Error(message), { code: "EEXIST", syscall: "mkdir", path: folder });
}
