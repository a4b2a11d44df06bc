/** @file Checkpoints: a session's variables and some metadata in one safetensors file, written whole or not at all. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { EXIT, UserError } from "../errors.ts";
import { explainDisk, writeAtomic } from "../files.ts";
import { sizeOf } from "./tensorflow.ts";
import type { Session, Variable } from "./program.ts";
import {
  type Stored,
  type StoredTensor,
  parseSafetensors,
  safetensorsParts,
} from "./safetensors.ts";

export interface Checkpoint {
  tensors: ReadonlyMap<string, StoredTensor>;
  metadata: Readonly<Record<string, string>>;
}

/** Stands in every checkpoint's metadata, beside the digest. */
const FORMAT = "rademark-checkpoint-1";

/**
 * Writes the current values of `variables`, each under its name.
 *
 * @param metadata read back unchanged; the keys `format` and `sha256` are reserved.
 * @throws UserError when the file cannot be written.
 */
export function writeCheckpoint(
  path: string,
  session: Session,
  variables: readonly Variable[],
  metadata: Readonly<Record<string, string>>,
): void {
  const values = session.read(variables);
  const tensors = variables.map(({ name, shape }, i) => ({
    name,
    shape: closedShape(shape, values[i]!.length),
    values: values[i]!,
  }));
  const marked = { ...metadata, format: FORMAT };
  const sha256 = digest({ tensors, metadata: marked });
  writeAtomic(path, Buffer.concat(safetensorsParts({ tensors, metadata: { ...marked, sha256 } })));
}

/** @throws UserError for a file that is missing, cut off, altered, or not a checkpoint. */
export function readCheckpoint(path: string): Checkpoint {
  const stored = parse(path, readWhole(path));
  const { format, sha256, ...metadata } = stored.metadata;
  if (format !== FORMAT)
    throw new UserError(
      `${path} is a safetensors file, but not a checkpoint of rademark.`,
      EXIT.verification,
    );
  if (digest({ ...stored, metadata: { ...metadata, format } }) !== sha256)
    throw damaged(path, "its content does not match the digest stored in it");
  return { tensors: new Map(stored.tensors.map((tensor) => [tensor.name, tensor])), metadata };
}

/**
 * Gives `variables` the values of a checkpoint.
 *
 * @throws UserError when it holds different variables, as one of another configuration or version does.
 */
export function restoreCheckpoint(
  session: Session,
  variables: readonly Variable[],
  { tensors }: Checkpoint,
): void {
  const names = new Set(variables.map(({ name }) => name));
  const extra = [...tensors.keys()].find((name) => !names.has(name));
  if (extra) throw foreign(`it holds ${extra}, which this network does not have`);
  session.writeAll(
    variables.map((variable) => {
      const stored = tensors.get(variable.name);
      if (!stored) throw foreign(`it lacks ${variable.name}`);
      if (!fits(variable, stored))
        throw foreign(
          `its ${variable.name} is [${stored.shape.join(", ")}], not [${variable.shape.join(", ")}]`,
        );
      return [variable, stored.values, stored.shape] as const;
    }),
  );
}

/** SHA-256 over names, shapes, metadata and values, in the file's order. */
function digest(stored: Stored): string {
  const hash = createHash("sha256");
  for (const part of safetensorsParts(stored)) hash.update(part);
  return hash.digest("hex");
}

function readWhole(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw new UserError(`${path}: there is no such checkpoint.`, EXIT.verification, {
        cause: error,
      });
    throw explainDisk(error, path);
  }
}

function parse(path: string, file: Uint8Array): Stored {
  try {
    return parseSafetensors(file);
  } catch (error) {
    if (error instanceof RangeError) throw damaged(path, error.message, error);
    throw error;
  }
}

const damaged = (path: string, reason: string, cause?: unknown) =>
  new UserError(
    `${path} is damaged: ${reason}. Delete it; the run then starts from its beginning.`,
    EXIT.verification,
    { cause },
  );

const foreign = (reason: string) =>
  new UserError(
    `The checkpoint belongs to another configuration or version: ${reason}. Delete it to start over.`,
    EXIT.verification,
  );

const KINDS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array } as const;

function fits({ shape, dtype }: Variable, stored: StoredTensor): boolean {
  const sameSizes = shape.every((size, axis) => size < 0 || size === stored.shape[axis]);
  return stored.values instanceof KINDS[dtype] && shape.length === stored.shape.length && sameSizes;
}

/** @param shape with at most one open axis. */
function closedShape(shape: readonly number[], length: number): number[] {
  const known = sizeOf(shape.filter((size) => size >= 0));
  return shape.map((size) => (size < 0 ? length / known : size));
}
