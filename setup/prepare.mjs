/** @file From a fresh clone to a machine that can train; only a quick check when that has been done. */

import path from "node:path";
import { fileURLToPath } from "node:url";
import { installEngine, isEngineReady, linkAddon, planEngine } from "./engine.mjs";
import { explainFileErrors, together } from "./entry.mjs";
import { withLock } from "./lock.mjs";
import { requirePlatform } from "./machine.mjs";
import { findNode, isNewEnough, requireNode, withNodeFirst } from "./node.mjs";
import { arePackagesReady, installPackages } from "./npm.mjs";
import { makeFolders } from "./shared/folder.mjs";

export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/**
 * @typedef {object} Prepared what children are started with
 * @property {string} node
 * @property {NodeJS.ProcessEnv} env
 */

/**
 * Makes sure that the packages of some parts, a Node that is new enough and, with the part `engine`, TensorFlow are in
 * place. Needs no network, and takes a few milliseconds, once they are.
 * @param {import("./entry.mjs").Effects} effects
 * @param {readonly import("./parts.mjs").Part[]} parts
 * @param {object} [options]
 * @param {string} [options.engine] cpu, cuda or auto; the environment's RADEMARK_ENGINE unless given
 * @param {string} [options.root] the clone
 * @param {(prepared: Prepared, effects: import("./entry.mjs").Effects) => Promise<void>} [options.meanwhile] what needs the
 *   packages alone: it is done while TensorFlow is set up
 * @returns {Promise<Prepared>}
 */
export async function prepare(effects, parts, options = {}) {
  const { engine: asked, root = ROOT, meanwhile = nothing } = options;
  const plan = parts.includes("engine")
    ? planEngine(asked ?? (effects.env.RADEMARK_ENGINE || "auto"), effects.env)
    : null;
  if (plan === null && process.platform === "win32") requirePlatform();
  if (findNode(root) === null && process.platform === "darwin") requireNode(root);
  await together(effects, (effects) => {
    const prepared = withPackages(root, parts, effects);
    const engine = plan === null ? nothing() : withEngine(root, plan, prepared, effects);
    return [engine, prepared.then((prepared) => meanwhile(prepared, effects))];
  });
  effects.interruption.throwIfAborted();
  return preparedIn(root, effects);
}

const nothing = () => Promise.resolve();

/** Where Node keeps what it has compiled, with which a command starts in half the time; a Node that is too old ignores it. */
const COMPILED = "node_modules/.cache/node";

/** @returns {Prepared} */
function preparedIn(root, { env }) {
  const node = requireNode(root);
  const own = { NODE_COMPILE_CACHE: `${root}/${COMPILED}`, ...env };
  return { node, env: withNodeFirst(node, own) };
}

async function withPackages(root, parts, effects) {
  const needed = isNewEnough(process.versions.node) ? parts : [...parts, "node"];
  if (!arePackagesReady(root, needed)) {
    await explainFileErrors(root, () =>
      withLock(`${root}/.rademark/set-up.lock`, effects, async (locked) => {
        if (!arePackagesReady(root, needed)) await installPackages(root, needed, locked);
      }),
    );
  }
  return preparedIn(root, effects);
}

async function withEngine(root, plan, prepared, effects) {
  if (isEngineReady(root, plan)) return;
  const addon = prepared.then(({ node }) => ({
    source: `${root}/node_modules/@tensorflow/tfjs-node-gpu/binding`,
    headers: `${root}/node_modules/node-api-headers/include`,
    node,
  }));
  addon.catch(() => undefined); // it is reported as that of the packages
  const cache = path.dirname(plan.folder);
  await explainFileErrors(cache, async () => {
    makeFolders(cache);
    await withLock(`${cache}/set-up.lock`, effects, (locked) => installEngine(plan, addon, locked));
  });
  await prepared;
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
