/** @file What Rademark has put on this machine, and where: for `rademark clean`. Links are seen as links, never followed. */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { cacheFolder } from "./cache.mjs";
import { formatBytes } from "./entry.mjs";
import { identity } from "./lock/holder.mjs";

/**
 * @typedef {object} Item
 * @property {string} part its name on the command line; several items may be one part
 * @property {string} about
 * @property {string} place
 * @property {number} bytes on disk; a link has none
 * @property {string | null} link where it leads, for a link: that place is not ours
 * @property {boolean} isYours nobody can fetch it again
 */

/**
 * Everything that is there.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} root the clone
 * @returns {Item[]}
 */
export function inventory(env, root) {
  const cache = cacheFolder(env);
  const config = configFolder(env);
  const item =
    (base, part, about, isYours = false) =>
    (name) =>
      found(base, name, { part, about, isYours });
  return [
    ...["node_modules", ...partialsIn(root, ".rademark")].flatMap(
      item(root, "packages", `npm packages${carriedNode(root)}`),
    ),
    ...["dist/site", "dist/site.sha256", "dist/worker", ".astro"].flatMap(
      item(root, "pages", "pages of the site"),
    ),
    ...["dist/library"].flatMap(item(root, "library", "typed library of npm run library")),
    ...[".rademark/fuzz"].flatMap(item(root, "fuzz", "tool of npm run fuzz")),
    ...enginesIn(cache).flatMap(item(cache, "engine", "TensorFlow's library and addon")),
    ...marked(cache, "datasets", "digest.json").flatMap((name) =>
      item(cache, path.basename(name), "data set")(name),
    ),
    ...partialsIn(cache, "datasets").flatMap(item(cache, "partial", "unfinished download")),
    ...benchIn(cache).flatMap(item(cache, "bench", "PyTorch and TensorFlow of rademark bench")),
    ...marked(cache, "python", "ready.json").flatMap(
      item(cache, "python", "Python of npm run python:wheel and of the tests"),
    ),
    ...["replication"].flatMap(item(cache, "replication", "runs of npm run replicate", true)),
    ...["dist/python"].flatMap(item(root, "wheel", "the Python package, built")),
    ...[".rademark/demo", ".rademark/demo-over"].flatMap(
      item(root, "demo", "runs of npm start", true),
    ),
    ...[".rademark/server"].flatMap(item(root, "server", "the local board and its log", true)),
    ...["keys"].flatMap(item(config, "keys", "keys that sign your results", true)),
    ...["logs.json"].flatMap(item(config, "logs", "what is known of servers' logs", true)),
    ...["queue"].flatMap(item(config, "queue", "signed results that wait to be sent", true)),
  ];
}

function carriedNode(root) {
  const name = `node_modules/node-${process.platform}-${process.arch}`;
  const bytes = bytesOnDisk(path.join(root, name));
  return bytes === 0 ? "" : `, ${formatBytes(bytes)} of them a newer Node`;
}

/** As in harness/listing/key-store.ts. */
function configFolder(env) {
  if (env.RADEMARK_CONFIG) return path.resolve(env.RADEMARK_CONFIG);
  return path.resolve(
    env.XDG_CONFIG_HOME || path.join(env.HOME || os.homedir(), ".config"),
    "rademark",
  );
}

/** Engines by their note, and what interrupted set-ups left: the cache may be a folder with other things in it. */
function enginesIn(cache) {
  const isOurs = (name) => /^tensorflow-.*-build-\d+(\.\d+\.partial)?$/.test(name);
  return namesIn(cache, "engine")
    .filter(isOurs)
    .map((name) => path.join("engine", name));
}

function benchIn(cache) {
  const own = ["inductor"].filter((name) => fs.existsSync(path.join(cache, "bench", name)));
  return [...marked(cache, "bench", "ready.json"), ...own.map((name) => path.join("bench", name))];
}

/** Folders that hold a file which we write last. */
function marked(base, folder, mark) {
  return namesIn(base, folder)
    .map((name) => path.join(folder, name))
    .filter((name) => fs.existsSync(path.join(base, name, mark)));
}

/** What an interrupted download, set-up or removal left. */
function partialsIn(base, folder) {
  return namesIn(base, folder)
    .filter((name) => name.endsWith(".partial") || isLeftDownload(name))
    .map((name) => path.join(folder, name));
}

/** As harness/data/cached-dataset.ts names them; one of a living process, or of another host, is under way. */
function isLeftDownload(name) {
  const [, host, pid] = /^\.partial\.(.*)\.(\d+)\.[^.]*$/.exec(name) ?? [];
  return host === os.hostname() && identity(Number(pid)).began === "";
}

function namesIn(base, folder) {
  try {
    return fs.readdirSync(path.join(base, folder)).sort();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(error.code)) return [];
    throw error;
  }
}

/** Nothing where it is not there, or where a link on the way leads out of the folder that is ours. */
function found(base, name, about) {
  const place = path.join(base, name);
  const stat = fs.lstatSync(place, { throwIfNoEntry: false });
  if (stat === undefined || !isInside(path.dirname(place), base)) return [];
  const link = stat.isSymbolicLink()
    ? path.resolve(path.dirname(place), fs.readlinkSync(place))
    : null;
  return [{ ...about, place, bytes: link === null ? bytesOnDisk(place, stat) : 0, link }];
}

function isInside(folder, base) {
  const way = path.relative(fs.realpathSync(base), fs.realpathSync(folder));
  return way.split(path.sep)[0] !== ".." && !path.isAbsolute(way);
}

/** As `du` counts: blocks, not lengths. Zero where nothing is. */
export function bytesOnDisk(place, stat = fs.lstatSync(place, { throwIfNoEntry: false })) {
  if (stat === undefined) return 0;
  const own = stat.blocks * 512;
  if (!stat.isDirectory()) return own;
  return namesIn(place, ".").reduce((sum, name) => sum + bytesOnDisk(path.join(place, name)), own);
}
