/** @file `rademark repro ID` */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { SOURCE_FILES, writeSources } from "../../custom-sources.ts";
import { createClient } from "../../listing/client.ts";
import { EXIT, type ExitCode, UserError } from "../../errors.ts";
import { ENTRY, fullId } from "../../listing/full-id.ts";
import { statementReference } from "../../listing/statement-reference.ts";
import { deliver } from "../../listing/delivery.ts";
import { type FetchedEntry, fetchEntry, openEntry } from "../../listing/fetched-entry.ts";
import { hasState, readState, writeState } from "../../listing/folder-state.ts";
import { type NamedSigner, signerOf } from "../../listing/signer.ts";
import { buildStatement } from "../../listing/submission.ts";
import { requireInstalled } from "../../study/installed-engine.ts";
import { withFolder } from "../../train/run-lock.ts";
import {
  type OutputFolder,
  type PlannedRun,
  isFinished,
  openFolder,
  requireOwnPlace,
} from "../../study/run-folder.ts";
import { trainWithChallenges } from "../training.ts";
import { typedLine } from "../../command-line.ts";
import {
  type Values,
  commonArguments,
  defineCommand,
  flag,
  signingArguments,
  text,
} from "../command.ts";
import { createDeliveryReport } from "../deliveries.ts";
import type { Effects } from "../../effects.ts";
import { lanesFor, parseSeeds, planOne, trainingArguments } from "../training-arguments.ts";
import {
  allowArgument,
  codeLine,
  codeOfConfiguration,
  requirePermission,
} from "../custom-permission.ts";
import { tried } from "../custom-files.ts";
import { requireTrainable } from "../readiness.ts";
import { printPreview } from "../printed-preview.ts";
import { type ReproducedNumbers, codeOf } from "../../../record/statement/result-problems.ts";
import type { Verdict } from "../../../record/statement/statements.ts";
import { formatFinePercent } from "../../format.ts";
import { type Column, formatTable } from "../../terminal-table.ts";
import { makeFolder } from "../../files.ts";

const args = {
  id: {
    summary: "id of the entry, or its address",
    placeholder: "ID",
    positional: true,
    read: statementReference,
  },
  out: {
    summary: "output folder (default repro-ID, shortened)",
    placeholder: "DIR",
    read: text,
    fallback: null,
  },
  dryRun: flag("say what would be trained, or what would become public; train and send nothing"),
  threads: trainingArguments.threads,
  jobs: trainingArguments.jobs,
  devices: trainingArguments.devices,
  allowCustomCode: allowArgument,
  ...signingArguments,
  ...commonArguments,
} as const;

export const command = defineCommand({
  meta: {
    details:
      "Fetches and checks the entry, takes a challenge of its own, trains the entry's panel and the fresh\n" +
      "seeds, and tests whether learned complexity, capacity and test accuracy are equal within a tolerance.\n" +
      "Only the fresh runs count, as panel runs can be copied. Signs and submits the verdict, whatever it is:\n" +
      "agree, disagree or inconclusive. Run it again to continue where it stopped.",
    examples: [
      "rademark repro ID --dry-run",
      "rademark repro ID --key work --out runs/repro",
      "rademark repro https://example.org/entries/ID --threads 1",
    ],
  },
  args,
  async run({ id: { id: given, api: named }, ...rest }, effects, typed) {
    requireInstalled(rest.engine);
    const values = { ...rest, ...lanesFor(rest, effects), api: named ?? rest.api };
    const { out, key, api, dryRun } = values;
    const client = createClient({ api });
    const id = await fullId(given, client, ENTRY, effects);
    const root = resolve(effects.cwd, out ?? `repro-${id.slice(0, 12)}`);
    const entry = (await keptEntry(root, id)) ?? (await fetchEntry(id, client));
    const signer = signerOf(root, key, effects);
    if (dryRun) return preview(root, entry, signer, values, effects);
    const plannedRun = plannedRunOf(entry, values);
    await askForCode(root, entry, plannedRun, values, effects);
    if (!hasState(root, "challenge") || !isFinished(openFolder(root)))
      await requireTrainable([plannedRun], values, effects); // before its seeds are committed to
    if (!hasState(root, "receipt")) await signer.unlock(); // before the training, not after it
    keepEntry(root, entry);
    const { folders, exitCode } = await trainWithChallenges(
      {
        ...{ root, plannedRuns: [plannedRun], many: false, typed },
        ...{ jobs: values.jobs, devices: values.devices, quiet: values.quiet },
        ...{ client, signerOf: () => signer, reproduces: id, renews: false },
        onRefused: (refusal) => {
          throw refusal;
        },
        onTrained: () => Promise.resolve(),
        again: typedLine(typed, effects),
      },
      effects,
    );
    if (exitCode !== EXIT.ok) return exitCode;
    const [folder] = folders as [OutputFolder];
    await printNumbers(folder, signer, effects);
    const report = createDeliveryReport(effects);
    const send = () => deliver(folder, client, signer, null, effects);
    report.onDelivery(await withFolder(folder.path, {}, send));
    report.sayWhatWaits();
    return report.exitCode();
  },
});

function plannedRunOf(
  { result, protocol }: FetchedEntry,
  { threads }: Pick<Values<typeof args>, "threads">,
): PlannedRun {
  const { arch, regs, source, regSource } = result;
  const choice = { arch, regs, ...codeOf(result), sources: { source, regSource } };
  const plannedRun = planOne(choice, protocol, {
    ...{ protocol: protocol.name, set: [], seeds: parseSeeds("panel"), limit: null },
    ...{ threads, save: [], measures: false, headInput: "rms", headLayers: 1, perClass: false },
  });
  return { ...plannedRun, data: null };
}

