/** @file The locks of a process's output folders: each is held only while a task of its folder needs it. */

import { type Lock, type LockOptions, lockFolder } from "../train/run-lock.ts";

export class RunLocks {
  readonly #options: LockOptions;
  /** By folder; `uses` counts the tasks that need it. */
  readonly #held = new Map<string, { lock: Promise<Lock>; uses: number }>();
  #workers: number[] = [];

  /** @param adopted a folder whose lock is held already, and stays held. */
  constructor(options: LockOptions, adopted: { folder: string; lock: Lock } | null = null) {
    this.#options = options;
    if (adopted) this.#held.set(adopted.folder, { lock: Promise.resolve(adopted.lock), uses: 1 });
  }

  /** @throws FolderInUse when another process holds it for longer than the patience, in milliseconds. */
  async take(folder: string, patience: number): Promise<Lock> {
    const lock = () => lockFolder(folder, { ...this.#options, patience });
    const entry = this.#held.get(folder) ?? { lock: lock(), uses: 0 };
    this.#held.set(folder, entry);
    entry.uses++;
    try {
      const held = await entry.lock;
      if (this.#workers.length > 0) held.noteWorkers(this.#workers);
      return held;
    } catch (error) {
      this.#held.delete(folder);
      throw error;
    }
  }

  /** Undoes one `take`. */
  async leave(folder: string): Promise<void> {
    const entry = this.#held.get(folder);
    if (!entry || --entry.uses > 0) return;
    this.#held.delete(folder);
    (await entry.lock).release();
  }

  /** Records the workers in every lock, because each serves one folder after the other. */
  noteWorkers(pids: number[]): void {
    this.#workers = pids;
    for (const { lock } of this.#held.values())
      void lock.then(
        (held) => held.noteWorkers(pids),
        () => undefined,
      );
  }

  /** Runs `work` while holding a folder's lock. */
  async while<T>(folder: string, patience: number, work: () => Promise<T>): Promise<T> {
    await this.take(folder, patience);
    try {
      return await work();
    } finally {
      await this.leave(folder);
    }
  }
}
