/** @file A folder for half-done work beside its final place, gone again whatever happens. */

import { rmSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { onToldToEnd } from "../ending.ts";
import { EXIT, UserError } from "../errors.ts";
import { makeFolder } from "../files.ts";

/**
 * Makes a folder in `parent`, hands it to `use`, and removes it afterwards: on success, on failure, and when the
 * person interrupts. What a killed process left behind is removed by the next one on the same machine.
 *
 * @param use gets a signal that is aborted by an interrupt.
 * @throws UserError with the exit code of an interrupt after one.
 */
export async function withPartialFolder<T>(
  parent: string,
  use: (folder: string, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  makeFolder(parent);
  await removeOrphans(parent);
  const folder = await mkdtemp(join(parent, `${PREFIX}${hostname()}.${process.pid}.`));
  const interrupt = new AbortController();
  const onExit = () => rmSync(folder, { recursive: true, force: true });
  const unlisten = onToldToEnd(() => interrupt.abort());
  process.on("exit", onExit);
  try {
    return await use(folder, interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    throw new UserError("interrupted; nothing was kept", EXIT.interrupted, { cause: error });
  } finally {
    unlisten();
    process.off("exit", onExit);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const PREFIX = ".partial.";

/** Removes the folders of processes of this machine that are no more; others may share the file system. */
async function removeOrphans(parent: string): Promise<void> {
  const own = `${PREFIX}${hostname()}.`;
  for (const name of await readdir(parent)) {
    if (!name.startsWith(own)) continue;
    const pid = Number(name.slice(own.length).split(".")[0]);
    if (!isRunning(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
