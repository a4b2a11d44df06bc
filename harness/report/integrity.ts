/** @file Is a folder what it was when training finished? Digests decide; derived files are only compared. */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { EXIT, UserError } from "../errors.ts";
import { readJson } from "../files.ts";
import { MANIFEST_FILE } from "../sweep/manifest.ts";

const Manifest = z.object({ files: z.array(z.object({ path: z.string(), sha256: z.string() })) });

/**
 * Holds files against manifest.json; a folder without one is not finished, and there is nothing to hold.
 *
 * @param paths relative to the folder, with `/`; those that do not exist are passed over.
 * @throws UserError naming the first file whose bytes have changed.
 */
export function checkDigests(folder: string, paths: readonly string[]): void {
  const document = readJson(join(folder, MANIFEST_FILE));
  if (document === null) return;
  const parsed = Manifest.safeParse(document);
  if (!parsed.success)
    throw new UserError(
      `${join(folder, MANIFEST_FILE)} is damaged: no list of files.`,
      EXIT.verification,
    );
  const digests = new Map(parsed.data.files.map(({ path, sha256 }) => [path, sha256]));
  for (const path of paths) {
    const file = join(folder, path);
    if (!existsSync(file)) continue;
    const digest = createHash("sha256").update(readFileSync(file)).digest("hex");
    if (digest === digests.get(path)) continue;
    throw new UserError(
      `${file} was changed after training finished: its SHA-256 is not the one in ${MANIFEST_FILE}. ` +
        "Restore it, or delete it and go on with `rademark resume`.",
      EXIT.verification,
    );
  }
}

/** Path of the first member in which two JSON values differ, such as `summary.gap.mean`; null for none. */
export function firstDifference(a: unknown, b: unknown, path = ""): string | null {
  if (a === b) return null;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null)
    return path || "(top)";
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [left, right] = [
      (a as Record<string, unknown>)[key],
      (b as Record<string, unknown>)[key],
    ];
    const found = firstDifference(left, right, path === "" ? key : `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}
