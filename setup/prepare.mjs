/** @file From a fresh clone to a machine that can train; only a quick check when that has been done. */

import path from "node:path";
import { fileURLToPath } from "node:url";
import { installEngine, isEngineReady, linkAddon, planEngine } from "./engine.mjs";
import { explainFileErrors } from "./entry.mjs";
import { withLock } from "./lock.mjs";
import { findNode, requireNode, withNodeFirst } from "./node.mjs";
import { arePackagesReady, installPackages } from "./npm.mjs";
import { makeFolders } from "./shared/folder.mjs";

export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/**
 * Makes sure that the packages, a Node that is new enough and the engine are in place. Needs no
 * network, and takes a few milliseconds, once they are.
 * @param {import("./entry.mjs").Effects} effects
 * @param {string} [asked] cpu, cuda or auto; the environment's RADEMARK_ENGINE unless given
 * @returns {Promise<{node: string, env: NodeJS.ProcessEnv}>} what children are started with
 */
export async function prepare(effects, asked = effects.env.RADEMARK_ENGINE || "auto", root = ROOT) {
  const plan = planEngine(asked, effects.env);
  if (!isReady(root, plan)) await setUp(root, plan, effects);
  effects.interruption.throwIfAborted();
  const node = requireNode(root);
  return { node, env: withNodeFirst(node, effects.env) };
}

function isReady(root, plan) {
  return arePackagesReady(root) && findNode(root) !== null && isEngineReady(root, plan);
}

async function setUp(root, plan, effects) {
  if (process.platform === "darwin") requireNode(root);
  if (!arePackagesReady(root)) {
    await explainFileErrors(root, () =>
      withLock(`${root}/.rademark/set-up.lock`, effects, async (locked) => {
        if (!arePackagesReady(root)) await installPackages(root, locked);
      }),
    );
  }
  const addon = {
    source: `${root}/node_modules/@tensorflow/tfjs-node-gpu/binding`,
    headers: `${root}/node_modules/node-api-headers/include`,
    node: requireNode(root),
  };
  const cache = path.dirname(plan.folder);
  await explainFileErrors(cache, async () => {
    makeFolders(cache);
    await withLock(`${cache}/set-up.lock`, effects, (locked) => installEngine(plan, addon, locked));
  });
  await explainFileErrors(root, () => linkAddon(root, plan.folder));
}

/**
 * Finds `--engine cpu|cuda|auto` (or `--engine=...`) among a command's arguments.
 * @returns {{engine: string | undefined, rest: string[]}} `rest` is without it
 */
export function takeEngine(args) {
  const at = args.findIndex((arg) => arg === "--engine" || arg.startsWith("--engine="));
  if (at < 0) return { engine: undefined, rest: args };
  const isPair = args[at] === "--engine";
  const engine = isPair ? (args[at + 1] ?? "") : args[at].slice("--engine=".length);
  return { engine, rest: args.toSpliced(at, isPair ? 2 : 1) };
}
