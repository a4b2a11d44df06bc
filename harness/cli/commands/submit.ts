/** @file `rademark submit DIR` */

import { resolve } from "node:path";
import { createClient } from "../../listing/client.ts";
import { ENTRY, fullId } from "../../listing/full-id.ts";
import { EXIT, type ExitCode, UserError } from "../../errors.ts";
import { deliver, deliverQueue } from "../../listing/delivery.ts";
import { createKeyring, signerOf } from "../../listing/signer.ts";
import { requireListable } from "../../listing/submission.ts";
import { withFolder } from "../../train/run-lock.ts";
import { type OutputFolder } from "../../study/run-folder.ts";
import { openFolders } from "../../study/sweep-folder.ts";
import {
  commonArguments,
  defineCommand,
  flag,
  outputFolderArgument,
  signingArguments,
  supersedesArgument,
} from "../command.ts";
import { createDeliveryReport, sayWhatBecomesPublic } from "../deliveries.ts";
import type { Effects } from "../../effects.ts";
import { printPreview } from "../printed-preview.ts";

interface SubmitOptions {
  key: string | null;
  api: string;
  supersedes: string | null;
}

export const command = defineCommand({
  meta: {
    details:
      "First checks everything that the server will check. Submitting the same folder again sends the same\n" +
      "bytes. When no rademark server answers, the signed statement waits in a queue (exit code 4) until one\n" +
      "lists it or refuses it for good; --queued sends everything in the queue. --dry-run prints exactly what\n" +
      "would become public, and sends nothing. That includes the source of custom code, which is published\n" +
      "under this project's licence (MIT).",
    examples: [
      "rademark submit runs/a --dry-run",
      "rademark submit runs/grid --key work --api https://example.org",
      "rademark submit --queued",
    ],
  },
  args: {
    folder: { ...outputFolderArgument, fallback: null },
    queued: flag("send what could not be sent before"),
    dryRun: flag("print what would become public; send nothing"),
    supersedes: supersedesArgument,
    ...signingArguments,
    ...commonArguments,
  },
  async run({ folder, queued, dryRun, key, api, supersedes: replaced }, effects) {
    if ((folder === null) !== queued)
      throw new UserError("give either the folder to submit or --queued.");
    if (queued) return sendQueue(dryRun, effects);
    const folders = openFolders(resolve(effects.cwd, folder!));
    if (replaced !== null && folders.length > 1)
      throw new UserError("--supersedes goes with the folder of one configuration.");
    const client = createClient({ api });
    const supersedes = replaced && (await fullId(replaced.id, client, ENTRY, effects));
    const options: SubmitOptions = { key, api, supersedes };
    return dryRun ? preview(folders, options, effects) : send(folders, options, effects);
  },
});

async function sendQueue(dryRun: boolean, effects: Effects): Promise<ExitCode> {
  if (dryRun) throw new UserError("--dry-run goes with a folder, not with --queued.");
  const report = createDeliveryReport(effects);
  try {
    const waited = await deliverQueue((api) => createClient({ api }), report, effects);
    if (waited === 0) effects.err("Nothing waits to be sent.\n");
  } finally {
    report.sayWhatWaits();
  }
  return report.exitCode();
}

async function preview(
  folders: OutputFolder[],
  { key, api, supersedes }: SubmitOptions,
  effects: Effects,
): Promise<ExitCode> {
  for (const folder of folders) {
    requireListable(folder);
    const signer = signerOf(folder.path, key, effects);
    await printPreview(folder, signer, { api, supersedes }, effects);
  }
  return EXIT.ok;
}

/** The refusal of one folder does not stop the others. */
async function send(
  folders: OutputFolder[],
  { key, api, supersedes }: SubmitOptions,
  effects: Effects,
): Promise<ExitCode> {
  const client = createClient({ api });
  const keyring = createKeyring(effects);
  const report = createDeliveryReport(effects);
  const waits = { onWait: (line: string) => effects.err(`${line}\n`) };
  try {
    for (const folder of folders)
      try {
        requireListable(folder);
        const signer = keyring.of(folder.path, key);
        const send = () => deliver(folder, client, signer, supersedes, effects);
        sayWhatBecomesPublic(folder, "submit", effects);
        report.onDelivery(await withFolder(folder.path, waits, send));
      } catch (error) {
        if (!(error instanceof UserError) || error.exitCode === EXIT.interrupted) throw error;
        if (folders.length === 1) throw error;
        report.onRefusal(error);
      }
  } finally {
    report.sayWhatWaits();
  }
  return report.exitCode();
}
