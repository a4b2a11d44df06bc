/** @file The arguments of `run`, `sweep` and `validate`: everything that decides what is trained. */

import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import {
  type Arguments,
  type Values,
  commonArguments,
  flag,
  inGroup,
  jsonArgument,
  oneOf,
  someOfTwo,
  text,
  wholeNumber,
} from "./command.ts";
import { MOST_SEEDS, canonicalConfiguration } from "../../record/configuration.ts";
import { Protocol, namedProtocol } from "../../record/protocols.ts";
import { FORMER, isFormer } from "../../record/former-version.ts";
import { type Problem, RecordError, nameProblem, problemLine } from "../../record/problem.ts";
import { fieldProblems } from "../../record/protocol-fields.ts";
import { readDevices, visibleDevices } from "../study/devices.ts";
import { installedEngine } from "../study/installed-engine.ts";
import type { DataNote } from "../data/local/data-note.ts";
import type { PlannedRun } from "../study/run-folder.ts";
import {
  type OwnChoice,
  OwnFiles,
  learnTaps,
  readArchitectureWord,
  readRegularizerWords,
  tryRegularizers,
} from "./custom-files.ts";
import { rememberCode } from "./custom-permission.ts";
import type { Effects } from "../effects.ts";
import { deriveProtocol } from "../../record/derived-protocol.ts";
import { UserError } from "../errors.ts";
import { readGivenJson } from "../files.ts";

/** Reads a list and drops repeated items. */
const listOf = (separator: string, read: (item: string) => string) => (value: string) => [
  ...new Set(value.split(separator).map((item) => read(item.trim()))),
];

export const oneConfiguration = {
  arch: {
    summary: "architecture (rademark ls archs), or a file of one's own: ./my-net.ts",
    placeholder: "ARCH",
    read: readArchitectureWord,
  },
  reg: {
    summary: "regularizers, such as wd=0.005,dropout=0.5 or ./my-reg.ts=0.1 (rademark ls regs)",
    placeholder: "REGS",
    separator: ",",
    read: readRegularizerWords,
    fallback: "none",
  },
} as const satisfies Arguments;

export const manyConfigurations = {
  arch: {
    summary: "architectures, or files such as ./my-net.ts, separated by commas (rademark ls archs)",
    placeholder: "ARCH,ARCH",
    separator: ",",
    read: listOf(",", readArchitectureWord),
  },
  reg: {
    summary: 'regularizers, separated by semicolons: "none;wd=0.005;aug,rl=10" (default none)',
    placeholder: "REGS;REGS",
    separator: ";",
    read: listOf(";", readRegularizerWords),
    fallback: ["none"] as string[],
  },
} as const satisfies Arguments;

export const protocolArguments = {
  protocol: {
    summary:
      "protocol (rademark ls protocols), its id, or the path of a protocol.json (with --data: micro-1 unless given)",
    placeholder: "NAME",
    read: text,
    fallback: null,
  },
  data: {
    summary:
      "your own data: an image folder, a folder of .npy files, x-train.npy,y-train.npy,x-test.npy,y-test.npy, or a name (rademark data ls)",
    placeholder: "DIR|FILES|NAME",
    read: text,
    fallback: null,
  },
  set: {
    summary:
      "change a field of the protocol, such as epochs=5 (rademark ls fields); may be repeated",
    placeholder: "PATH=VALUE",
    repeat: true,
    read: text,
    fallback: [] as string[],
  },
} as const satisfies Arguments;

/** What `--help` adds about `--set`. */
export const SET_DETAILS = [
  "--set takes JSON or text, and makes a protocol of your own (micro-1+custom), which no server lists:",
  "  --set epochs=5 --set subset.perClass=100   5 epochs on 100 images of each class",
  "  --set subset=null                          all training images",
  `  --set 'heads=[{"n":100,"draws":2,"taps":"all"},{"n":10,"draws":1,"taps":"last"}]'`,
  "                                             two heads at every tap, for labels out of 100; one at the last",
  `  --set headline=10 --set 'heads=[{"n":10,"draws":2,"taps":"last"}]'`,
  "                                             headline numbers from labels out of 10; they take two draws",
].join("\n");

/** Of every command that trains for a board. */
export const measuresArgument = flag(
  "also take the measures of section 5 of docs/method.md: margin, norms, flatness, fit of noisy labels, ...",
);

