/**
 * @file The conditions of a measurement: all that decides the numbers besides architecture, regularizers and
 * seeds, and which of them differ between configurations put side by side (trust.md section 4).
 */

import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import { type Ablations, NO_ABLATIONS } from "../configuration.ts";
import type { Device } from "../datasets.ts";
import { type Protocol, protocolId } from "../protocols.ts";
import type { Result } from "./statements.ts";

/** Null: not known. */
export interface Conditions {
  protocol: Protocol;
  /** Epochs after which the schedule is cut off; null: none. */
  limit: number | null;
  ablations: Ablations;
  /** Counted in the finished runs: a protocol may leave open which files its data are. */
  trainSamples: number | null;
  testSamples: number | null;
  /** Seeds of the finished runs. */
  seeds: readonly number[];
  device: Device;
  precision: string | null;
  deterministic: boolean | null;
  /** Such as `tensorflow 2.18.0`. */
  library: string | null;
  /** Name of the CPU, or of the GPUs if they compute. */
  processor: string | null;
  threads: number;
  harness: { version: string; git: { commit: string; dirty: boolean } | null } | null;
}

export const Difference = z.strictObject({
  /** What differs, such as `epochs` or `threads`. */
  condition: z.string().max(100),
  /** One for each side that is compared, in their order; null: not known. */
  values: z.array(z.string().nullable()),
  /**
   * `refused`: a protocol with the other value would have another id, so the numbers do not compare. `noted`: they do,
   * and a reader has to know.
   */
  weight: z.enum(["refused", "noted"]),
});
export type Difference = z.infer<typeof Difference>;

type Description = (conditions: Conditions) => string | null;

/** What a protocol with another id would decide. */
const REFUSED: Readonly<Record<string, (method: Method) => string | null>> = {
  protocol: ({ protocol }) => `${protocol.name} (${protocolId(protocol).slice(0, 12)})`,
  epochs: ({ protocol, limit }) =>
    limit === null || limit >= protocol.epochs
      ? String(protocol.epochs)
      : `the first ${limit} of ${protocol.epochs}`,
  "head input": ({ ablations }) => ablations.headInput,
  "layers of a head": ({ ablations }) => String(ablations.headLayers),
  "heads per class": ({ ablations }) => yes(ablations.perClass),
  "training samples": ({ trainSamples }) => number(trainSamples ?? null),
  "test samples": ({ testSamples }) => number(testSamples ?? null),
};

const NOTED: Readonly<Record<string, Description>> = {
  seeds: ({ seeds }) => (seeds.length === 0 ? null : seeds.join(", ")),
  device: ({ device }) => device,
  precision: ({ precision }) => precision,
  "deterministic operations": ({ deterministic }) =>
    deterministic === null ? null : yes(deterministic),
  library: ({ library }) => library,
  processor: ({ processor }) => processor,
  threads: ({ threads }) => String(threads),
  harness: ({ harness }) => harness && harnessText(harness),
};

const yes = (holds: boolean) => (holds ? "yes" : "no");
const number = (count: number | null) => (count === null ? null : String(count));

function harnessText({ version, git }: NonNullable<Conditions["harness"]>): string {
  if (git === null) return version;
  return `${version}, commit ${git.commit.slice(0, 12)}${git.dirty ? " with local changes" : ""}`;
}

/** All that differs; of other protocols every field. */
export function differences(sides: readonly Conditions[]): Difference[] {
  const noted = Object.entries(NOTED).flatMap(([condition, describe]) => {
    const values = sides.map(describe);
    return new Set(values).size > 1 ? [{ condition, values, weight: "noted" as const }] : [];
  });
  return [...methodDifferences(sides), ...noted];
}

/** What is known before anything is trained. */
type Method = Pick<Conditions, "protocol" | "limit" | "ablations"> &
  Partial<Pick<Conditions, "trainSamples" | "testSamples">>;

/** What a protocol with another id would decide. */
export function methodDifferences(sides: readonly Method[]): Difference[] {
  const fields = fieldDifferences(sides.map(({ protocol }) => protocol));
  const refused = Object.entries(REFUSED).flatMap(([condition, describe]) => {
    const values = sides.map(describe);
    const known = new Set(values.filter((value) => value !== null));
    return known.size > 1 ? [{ condition, values, weight: "refused" as const }] : [];
  });
  // the protocol's own number of epochs is told once
  const rest = refused.filter(
    ({ condition }) =>
      condition !== "epochs" || !fields.some((each) => each.condition === "epochs"),
  );
  return [...rest, ...fields];
}

function fieldDifferences(protocols: readonly Protocol[]): Difference[] {
  const flat = protocols.map((protocol) => new Map(leaves(protocol)));
  const paths = new Set(flat.flatMap((each) => [...each.keys()]));
  paths.delete("name");
  return [...paths].flatMap((condition) => {
    const values = flat.map((each) => each.get(condition)?.slice(0, 200) ?? "none");
    return new Set(values).size > 1 ? [{ condition, values, weight: "refused" as const }] : [];
  });
}

/** Dotted paths to what is no group of fields. */
function leaves(value: object, prefix = ""): [path: string, text: string][] {
  return Object.entries(value).flatMap(([key, item]: [string, unknown]): [string, string][] => {
    const path = prefix + key;
    if (typeof item === "object" && item !== null && !Array.isArray(item))
      return leaves(item, `${path}.`);
    return [[path, typeof item === "string" ? item : canonicalJson(item)]];
  });
}

/** The conditions of a listed result, as its signer declares them. @param protocol the one with the result's id. */
export function conditionsOfResult(result: Result, protocol: Protocol): Conditions {
  const { panel, engine, machine, harness } = result;
  return {
    protocol,
    limit: null,
    ablations: NO_ABLATIONS,
    trainSamples: panel[0]?.trainSamples ?? null,
    testSamples: panel[0]?.testSamples ?? null,
    seeds: panel.map(({ seed }) => seed),
    ...engine,
    processor: engine.device === "cuda" ? machine.gpus.join(", ") : machine.cpu,
    threads: machine.threads,
    harness,
  };
}
