/** @file Asks a worker to try custom code before anything is trained: this process never runs it. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Configuration } from "../../record/configuration.ts";
import type { Protocol } from "../../record/protocols.ts";
import { type CustomSources, writeSources } from "../custom-sources.ts";
import { EXIT, UserError } from "../errors.ts";
import { onDisk, writeJsonAtomic } from "../files.ts";
import type { FileNames } from "../train/custom-parts.ts";
import type { InspectionMessage } from "../train/messages.ts";
import { WorkerProcess } from "./pool.ts";

/** A configuration with code of its own; its taps may be null, those that the code declares. */
export interface Inspectable {
  configuration: Configuration;
  protocol: Protocol;
  sources: CustomSources;
  /** As the files are called in messages. */
  files: FileNames;
}

/** Seconds until an endless loop is called one. */
const LIMITS = { load: 20, try: 300 };

const DONE = { load: "loaded", try: "built, computed and recorded on a few images" } as const;

export interface Inspectors {
  /** Path of the worker's entry module. */
  module: string;
  /** Ends everything at once. */
  interrupted: AbortSignal;
  variables: Record<string, string>;
  limits?: typeof LIMITS;
}

/**
 * Tries one after the other in one worker.
 *
 * @yields what was found of each, or what is wrong with its code.
 * @throws UserError when it is interrupted.
 */
export async function* inspections(
  wanted: Iterable<Inspectable>,
  { module, interrupted, variables, limits = LIMITS }: Inspectors,
): AsyncGenerator<InspectionMessage | UserError> {
  const folder = onDisk(() => mkdtempSync(join(tmpdir(), "rademark-inspect-")));
  let worker: WorkerProcess | null = null;
  const kill = () => worker?.kill();
  interrupted.addEventListener("abort", kill);
  try {
    for (const each of wanted) {
      if (worker?.alive === false) await worker.close();
      if (!worker?.alive) worker = new WorkerProcess(module, each.configuration.threads, variables);
      const found = await ask(worker, each, folder, limits);
      if (interrupted.aborted) throw new UserError("Interrupted.", EXIT.interrupted);
      yield found;
    }
  } finally {
    interrupted.removeEventListener("abort", kill);
    await worker?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ask(
  worker: WorkerProcess,
  { configuration, protocol, sources, files }: Inspectable,
  folder: string,
  limits: typeof LIMITS,
): Promise<InspectionMessage | UserError> {
  writeJsonAtomic(join(folder, "protocol.json"), protocol);
  writeSources(folder, sources);
  writeJsonAtomic(join(folder, "config.json"), configuration);
  const { source, regSource } = configuration;
  const code = [source, regSource].filter((digest) => digest !== null);
  const names = [files.source, files.regSource].filter((file) => file !== null).join(" or ");
  let found: InspectionMessage | null = null;
  let late: UserError | null = null;
  const watch = (stage: keyof typeof LIMITS) =>
    setTimeout(() => {
      late = new UserError(
        `${names}: not ${DONE[stage]} after ${limits[stage]} s: is there an endless loop? Nothing was trained.`,
      );
      worker.kill();
    }, limits[stage] * 1000);
  let timer: NodeJS.Timeout | undefined;
  const end = await worker.run(
    { type: "inspect", folder, code, files },
    {
      onProgress(message) {
        if (message.type === "inspected") found = message;
        if (message.type !== "inspecting") return;
        clearTimeout(timer);
        timer = watch(message.stage);
      },
      onLog: () => undefined,
    },
  );
  clearTimeout(timer);
  if (late) return late;
  if (end.type === "failed") return new UserError(end.message, end.exitCode);
  return found ?? new UserError(`${names}: its inspection was stopped.`, EXIT.interrupted);
}
