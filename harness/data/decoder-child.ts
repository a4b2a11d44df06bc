/** @file A decoder process: it receives `DecoderRequest`s and writes the pixels of each to descriptor 4. */

import { writeSync } from "node:fs";
import { UserError } from "../errors.ts";
import { uniformNumber } from "../../record/random.ts";
import { type DecoderFailure, type DecoderRequest, HEADER_BYTES } from "./decoder-processes.ts";

// A terminal or a batch system signals everybody; its parent decides when it ends, and it ends with its parent.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);
process.on("disconnect", () => process.exit());

let answers: Promise<void> = Promise.resolve();
process.on("message", (request: DecoderRequest) => {
  answers = answers.then(() => answer(request));
});

// Loaded last, because TensorFlow takes long.
const decoding = import("./image-batches.ts");

/** Images whose files are open at once; those of the next few are read meanwhile. */
const BATCH = 32;

async function answer(request: DecoderRequest): Promise<void> {
  const { imageBatches } = await decoding;
  const { indices, key, ...stream } = request;
  const uniform =
    key === null
      ? null
      : (row: number, ...words: number[]) => uniformNumber(key, indices[row]!, ...words);
  const parts: Uint8Array[] = [header(0)];
  try {
    for await (const images of imageBatches({ ...stream, batch: BATCH, uniform }))
      parts.push(images);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { message, exitCode } = error;
    const failure = Buffer.from(JSON.stringify({ message, exitCode } satisfies DecoderFailure));
    parts.splice(0, parts.length, header(failure.length), failure);
  }
  for (const part of parts) write(part);
}

function header(failureBytes: number): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32BE(failureBytes);
  return bytes;
}

const PIXELS = 4;

/** Waits until the parent has taken all, which bounds what is kept in memory. */
function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(PIXELS, bytes, at);
}
