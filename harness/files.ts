/** @file Files that are either complete or absent, whatever happens while they are written. */

import {
  appendFileSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import type { z } from "zod";
import { problemLine, problemText, schemaProblems } from "../record/problem.ts";
import { readStrictJson } from "../record/strict-json.ts";
import { makeFolders } from "../setup/shared/folder.mjs";
import { systemErrorWords } from "../setup/shared/system-error.mjs";
import { EXIT, UserError } from "./errors.ts";

/**
 * Writes a file through a temporary one in the same folder (fsync, then rename), so that a reader
 * at any moment, or one after a kill, finds the old content or the new, never a part.
 *
 * @param mode of a file that holds a secret, such as 0o600; it is never readable by others, not even half-written.
 * @throws UserError for what a person can fix: a full disk, a folder without write permission.
 */
export function writeAtomic(path: string, content: string | Uint8Array, mode?: number): void {
  throughDraft(path, content, mode, (draft) => renameSync(draft, path));
}

/** Writes JSON with two spaces of indent and a last newline. */
export function writeJsonAtomic(path: string, value: unknown, mode?: number): void {
  writeAtomic(path, jsonText(value), mode);
}

/**
 * The same for a file that must not exist yet. A hard link to the complete draft, unlike a check before the write, lets
 * only one of two processes be first.
 *
 * @returns false when it exists already; then it is left unchanged.
 */
export function writeNewJson(path: string, value: unknown, mode?: number): boolean {
  let isNew = true;
  throughDraft(path, jsonText(value), mode, (draft) => {
    try {
      linkSync(draft, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      isNew = false;
    }
  });
  return isNew;
}

/** Appends to a file. @throws UserError as above. */
export function appendText(path: string, text: string): void {
  try {
    requireFences(path);
    appendFileSync(path, text);
  } catch (error) {
    throw explainDisk(error, path);
  }
}

/** For each folder, whether this process may still write below it. */
const fences = new Map<string, Set<() => boolean>>();

/**
 * Nothing below a folder is written once `isOpen` returns false; it is called right before a file gets its name.
 *
 * @returns a function that removes the fence.
 */
export function fence(folder: string, isOpen: () => boolean): () => void {
  const around = fences.get(folder) ?? new Set();
  fences.set(folder, around.add(isOpen));
  return () => {
    around.delete(isOpen);
    if (around.size === 0 && fences.get(folder) === around) fences.delete(folder);
  };
}

/** @throws UserError when a folder around the path has been taken over by another process. */
export function requireFences(path: string): void {
  for (const [folder, around] of fences)
    if (path === folder || path.startsWith(`${folder}${sep}`))
      for (const isOpen of around)
        if (!isOpen())
          throw new UserError(
            `${folder} was taken over by another process, because this one had been suspended or cut off. ` +
              "Nothing more was written. Once the other has ended, resume the folder.",
            EXIT.runFailed,
          );
}

/**
 * Makes a folder and those above it.
 *
 * @throws UserError when it cannot be made.
 */
export function makeFolder(path: string, mode?: number): void {
  onDisk(() => makeFolders(path, mode));
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

/**
 * A document of ours, or null where there is no such file.
 *
 * @throws UserError when its schema refuses it, naming every field.
 */
export function readDocument<T extends z.ZodType>(path: string, schema: T): z.output<T> | null {
  const document = readJson(path);
  if (document === null) return null;
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(parsed.error, document).map((each) => `  ${problemLine(each)}`);
  throw new UserError([`${path} is damaged:`, ...problems].join("\n"), EXIT.verification);
}

/**
 * JSON that a person wrote: UTF-8, with or without a byte order mark, every member once, no digits lost.
 *
 * @param shown the file's name in messages.
 * @throws UserError when it is missing, or is something else.
 */
export function readGivenJson(path: string, shown: string): unknown {
  let bytes;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw new UserError(`${shown}: there is no such file`, EXIT.usage, { cause: error });
    throw explainDisk(error, path);
  }
  if (UTF_16.some((mark) => bytes.subarray(0, 2).equals(mark)))
    throw new UserError(`${shown}: is UTF-16; save it as UTF-8`);
  const json = readStrictJson(bytes.subarray(0, 3).equals(UTF_8) ? bytes.subarray(3) : bytes);
  if (json.ok) return json.value;
  throw new UserError(`${shown}: ${problemText(json.problem)}`);
}

/** Byte order marks, as some editors write them first. */
const UTF_8 = Buffer.from([0xef, 0xbb, 0xbf]);
const UTF_16 = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];

/** @param publish gives the complete draft its name. */
function throughDraft(
  path: string,
  content: string | Uint8Array,
  mode: number | undefined,
  publish: (draft: string) => void,
): void {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    requireFences(path);
    if (mode !== undefined) rmSync(draft, { force: true });
    const file = mode === undefined ? openSync(draft, "w") : openSync(draft, "wx", mode);
    try {
      writeWhole(file, typeof content === "string" ? Buffer.from(content) : content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    requireFences(path);
    publish(draft);
  } catch (error) {
    throw explainDisk(error, path);
  } finally {
    discard(draft);
  }
}

/** Is it the name of a file that was being written? One that stays was left by a process that was killed. */
export function isDraft(name: string): boolean {
  return name.startsWith(".") && name.endsWith(".tmp");
}

/** If a draft cannot be removed, the reason has already been reported. */
function discard(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // see above
  }
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** One call may write less than asked for, especially to a nearly full disk. */
function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;)
    done += writeSync(file, bytes, done, bytes.length - done);
}

/**
 * Runs a body that uses files, and turns the system's errors into UserErrors.
 *
 * @param place the path as a person knows it, where the system's error would name none, or a draft.
 */
export function onDisk<T>(body: () => T, place?: string): T {
  try {
    return body();
  } catch (error) {
    throw explainDisk(error, place);
  }
}

/** Turns an error of the system into a UserError with words for it; any other error passes unchanged. */
export function explainDisk(error: unknown, place?: string): unknown {
  if (error instanceof UserError) return error;
  const words = systemErrorWords(error, { place });
  return words === null ? error : new UserError(words, EXIT.runFailed, { cause: error });
}
