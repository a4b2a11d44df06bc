/** @file The arguments of `run`, `sweep` and `validate`: everything that decides what is trained. */

import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { architectureName, parseArchitecture } from "../../record/architecture.ts";
import { formatRegularizers, parseRegularizers } from "../../record/regularizers.ts";
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
import { canonicalConfiguration } from "../../record/configuration.ts";
import { Protocol, namedProtocol } from "../../record/protocols.ts";
import { FORMER, isFormer } from "../../record/former-version.ts";
import { type Problem, RecordError, nameProblem, problemLine } from "../../record/problem.ts";
import { fieldProblems } from "../../record/protocol-fields.ts";
import { installedEngine } from "../study/installed-engine.ts";
import { NO_SOURCES } from "../study/custom-sources.ts";
import type { DataNote } from "../data/local/data-note.ts";
import type { PlannedRun } from "../study/run-folder.ts";
import type { Effects } from "../effects.ts";
import { deriveProtocol } from "../../record/derived-protocol.ts";
import { UserError } from "../errors.ts";
import { readGivenJson } from "../files.ts";

/** Reads one architecture; returns its canonical name. */
const architecture = (value: string): string => architectureName(parseArchitecture(value));

/** Reads one set of regularizers; returns its canonical text. */
const regularizers = (value: string): string => formatRegularizers(parseRegularizers(value));

/** Reads a list and drops repeated items. */
const listOf = (separator: string, read: (item: string) => string) => (value: string) => [
  ...new Set(value.split(separator).map((item) => read(item.trim()))),
];

export const oneConfiguration = {
  arch: { summary: "architecture (rademark ls archs)", placeholder: "ARCH", read: architecture },
  reg: {
    summary: "regularizers, such as wd=0.005,dropout=0.5 (rademark ls regs)",
    placeholder: "REGS",
    separator: ",",
    read: regularizers,
    fallback: "none",
  },
} as const satisfies Arguments;

export const manyConfigurations = {
  arch: {
    summary: "architectures, separated by commas (rademark ls archs)",
    placeholder: "ARCH,ARCH",
    separator: ",",
    read: listOf(",", architecture),
  },
  reg: {
    summary: 'regularizers, separated by semicolons: "none;wd=0.005;aug,rl=10" (default none)',
    placeholder: "REGS;REGS",
    separator: ";",
    read: listOf(";", regularizers),
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

const MOST_SEEDS = 10_000;

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
    summary: "trainings at the same time; never changes --threads",
    placeholder: "N",
    read: wholeNumber(1, 256),
    fallback: 1,
  },
  save: {
    summary: "also keep features, per-sample, or both",
    placeholder: "WHAT",
    separator: ",",
    read: someOfTwo("features", "per-sample"),
    fallback: [] as ("features" | "per-sample")[],
  },
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
type SeedList = (panel: readonly number[]) => number[];

/**
 * Reads a list of seeds. `panel+K` is the panel and the K smallest seeds from 1 that are not in it.
 *
 * @throws UserError naming the part that is not understood.
 */
export function parseSeeds(text: string): SeedList {
  const parts = text.split(",").map((part) => parsePart(part.trim()));
  return (panel) => [...new Set(parts.flatMap((part) => part(panel)))];
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

type TrainingValues = Values<typeof trainingArguments>;

/**
 * One planned run for every pair of architecture and regularizers, by architecture first; pairs that would train the
 * same network are planned once.
 *
 * @throws RecordError listing, for every pair, what does not go together.
 */
export function planGrid(
  archs: readonly string[],
  regs: readonly string[],
  values: Omit<TrainingValues, "data">,
  effects: Pick<Effects, "cwd">,
  data: { protocol: Protocol; note: DataNote } | null = null,
): PlannedRun[] {
  const protocol = data?.protocol ?? chooseProtocol(values, effects);
  const plannedRuns = new Map<string, PlannedRun>();
  const problems = new Map<string, Problem>();
  for (const arch of archs)
    for (const reg of regs)
      try {
        const plannedRun = { ...planOne(arch, reg, protocol, values), data: data && data.note };
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

function planOne(
  arch: string,
  regs: string,
  protocol: Protocol,
  values: Omit<TrainingValues, "data">,
): Omit<PlannedRun, "data"> {
  const { threads, limit, save, headInput, headLayers, perClass } = values;
  const configuration = canonicalConfiguration(protocol, {
    arch,
    regs,
    seeds: values.seeds(protocol.panelSeeds),
    threads: threads ?? availableParallelism(),
    engine: installedEngine().engine,
    limit,
    save,
    ablations: { headInput, headLayers, perClass },
  });
  return { configuration, protocol, sources: NO_SOURCES, choosesThreads: threads !== null };
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
