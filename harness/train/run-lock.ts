/** @file One process at a time in an output folder, on whatever host; whoever has lost it writes nothing more. */

import { join } from "node:path";
import {
  type FileLock,
  LockedError,
  TIMES,
  holdsLock,
  takeLock,
  whoHolds,
} from "../../setup/lock/file-lock.mjs";
import { EXIT, UserError } from "../errors.ts";
import { explainDisk, fence } from "../files.ts";

/** Name of the lock within its folder. */
export const LOCK_FILE = ".lock";

export interface Lock {
  /** Tells this lock from any other of its folder: a worker is told it and holds its writes against it. */
  token: string;
  /** Notes the training workers that write into the folder. */
  noteWorkers: (pids: number[]) => void;
  release(): void;
}

export interface LockOptions {
  /** Milliseconds that another process may take to leave before the folder counts as in use. */
  patience?: number;
  /** The same for the workers of a dead parent, which notice at the end of their step. */
  workerPatience?: number;
  /** Hears one line about a wait that is more than a moment. */
  onWait?: (line: string) => void;
  /** Ends the wait. */
  signal?: AbortSignal;
  times?: typeof TIMES;
}

/** A folder that another process is using. */
export class FolderInUse extends UserError {
  /** Such as `process 12 on node3`. */
  readonly who: string;

  constructor(folder: string, who: string) {
    super(
      `${folder} is in use by ${who}. Wait for it, or stop it; one that has died is followed within ${STALE}.`,
    );
    this.who = who;
  }
}

const STALE = `${(TIMES.stale + TIMES.watch) / 1000} seconds`;

/**
 * Takes a folder for this process. From then on nothing below it is written that comes after another process has
 * taken it over, as one may that has seen no heartbeat of this one for a minute.
 *
 * @throws FolderInUse when another process keeps it.
 */
export async function lockFolder(folder: string, options: LockOptions = {}): Promise<Lock> {
  const lock = await take(folder, options);
  const unfence = fence(folder, () => lock.isHeld());
  return {
    token: lock.token,
    noteWorkers: (pids) => lock.noteWorkers(pids),
    release() {
      unfence();
      lock.release();
    },
  };
}

/** Does something while holding a folder. */
export async function withFolder<T>(
  folder: string,
  options: LockOptions,
  work: () => T | Promise<T>,
): Promise<T> {
  const lock = await lockFolder(folder, options);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** The process that seems to be writing into a folder, such as `process 12 on node3`; null where none does. */
export function writerOf(folder: string): string | null {
  return whoHolds(join(folder, LOCK_FILE));
}

/** For a process that writes for the holder of a folder: its writes end with the holder's right to them. */
export function fenceFolder(folder: string, token: string): () => void {
  return fence(folder, () => holdsLock(join(folder, LOCK_FILE), token));
}

async function take(folder: string, { onWait, ...options }: LockOptions): Promise<FileLock> {
  const path = join(folder, LOCK_FILE);
  try {
    return await takeLock(path, {
      ...options,
      onWait: (who) => onWait?.(`${folder} is in use by ${who}: waiting for it, or for its end.`),
    });
  } catch (error) {
    if (error instanceof LockedError) throw new FolderInUse(folder, error.who);
    if (options.signal?.aborted) throw new UserError("Interrupted.", EXIT.interrupted);
    throw explainDisk(error, path);
  }
}
