/** @file The data set and the random labels as variables of the session: a step is fed row numbers only. */

import type { Program, Scope, Variable } from "../engine/program.ts";
import type { InputSpec, Tensors } from "../engine/program.ts";
import type { Tensor } from "../engine/tensorflow.ts";
import { gatherRows } from "./images.ts";
import { labelSpaces, type Plan } from "./plan.ts";

export type Split = "train" | "test";

export interface Tables {
  /** uint8 [N, H, W, C] of each split; null where batches are streamed from disk. */
  readonly images: Record<Split, Variable> | null;
  /** int32 [N], as trained on. */
  readonly classes: Record<Split, Variable>;
  /** int32 [m, draws] for each label space n. */
  readonly randomLabels: ReadonlyMap<number, Variable>;
}

export function makeTables(program: Program, plan: Plan, streamed: boolean): Tables {
  const { height, width, channels } = plan.protocol.image;
  const images = (split: Split) =>
    program.variable(`${split}-images`, [-1, height, width, channels], "uint8");
  const classes = (split: Split) => program.variable(`${split}-classes`, [-1], "int32");
  return {
    images: streamed ? null : { train: images("train"), test: images("test") },
    classes: { train: classes("train"), test: classes("test") },
    randomLabels: new Map(
      labelSpaces(plan.heads).map(({ n, draws }) => [
        n,
        program.variable(`random-labels-${n}`, [-1, draws], "int32"),
      ]),
    ),
  };
}

/** What `count` samples are fed as: their rows, and their pixels where images are streamed. */
export function sampleInputs(plan: Plan, tables: Tables, count: number): Record<string, InputSpec> {
  const { height, width, channels } = plan.protocol.image;
  const rows: InputSpec = { shape: [count], dtype: "int32" };
  if (tables.images) return { rows };
  return { rows, pixels: { shape: [count, height, width, channels], dtype: "uint8" } };
}

/** uint8 [count, H, W, C]. */
export function samplePixels(scope: Scope, tables: Tables, split: Split, inputs: Tensors): Tensor {
  if (!tables.images) return inputs["pixels"]!;
  return gatherRows(scope.read(tables.images[split]), inputs["rows"]!, "uint8");
}

export const sampleClasses = (scope: Scope, tables: Tables, split: Split, rows: Tensor) =>
  gatherRows(scope.read(tables.classes[split]), rows, "int32");

/** [B, draws]. */
export const sampleRandomLabels = (scope: Scope, tables: Tables, n: number, rows: Tensor) =>
  gatherRows(scope.read(tables.randomLabels.get(n)!), rows, "int32");
