/** @file Files that are either whole or not there, whatever happens while they are written. */

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { EXIT, UserError } from "./errors.ts";

/**
 * Writes a file through a temporary one in the same folder (fsync, then rename), so that a reader
 * or a kill at any moment meets the old content or the new, never a part.
 *
 * @param mode of a file that holds a secret, such as 0o600; it is never readable by others, not even half-written.
 * @throws UserError for what a person can mend: a full disk, a folder without write permission.
 */
export function writeAtomic(path: string, content: string | Uint8Array, mode?: number): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    if (mode !== undefined) rmSync(temporary, { force: true });
    const file = mode === undefined ? openSync(temporary, "w") : openSync(temporary, "wx", mode);
    try {
      writeWhole(file, typeof content === "string" ? Buffer.from(content) : content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw explainDisk(error, path);
  }
}

/** Writes JSON with two spaces of indent and a last newline. */
export function writeJsonAtomic(path: string, value: unknown, mode?: number): void {
  writeAtomic(path, `${JSON.stringify(value, null, 2)}\n`, mode);
}

/**
 * Makes a folder and those above it. (Node's own recursive way never returns from below /proc.)
 *
 * @throws UserError when it cannot be made.
 */
export function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(path).isDirectory()) return; // made by another process just now
    if (code === "ENOENT") throw new UserError(`${path}: no folder can be made there.`);
    throw explainDisk(error, path);
  }
}

/**
 * The parsed JSON of a file, or null where there is no such file.
 *
 * @throws UserError when the file is not JSON.
 */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    if (error instanceof SyntaxError)
      throw new UserError(
        `${path} is damaged (${error.message}). Put a copy of it back, or move it away.`,
        EXIT.verification,
        { cause: error },
      );
    throw explainDisk(error, path);
  }
}

/** One call may write less than asked for, above all to a nearly full disk. */
function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;)
    done += writeSync(file, bytes, done, bytes.length - done);
}

const reasons: Record<string, string> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EACCES: "there is no permission to use it",
  EPERM: "there is no permission to use it",
  EROFS: "the file system is read-only",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "a file of that name is in the way",
  EISDIR: "it is a folder, not a file",
  ENAMETOOLONG: "the name is too long for the file system",
};

/** Turns the system's error code into a sentence; an error that no person can mend passes unchanged. */
export function explainDisk(error: unknown, path: string): unknown {
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? ""];
  if (reason === undefined) return error;
  return new UserError(`${path}: ${reason}.`, EXIT.runFailed, { cause: error });
}
