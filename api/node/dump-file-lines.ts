/** @file A dump's file, plain or gzip, line by line. */

import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { OperatorError } from "../../db/db.ts";
import { systemErrorWords } from "../../setup/shared/system-error.mjs";

/** Characters; the largest body that a server takes has half as many. */
const LONGEST_LINE = 8 * 1024 * 1024;

/** @throws OperatorError for a file that cannot be read, is not UTF-8, or has a line without an end. */
export async function* dumpFileLines(file: string): AsyncGenerator<string> {
  const bytes = createReadStream(file);
  const plain = file.endsWith(".gz") ? bytes.pipe(createGunzip()) : bytes;
  bytes.on("error", (error) => plain.destroy(error));
  try {
    yield* linesIn(plain as AsyncIterable<Uint8Array>);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(
      systemErrorWords(error, { place: file }) ??
        `${file} cannot be read: ${(error as Error).message}`,
    );
  } finally {
    bytes.destroy();
  }
}

async function* linesIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let line: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    for (const [i, part] of decoder.decode(chunk, { stream: true }).split("\n").entries()) {
      if (i > 0) {
        yield line.join("");
        [line, length] = [[], 0];
      }
      line.push(part);
      length += part.length;
      if (length > LONGEST_LINE) throw new Error(`a line of more than ${LONGEST_LINE} characters`);
    }
  }
  yield line.join("") + decoder.decode();
}