export const trainingArguments = {
  ...protocolArguments,
  seeds: {
    summary: "panel, panel+3, 1,2 or 1-8 (default panel)",
    placeholder: "SEEDS",
    separator: ",",
    read: parseSeeds,
    fallback: parseSeeds("panel"),
  },
  limit: {
    summary: "stop after N epochs of the schedule; the result cannot be submitted",
    placeholder: "N",
    read: wholeNumber(1, 100_000),
    fallback: null,
  },
  threads: {
    summary: `threads of each run (default: all cores, ${availableParallelism()} here)`,
    placeholder: "N",
    read: wholeNumber(1, 1024),
    fallback: null,
  },
  jobs: {
    summary: "trainings at the same time (default 1, or one a device); never changes --threads",
    placeholder: "N",
    read: wholeNumber(1, 256),
    fallback: null,
  },
  devices: {
    summary: "GPUs to train on side by side, such as 0,1: indices or UUIDs (nvidia-smi -L)",
    placeholder: "GPU,GPU",
    separator: ",",
    read: readDevices,
    fallback: null,
  },
  save: {
    summary: "also keep features, per-sample, or both",
    placeholder: "WHAT",
    separator: ",",
    read: someOfTwo("features", "per-sample"),
    fallback: [] as ("features" | "per-sample")[],
  },
  measures: measuresArgument,
  ...inGroup("random-label heads that depart from the method (ablations; no board lists them)", {
    headInput: {
      summary: "what random-label heads read: rms or raw",
      placeholder: "INPUT",
      read: oneOf("rms", "raw"),
      fallback: "rms",
    },
    headLayers: {
      summary: "layers of a random-label head: 1 or 2",
      placeholder: "N",
      read: (value: string) => (oneOf("1", "2")(value) === "1" ? 1 : 2),
      fallback: 1,
    },
    perClass: flag("random-label heads per class"),
  } as const satisfies Arguments),
} as const satisfies Arguments;

export const outputArguments = {
  out: { summary: "output folder", placeholder: "DIR", read: text },
  json: jsonArgument,
  ...commonArguments,
} as const satisfies Arguments;

/** Seeds as a function of the panel, which only the protocol knows. */
export type SeedList = (panel: readonly number[]) => number[];

/**
 * Reads a list of seeds. `panel+K` is the panel and the K smallest seeds from 1 that are not in it.
 *
 * @throws UserError naming the part that is not understood.
 */
export function parseSeeds(text: string): SeedList {
  const parts = text.split(",").map((part) => parsePart(part.trim()));
  return (panel) => {
    const seeds = [...new Set(parts.flatMap((part) => part(panel)))];
    if (seeds.length <= MOST_SEEDS) return seeds;
    throw new UserError(`--seeds: ${text} is ${seeds.length} seeds; the most is ${MOST_SEEDS}.`);
  };
}

