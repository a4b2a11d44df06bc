/** @file Packages through the package manager that the machine has set up: its registry, its mirror, its proxy. */

import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { EXIT, UserError } from "../../errors.ts";
import { runProgram } from "./program.ts";
import { watchFolder } from "./folder-size.ts";
import type { Request } from "./source.ts";

/**
 * Downloads an npm package without installing it or running its scripts.
 *
 * @param spec `name@version`, or whatever else `npm pack` takes.
 * @returns path of the .tgz.
 * @throws UserError with npm's own words.
 */
export async function npmPackage(spec: string, bytes: number, request: Request): Promise<string> {
  const { folder, signal } = request;
  const cache = join(folder, "npm-cache");
  await mkdir(cache);
  // npm shows no progress, but its cache grows as bytes arrive; a cache of its own also leaves no second copy behind.
  const stop = watchFolder(cache, progressOf(`npm package ${spec}`, bytes, request));
  const args = ["pack", spec, "--ignore-scripts", "--loglevel=error", `--cache=${cache}`];
  // npm's default patience with a missing network is a minute.
  const patience = ["--fetch-retries=2", "--fetch-retry-mintimeout=500"];
  await runProgram("npm", [...args, ...patience], { cwd: folder, signal }).finally(stop);
  return only(folder, ".tgz");
}

/**
 * Downloads a Debian package and unpacks it, which needs neither root nor an installation.
 *
 * @returns folder of the unpacked files.
 * @throws UserError with apt's own words.
 */
export async function debianPackage(
  name: string,
  bytes: number,
  request: Request,
): Promise<string> {
  const { folder, signal } = request;
  const stop = watchFolder(folder, progressOf(`Debian package ${name}`, bytes, request));
  const run = (program: string, args: string[]) =>
    runProgram(program, args, { cwd: folder, signal });
  await run("apt-get", ["-q", "download", name]).finally(stop);
  const root = join(folder, "unpacked");
  await run("dpkg-deb", ["--extract", await only(folder, ".deb"), root]);
  return root;
}

function progressOf(what: string, total: number, { dataset, onProgress }: Request) {
  const label = `${dataset.name}: ${what}`;
  return (done: number) => onProgress({ label, done: Math.min(done, total), total, unit: "bytes" });
}

async function only(folder: string, ending: string): Promise<string> {
  const name = (await readdir(folder)).find((entry) => entry.endsWith(ending));
  if (name) return join(folder, name);
  throw new UserError(`${folder}: the package manager left no ${ending} file`, EXIT.network);
}
