/** @file `rademark clean`: shows what was set up and what it takes, and removes what it is told to. */

import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { cacheFolder } from "./cache.mjs";
import { SetupError, formatBytes } from "./entry.mjs";
import { inventory } from "./inventory.mjs";
import { requireUnused } from "./in-use.mjs";
import { takeLock } from "./lock/file-lock.mjs";
import { makeFolders } from "./shared/folder.mjs";
import { visible, visibleLine } from "./shared/visible.mjs";

const TEXT = { type: "string" };
const FLAG = { type: "boolean" };
/** Those of harness/cli/commands/clean.ts; withOptions has read the places that some of them name. */
const OPTIONS = {
  ...{ yes: FLAG, json: FLAG, quiet: FLAG, config: TEXT, engine: TEXT, cache: TEXT },
  ...{ imagenet: TEXT, "checkpoint-seconds": TEXT, "config-folder": TEXT },
};

/**
 * @param {string[]} args after the command's name
 * @param {import("./entry.mjs").Effects} effects
 * @param {string} root the clone
 * @param {(text: string) => unknown} [out]
 * @returns {Promise<number>} the exit code
 */
export async function clean(args, effects, root, out = (text) => process.stdout.write(text)) {
  const { named, yes, json } = readArguments(args);
  const items = inventory(effects.env, root);
  const chosen = choose(items, named, yes);
  if (chosen.length === 0) {
    out(json ? `${JSON.stringify({ items }, null, 2)}\n` : visible(overview(items, effects.env)));
    return 0;
  }
  await remove(chosen, effects, root);
  const lines = chosen.map(({ part, place }) => `removed  ${part.padEnd(9)} ${visibleLine(place)}`);
  out(
    json
      ? `${JSON.stringify({ removed: chosen }, null, 2)}\n`
      : `${lines.join("\n")}\n${formatBytes(bytesOf(chosen))} freed.\n`,
  );
  return 0;
}

function readArguments(args) {
  let parsed;
  try {
    parsed = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new SetupError(`${error.message.split(". ")[0]}. Look at rademark clean --help.`);
  }
  const { yes = false, json = false } = parsed.values;
  const named = parsed.positionals.flatMap((word) => word.split(",")).filter(Boolean);
  return { named, yes, json };
}

/** What is to be removed: the named parts; with `--yes` alone all that can be fetched again. */
function choose(items, named, yes) {
  if (named.length === 0) return yes ? items.filter(({ isYours }) => !isYours) : [];
  const parts = [...new Set(items.map(({ part }) => part))];
  const unknown = named.filter((name) => !parts.includes(name));
  if (unknown.length > 0)
    throw new SetupError(
      `There is no ${unknown.map(visibleLine).join(", ")} here to remove${parts.length === 0 ? "." : `; there is: ${parts.map(visibleLine).join(", ")}.`}`,
    );
  const chosen = items.filter(({ part }) => named.includes(part));
  const lost = [...new Set(chosen.filter(({ isYours }) => isYours).map(({ part }) => part))];
  if (lost.length > 0 && !yes)
    throw new SetupError(
      `${lost.map((part) => LOST[part]).join("\n")}\nTo remove ${named.join(", ")} all the same, add --yes.`,
    );
  return chosen;
}

/** What nobody can undo. */
const LOST = {
  demo: "The runs of npm start would have to be trained again, and their folders hold what was submitted.",
  server: "The local board would be gone for good, with all its entries and the key of its log.",
  replication:
    "The reference's runs took hours, and its log can be continued by nobody without this folder.",
  keys: "Without its key an entry can never be superseded or retracted again, nor its name changed.",
  logs: "Without what is known of a log, nobody here would notice that a server has rewritten it.",
  queue:
    "Signed results that were not sent yet would be lost; rademark submit --queued sends them.",
};

function overview(items, env) {
  const fetched = items.filter(({ isYours }) => !isYours);
  const yours = items.filter(({ isYours }) => isYours);
  const first = fetched[0]?.part;
  return [
    items.length === 0 ? "Nothing is set up.\n\n" : "",
    ...table("Fetched and built; it can be had again:", fetched),
    ...table("Yours; removed only when named, with --yes:", yours),
    first === undefined
      ? ""
      : `rademark clean --yes removes the first ${formatBytes(bytesOf(fetched))}; rademark clean ${first} that alone.\n`,
    `Not ours: npm's cache, ${npmCache(env)} (npm cache clean --force empties it), and your runs.\n`,
  ].join("");
}

function table(title, items) {
  if (items.length === 0) return [];
  const width = Math.max(...items.map(({ part }) => part.length));
  const rows = items.map(({ part, about, place, bytes, link }) => {
    const size = link === null ? formatBytes(bytes) : "a link";
    const where = link === null ? place : `${place} -> ${link}, which stays`;
    return `  ${visibleLine(part).padEnd(width)}  ${size.padStart(8)}  ${about}: ${visibleLine(where)}\n`;
  });
  return [`${title}\n`, ...rows, "\n"];
}

const bytesOf = (items) => items.reduce((sum, { bytes }) => sum + bytes, 0);
const npmCache = (env) => visibleLine(env.npm_config_cache || path.join(env.HOME || "~", ".npm"));

/** No set-up can begin meanwhile. Each thing is moved aside first, so that nobody takes a half of it for the whole. */
async function remove(items, effects, root) {
  const isOfClone = ({ place }) => place.startsWith(root + path.sep);
  const locks = [
    ...(items.some(isOfClone) ? [`${root}/.rademark/set-up.lock`] : []),
    ...(items.some(({ part }) => part === "engine")
      ? [`${cacheFolder(effects.env)}/engine/set-up.lock`]
      : []),
  ];
  const held = [];
  try {
    for (const lock of locks) held.push(await lockOf(lock, effects));
    requireUnused(items, root);
    for (const { place } of items) removePlace(place);
  } finally {
    for (const lock of held) lock.release();
    for (const { place } of items)
      removeEmpty(path.dirname(place), [root, cacheFolder(effects.env)]);
    removeEmpty(`${root}/.rademark`, [root]);
  }
}

async function lockOf(lock, { interruption }) {
  makeFolders(path.dirname(lock));
  try {
    return await takeLock(lock, { signal: interruption, patience: 0 });
  } catch (error) {
    if (error.who === undefined) throw error;
    throw new SetupError(
      `A set-up is at work (${error.who}). Nothing was removed; wait for it, then run this again.`,
    );
  }
}

function removePlace(place) {
  const aside = `${place}.${process.pid}.partial`;
  try {
    fs.renameSync(place, aside);
  } catch (error) {
    if (error.code !== "EBUSY" && error.code !== "EXDEV") throw error; // a mount: it is emptied where it is
    fs.rmSync(place, { recursive: true, force: true });
    return;
  }
  fs.rmSync(aside, { recursive: true, force: true, maxRetries: 3 });
}

/** Folders of ours within the clone or the cache go when nothing is left in them. */
function removeEmpty(folder, bases) {
  const isWithin = bases.some((base) => folder !== base && path.dirname(folder) === base);
  if (!isWithin) return;
  try {
    fs.rmdirSync(folder);
  } catch {
    // something else is in it, or it is gone
  }
}