function parsePart(part: string): SeedList {
  const panel = /^panel(?:\+(\d{1,4}))?$/.exec(part);
  if (panel) return (seeds) => [...seeds, ...smallestOutside(seeds, Number(panel[1] ?? 0))];
  const range = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(part);
  if (!range) throw wrongPart(part);
  const first = Number(range[1]);
  const last = Number(range[2] ?? range[1]);
  if (last < first || last - first >= MOST_SEEDS) throw wrongPart(part);
  return () => Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function wrongPart(part: string): UserError {
  if (/^\d+(-\d+)?$/.test(part) && /\d{16}/.test(part))
    return new UserError(`"${part}": a seed has at most 15 digits`);
  return new UserError(
    `"${part}" is not a list of seeds; allowed: panel, panel+3, 1,2 or 1-8 (at most ${MOST_SEEDS})`,
  );
}

function smallestOutside(panel: readonly number[], count: number): number[] {
  const seeds: number[] = [];
  for (let seed = 1; seeds.length < count; seed++) if (!panel.includes(seed)) seeds.push(seed);
  return seeds;
}

/** How many trainings run at the same time, and on what. */
export interface Lanes {
  jobs: number;
  /** GPUs that the workers are spread over, as CUDA names them; null: a worker sees what this process sees. */
  devices: string[] | null;
}

/**
 * One training a device unless `--jobs` says more.
 *
 * @param before the number of jobs where neither is given.
 * @throws UserError without the CUDA engine, and where a device would have nothing to do.
 */
export function lanesFor(
  { jobs, devices }: Pick<Values<typeof trainingArguments>, "jobs" | "devices">,
  { env }: Pick<Effects, "env">,
  before = 1,
): Lanes {
  if (devices === null) return { jobs: jobs ?? before, devices: null };
  if (jobs !== null && jobs < devices.length)
    throw new UserError(
      `--jobs ${jobs} leaves some of the ${devices.length} --devices without work. Name fewer devices, or leave --jobs out.`,
    );
  const visible = visibleDevices(devices, installedEngine().engine, env);
  return { jobs: jobs ?? devices.length, devices: visible };
}

type TrainingValues = Omit<Values<typeof trainingArguments>, "jobs" | "devices">;

/**
 * One planned run for every pair of architecture and regularizers, by architecture first; pairs that would train the
 * same network are planned once. Files of code are read here and tried in a worker, without asking: they were given by path.
 *
 * @throws RecordError listing, for every pair, what does not go together.
 * @throws UserError for a file of code that does not work.
 */
export async function planGrid(
  archs: readonly string[],
  regs: readonly string[],
  values: Omit<TrainingValues, "data">,
  effects: Effects,
  data: { protocol: Protocol; note: DataNote } | null = null,
): Promise<PlannedRun[]> {
  const protocol = data?.protocol ?? chooseProtocol(values, effects);
  const own = new OwnFiles(effects);
  const plan = (arch: string, reg: string) => ({
    ...planOne(own.choice(arch, reg), protocol, values),
    data: data && data.note,
  });
  await learnTaps(archs, own, (arch) => plan(arch, "none"), effects);
  const plannedRuns = planPairs(archs, regs, plan);
  await tryRegularizers(plannedRuns, own, effects);
  rememberCode(own.all, effects);
  return plannedRuns;
}

function planPairs(
  archs: readonly string[],
  regs: readonly string[],
  plan: (arch: string, reg: string) => PlannedRun,
): PlannedRun[] {
  const plannedRuns = new Map<string, PlannedRun>();
  const problems = new Map<string, Problem>();
  for (const arch of archs)
    for (const reg of regs)
      try {
        const plannedRun = plan(arch, reg);
        plannedRuns.set(
          `${plannedRun.configuration.arch}+${plannedRun.configuration.regs}`,
          plannedRun,
        );
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        for (const problem of error.problems) problems.set(problemLine(problem), problem);
      }
  if (problems.size > 0) throw new RecordError([...problems.values()]);
  return [...plannedRuns.values()];
}

/** One configuration. @throws RecordError for what does not go together. */
export function planOne(
  { sources, ...choice }: OwnChoice,
  protocol: Protocol,
  values: Omit<TrainingValues, "data">,
): Omit<PlannedRun, "data"> {
  const { threads, limit, save, measures, headInput, headLayers, perClass } = values;
  const configuration = canonicalConfiguration(protocol, {
    ...choice,
    seeds: values.seeds(protocol.panelSeeds),
    threads: threads ?? availableParallelism(),
    engine: installedEngine().engine,
    limit,
    save,
    measures,
    ablations: { headInput, headLayers, perClass },
  });
  return { configuration, protocol, sources, choosesThreads: threads !== null };
}

/** @throws UserError naming the option, with every mistake. */
export function chooseProtocol(
  { protocol, set }: { protocol: string | null; set: string[] },
  effects: Pick<Effects, "cwd">,
): Protocol {
  if (protocol === null)
    throw new UserError(`--protocol is missing: ${protocolArguments.protocol.summary}`);
  return changed(chooseBase(protocol, effects), set, protocol);
}

/** @param named as `--protocol` names the base. @throws UserError naming every mistake of `--set`. */
export function changed(base: Protocol, set: readonly string[], named: string): Protocol {
  try {
    return blame("--set", () => deriveProtocol(base, set));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const all = `All fields, with what they hold and may hold: rademark ls fields --protocol ${named}`;
    throw new UserError(`${error.message}\n${all}`, error.exitCode, { cause: error });
  }
}

/** The protocol before `--set`. @throws UserError naming the option. */
export function chooseBase(protocol: string, { cwd }: Pick<Effects, "cwd">): Protocol {
  return blame("--protocol", () =>
    protocol.endsWith(".json") ? readProtocol(resolve(cwd, protocol)) : namedProtocol(protocol),
  );
}

function readProtocol(path: string): Protocol {
  const document = readGivenJson(path, path);
  if (isFormer(document)) throw new RecordError([nameProblem("former-version", path, FORMER)]);
  const parsed = Protocol.safeParse(document);
  if (!parsed.success) throw new RecordError(fieldProblems(parsed.error, document));
  return parsed.data;
}

/** Puts the option in front of what is wrong with its value. */
export function blame<T>(option: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError)
      throw new UserError(`${option}: ${error.message}`, error.exitCode, { cause: error });
    if (!(error instanceof RecordError)) throw error;
    throw new UserError(
      error.problems.map((problem) => `${option}: ${lineWithFound(problem)}`).join("\n"),
    );
  }
}

/** A name says by itself what was found. */
const lineWithFound = (problem: Problem) =>
  problem.pointer === ""
    ? problemLine(problem)
    : `${problemLine(problem)} (found ${problem.found})`;
