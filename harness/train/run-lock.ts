/** @file Lets one process at a time, on whatever host, write into an output folder; one that lost its lock cannot. */

import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import {
  type FileLock,
  LockedError,
  TIMES,
  holdsLock,
  takeLock,
  whoHolds,
} from "../../setup/lock/file-lock.mjs";
import { EXIT, UserError } from "../errors.ts";
import { explainDisk, fence, isDraft } from "../files.ts";

/** Name of the lock within its folder. */
export const LOCK_FILE = ".lock";

export interface Lock {
  /** Identifies this lock among all of its folder; a worker gets it, and writes only while that lock is held. */
  token: string;
  /** Records the training workers that write into the folder. */
  noteWorkers: (pids: number[]) => void;
  release(): void;
}

export interface LockOptions {
  /** Milliseconds that another process gets to release the folder before it counts as in use. */
  patience?: number;
  /** The same for the workers of a dead parent, which notice at the end of their step. */
  workerPatience?: number;
  /** Called with one line when the wait is more than a moment. */
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
      `${folder} is in use by ${who}. Wait for it, or stop it; if it has died, its lock expires within ${STALE}.`,
    );
    this.who = who;
  }
}

const STALE = `${(TIMES.stale + TIMES.watch) / 1000} seconds`;

/**
 * Locks a folder for this process. Another process may take it over when it has seen no heartbeat of this one for a
 * minute; from then on this process writes nothing below it. Removes what one that was killed had begun to write.
 *
 * @throws FolderInUse when another process does not release it.
 */
export async function lockFolder(folder: string, options: LockOptions = {}): Promise<Lock> {
  const lock = await take(folder, options);
  const unfence = fence(folder, () => lock.isHeld());
  removeDrafts(folder);
  return {
    token: lock.token,
    noteWorkers: (pids) => lock.noteWorkers(pids),
    release() {
      unfence();
      lock.release();
    },
  };
}

/** Runs `work` while holding a folder's lock. */
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

/** For a process that writes on behalf of a folder's holder: its writes fail once the holder has lost the lock. */
export function fenceFolder(folder: string, token: string): () => void {
  return fence(folder, () => holdsLock(join(folder, LOCK_FILE), token));
}

/**
 * Below `seeds/` the holder alone writes; a sweep's other folders have locks of their own. In the folder itself the report
 * is written without the lock. Where nothing can be removed, the next write says why.
 */
function removeDrafts(folder: string): void {
  const seeds = join(folder, "seeds");
  try {
    const here = readdirSync(folder).filter((name) => DRAFT_UNDER_LOCK.test(name));
    const below = existsSync(seeds)
      ? readdirSync(seeds, { recursive: true, encoding: "utf8" })
      : [];
    const drafts = below.filter((path) => isDraft(basename(path)));
    for (const path of [...here, ...drafts.map((path) => join("seeds", path))])
      rmSync(join(folder, path), { recursive: true, force: true });
  } catch {
    // see above
  }
}

/** `.NAME.PID.tmp`. */
const DRAFT_UNDER_LOCK = /^\.(?!report\.html\.).+\.\d+\.tmp$/;

async function take(folder: string, { onWait, ...options }: LockOptions): Promise<FileLock> {
  const path = join(folder, LOCK_FILE);
  try {
    return await takeLock(path, {
      ...options,
      onWait: (who) => onWait?.(`${folder} is in use by ${who}: waiting until it is released.`),
    });
  } catch (error) {
    if (error instanceof LockedError) throw new FolderInUse(folder, error.who);
    if (options.signal?.aborted) throw new UserError("Interrupted.", EXIT.interrupted);
    throw explainDisk(error, path);
  }
}
