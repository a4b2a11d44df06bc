/** @file A dump's file, plain or gzip, line by line. */

import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { HomeError } from "../../db/home/home-error.ts";

/** @throws HomeError for a file that cannot be read. */
export async function* dumpFileLines(file: string): AsyncGenerator<string> {
  const bytes = createReadStream(file);
  const text = file.endsWith(".gz") ? bytes.pipe(createGunzip()) : bytes;
  bytes.on("error", (error) => text.destroy(error));
  let rest = "";
  try {
    for await (const chunk of text.setEncoding("utf8") as AsyncIterable<string>) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      yield* lines;
    }
  } catch (error) {
    if (error instanceof HomeError) throw error;
    throw new HomeError(`${file} cannot be read: ${(error as Error).message}`);
  }
  yield rest;
}
