/** @file How far a program has come that tells nothing, by the bytes it has written. */

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

const EVERY_MILLISECONDS = 200;

/** Calls `report` with the folder's bytes again and again. @returns how to stop. */
export function watchFolder(folder: string, report: (bytes: number) => void): () => void {
  report(0);
  let watching = true;
  const look = async () => {
    const bytes = await folderBytes(folder);
    if (watching) report(bytes);
  };
  const timer = setInterval(() => void look(), EVERY_MILLISECONDS);
  return () => {
    watching = false;
    clearInterval(timer);
  };
}

/** Bytes of the files in a folder and below; files that vanish meanwhile count as nothing. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => {
      const file = await stat(join(parentPath, name)).catch(() => null);
      return file?.size ?? 0;
    });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
