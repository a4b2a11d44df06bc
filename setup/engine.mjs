/** @file The engine: TensorFlow's library and the addon, kept in the cache by version. */

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ADDON_FILE, addonLink, buildAddon, requireCompiler, requireLoads } from "./addon.mjs";
import { cacheFolder } from "./cache.mjs";
import { runTool } from "./child.mjs";
import { SetupError } from "./failure.mjs";
import { hasNvidiaDriver, requirePlatform } from "./machine.mjs";
import { fetchWheel, requirePip } from "./pip.mjs";
import { formatBytes, startProgress } from "./progress.mjs";
import { makeFolders } from "./shared/folder.mjs";

const CHOICES = ["cpu", "cuda", "auto"];
const ROOM_TO_SPARE = 200e6;
const UNPACKER = fileURLToPath(new URL("unpack.py", import.meta.url));
const PINNED = JSON.parse(fs.readFileSync(new URL("wheels.json", import.meta.url), "utf8"));

/**
 * @typedef {object} EnginePlan
 * @property {"cpu" | "cuda"} engine
 * @property {string} folder where the finished engine is, below the cache
 * @property {import("./pip.mjs").Wheel[]} wheels
 * @property {string[]} members which files of the wheels are kept
 */

/**
 * Decides which engine this machine gets. `auto` is CUDA where an NVIDIA driver and a wheel are.
 * @param {string} asked cpu, cuda or auto
 * @returns {EnginePlan}
 */
export function planEngine(asked, env, platform = requirePlatform(), pinned = PINNED) {
  if (!CHOICES.includes(asked)) {
    throw new SetupError(`The engine is "${asked}"; allowed are ${CHOICES.join(", ")}.`);
  }
  const hasCudaWheels = Object.hasOwn(pinned.lists, `${platform}-cuda`);
  if (asked === "cuda" && !hasCudaWheels) {
    throw new SetupError(`TensorFlow has no CUDA library for ${platform}. Use --engine cpu.`);
  }
  const useCuda = asked === "cuda" || (asked === "auto" && hasCudaWheels && hasNvidiaDriver(env));
  const engine = useCuda ? "cuda" : "cpu";
  const key = `tensorflow-${pinned.tensorflow}-${platform}-${engine}-build-${pinned.build}`;
  return {
    engine,
    folder: path.join(cacheFolder(env), "engine", key),
    wheels: pinned.lists[`${platform}-${engine}`],
    members: pinned.members,
  };
}

/** True when tfjs-node-gpu of this clone loads the planned engine. */
export function isEngineReady(root, { folder }) {
  try {
    return fs.realpathSync(addonLink(root)) === fs.realpathSync(path.join(folder, ADDON_FILE));
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(error.code)) return false;
    throw error;
  }
}

/**
 * Puts the engine into the cache unless it is there. Everything happens in a folder beside it that
 * is renamed at the end. The caller holds the lock of the cache.
 * @param {EnginePlan} plan
 * @param {{source: string, headers: string, node: string}} addon what it is built from, and with
 *   which Node it must load
 * @param {import("./entry.mjs").Effects} effects
 */
export async function installEngine(plan, addon, effects) {
  if (fs.existsSync(plan.folder)) return;
  const parent = path.dirname(plan.folder);
  makeFolders(parent);
  for (const name of fs.readdirSync(parent).filter((name) => name.endsWith(".partial"))) {
    await remove(path.join(parent, name));
  }
  await requirePip(effects);
  const compiler = await requireCompiler(effects);
  requireRoom(plan, parent);

  const partial = `${plan.folder}.${process.pid}.partial`;
  try {
    for (const wheel of plan.wheels) await addWheel(wheel, plan, partial, effects);
    await buildAddon(partial, addon, compiler, effects);
    await requireLoads(partial, addon.node, effects);
    const { engine, wheels } = plan;
    const note = { tensorflow: PINNED.tensorflow, engine, compiler, wheels };
    fs.writeFileSync(`${partial}/engine.json`, `${JSON.stringify(note, null, 2)}\n`);
    effects.interruption.throwIfAborted();
    fs.renameSync(partial, plan.folder);
  } finally {
    await remove(partial);
  }
}

async function addWheel(wheel, { members }, partial, effects) {
  const download = `${partial}/download`;
  const file = await fetchWheel(wheel, download, effects);
  const progress = startProgress(`unpack ${wheel.requirement}`, effects.stderr);
  const onLine = (line) => progress.update(Number(line), Number(line) / wheel.unpackedBytes);
  const { interruption, env } = effects;
  const { code, output } = await runTool("python3", [UNPACKER, file, partial, ...members], {
    interruption,
    env,
    onLine,
  });
  if (code !== 0) {
    progress.stop();
    if (output.includes("Errno 28")) throw Object.assign(new Error(output), { code: "ENOSPC" });
    throw new SetupError(`${wheel.file} could not be unpacked; python3 said:\n${output.trim()}`);
  }
  progress.done();
  await remove(download);
}

/** The unpacked files, and the largest wheel twice, as pip copies it out of its own folder. */
function requireRoom({ wheels }, folder) {
  const unpacked = wheels.reduce((sum, wheel) => sum + wheel.unpackedBytes, 0);
  const needed = unpacked + 2 * Math.max(...wheels.map(({ bytes }) => bytes)) + ROOM_TO_SPARE;
  const { bavail, bsize } = fs.statfsSync(folder);
  if (bavail * bsize >= needed) return;
  throw new SetupError(
    `The engine needs ${formatBytes(needed)} of disk in ${folder}; ${formatBytes(bavail * bsize)} are free.\n` +
      "Free some, or choose another disk: export RADEMARK_CACHE=/path/on/another/disk",
  );
}

const remove = (folder) => fs.promises.rm(folder, { recursive: true, force: true, maxRetries: 3 });