/**
 * An entry's own code is written into the folder, where it can be read, before anybody is asked whether it may run.
 *
 * @throws UserError unless it may, or if it does not work.
 */
async function askForCode(
  root: string,
  entry: FetchedEntry,
  plannedRun: PlannedRun,
  { api, allowCustomCode }: Pick<Values<typeof args>, "api" | "allowCustomCode">,
  effects: Effects,
): Promise<void> {
  const code = codeIn(plannedRun, root);
  if (code.length === 0) return;
  keepEntry(root, entry);
  writeSources(root, plannedRun.sources);
  requirePermission(code, `entry ${entry.id} of ${api}`, allowCustomCode, effects);
  if (existsSync(join(root, "config.json"))) return; // it has been tried
  const { source, regSource } = plannedRun.configuration;
  const named = (digest: string | null, file: string) => digest && join(root, file);
  const files = {
    source: named(source, SOURCE_FILES.source),
    regSource: named(regSource, SOURCE_FILES.regSource),
  };
  for await (const _ of tried([{ ...plannedRun, files }], effects));
}

const codeIn = ({ configuration, sources }: PlannedRun, root: string) =>
  codeOfConfiguration(configuration, sources, root);

async function preview(
  root: string,
  entry: FetchedEntry,
  signer: NamedSigner,
  values: Pick<Values<typeof args>, "api" | "threads">,
  effects: Effects,
): Promise<ExitCode> {
  const isTrained = hasState(root, "challenge") && isFinished(openFolder(root));
  if (isTrained) {
    await printPreview(openFolder(root), signer, { api: values.api, supersedes: null }, effects);
    return EXIT.ok;
  }
  const plannedRun = plannedRunOf(entry, values);
  const { configuration, protocol } = plannedRun;
  const code = codeIn(plannedRun, root);
  effects.out(
    [
      `Entry ${entry.id} holds: its signature, and its counts by every rule.`,
      `Would commit, as ${signer.publicKey}, to reproduce it: public from then on.`,
      ...code.map((each) => `Would run ${codeLine(each)}, after --allow-custom-code alone.`),
      `Would train ${configuration.arch} ${configuration.regs} on ${protocol.name}: ${protocol.panelSeeds.length} panel and ${protocol.freshSeeds} fresh seeds, into ${root}.`,
      "Nothing was sent or trained.\n",
    ].join("\n"),
  );
  return EXIT.ok;
}

async function printNumbers(
  folder: OutputFolder,
  signer: NamedSigner,
  { out }: Effects,
): Promise<void> {
  const built = await buildStatement(folder, signer.publicKey, null);
  if (built.kind === "reproduction") out(reproductionTable(built.numbers, built.statement.verdict));
}

/** Null where the folder holds no entry. @throws UserError when it holds another. */
async function keptEntry(folder: string, id: string): Promise<FetchedEntry | null> {
  const envelope = readState(folder, "entry");
  if (envelope === null) return null;
  const entry = await openEntry(envelope);
  if (entry.id === id) return entry;
  throw new UserError(`${folder} reproduces another entry, ${entry.id}. Choose another --out.`);
}

/** @throws UserError when the folder has something else in it. */
function keepEntry(folder: string, { envelope }: FetchedEntry): void {
  if (hasState(folder, "entry")) return;
  requireOwnPlace(folder);
  makeFolder(folder);
  writeState(folder, "entry", envelope);
}

const NAMES = {
  learnedComplexity: "learned complexity",
  capacity: "capacity",
  testAccuracy: "test accuracy",
} as const;

const columns: Column[] = [
  { title: "mean of", align: "left" },
  { title: "entry", align: "right" },
  { title: "your fresh runs", align: "right" },
  { title: "difference, 90 % interval", align: "right" },
  { title: "tolerance", align: "right" },
  { title: "", align: "left" },
];

const WORDS = { true: "agrees", false: "disagrees", null: "open" } as const;

const SENTENCES: Readonly<Record<Verdict, string>> = {
  agree: "Agrees: the interval of every difference lies inside the tolerance.",
  disagree:
    "Disagrees: the interval of a difference lies wholly outside the tolerance. Both numbers become public with " +
    "the verdict.",
  inconclusive:
    "Inconclusive: no difference lies wholly outside the tolerance, nor does every one lie inside; or runs diverged, " +
    "so that there is no mean.",
};

/** Both numbers of a reproduction, and what they say. */
export function reproductionTable(numbers: readonly ReproducedNumbers[], verdict: Verdict): string {
  const rows = numbers.map(({ quantity, entry, reproduction, difference, tolerance, agrees }) => {
    const say = formatFinePercent;
    return [
      NAMES[quantity],
      say(entry),
      say(reproduction && reproduction.mean),
      difference === null ? "-" : `${say(difference.low)} to ${say(difference.high)}`,
      say(tolerance),
      reproduction === null || entry === null ? "" : WORDS[`${agrees}`],
    ];
  });
  return `${formatTable(columns, rows)}${SENTENCES[verdict]}\n${tooNoisy(numbers)}`;
}

/** Empty where the entry can be confirmed. */
function tooNoisy(numbers: readonly ReproducedNumbers[]): string {
  const names = numbers.flatMap(({ quantity, tooNoisy }) => (tooNoisy ? [NAMES[quantity]] : []));
  if (names.length === 0) return "";
  return `The entry is too noisy to be confirmed with so few fresh seeds: its own runs spread too far in ${names.join(", ")}.\n`;
}
