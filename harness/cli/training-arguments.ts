/** @file What `run`, `sweep` and `validate` take: everything that decides what is trained. */

import { availableParallelism } from "node:os";
import { parseArchitecture, architectureName } from "../../record/architecture.ts";
import { formatRegularizers, parseRegularizers } from "../../record/regularizers.ts";
import type { Arguments } from "./command.ts";
import { commonArguments, flag, jsonArgument } from "./common-arguments.ts";
import { parseSeeds } from "./seeds.ts";
import { oneOf, someOfTwo, text, wholeNumber } from "./values.ts";

/** Reads one architecture; answers with its canonical name. */
const architecture = (value: string): string => architectureName(parseArchitecture(value));

/** Reads one set of regularizers; answers with its canonical text. */
const regularizers = (value: string): string => formatRegularizers(parseRegularizers(value));

/** Items of a list, each once. */
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
    summary: "protocol (rademark ls protocols), its id, or the path of a protocol.json",
    placeholder: "NAME",
    read: text,
  },
  set: {
    summary: "change a field of the protocol, such as epochs=5; may be repeated",
    placeholder: "PATH=VALUE",
    repeat: true,
    read: text,
    fallback: [] as string[],
  },
} as const satisfies Arguments;

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
  headInput: {
    summary: "what random-label heads read (ablation): rms or raw",
    placeholder: "INPUT",
    read: oneOf("rms", "raw"),
    fallback: "rms",
  },
  headLayers: {
    summary: "layers of a random-label head (ablation): 1 or 2",
    placeholder: "N",
    read: (value: string) => (oneOf("1", "2")(value) === "1" ? 1 : 2),
    fallback: 1,
  },
  perClass: flag("random-label heads per class (ablation)"),
} as const satisfies Arguments;

export const outputArguments = {
  out: { summary: "output folder", placeholder: "DIR", read: text },
  json: jsonArgument,
  ...commonArguments,
} as const satisfies Arguments;
