/** @file Reads files out of a .tar.gz without unpacking it to disk. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { unpackTar } from "modern-tar";
import { invalidFile } from "../opened-datasets.ts";

/** Looks up a file by its path in the archive. @throws UserError for one that is not there. */
export type ArchiveFiles = (name: string) => Uint8Array;

/**
 * @param names paths inside the archive; nothing else is kept in memory.
 * @throws UserError when the archive is truncated or corrupt, or lacks one of them.
 */
export async function readArchive(path: string, names: Iterable<string>): Promise<ArchiveFiles> {
  const place = basename(path);
  const files = await unpack(path, new Set(names)).catch((error: Error) => {
    throw invalidFile(place, "must be a complete .tar.gz archive", error.message, error);
  });
  return (name) => {
    const bytes = files.get(name);
    if (bytes) return bytes;
    throw invalidFile(place, `must hold ${name}`, "no such file in the archive");
  };
}

async function unpack(path: string, names: Set<string>): Promise<Map<string, Uint8Array>> {
  const gunzip = createGunzip();
  const piped = pipeline(createReadStream(path), gunzip);
  const entries = unpackTar(Readable.toWeb(gunzip) as ReadableStream<Uint8Array>, {
    strict: true,
    filter: ({ name }) => names.has(name),
  });
  const [unpacked] = await Promise.all([entries, piped]);
  return new Map(unpacked.map(({ header, data }) => [header.name, data ?? new Uint8Array()]));
}

/** @throws UserError unless the file has this MD5, the only digest that the authors of CIFAR publish. */
export async function requireMd5(path: string, md5: string): Promise<void> {
  const digest = createHash("md5");
  await pipeline(createReadStream(path), digest);
  const found = digest.digest("hex");
  if (found !== md5) throw invalidFile(basename(path), `must have the published MD5 ${md5}`, found);
}
