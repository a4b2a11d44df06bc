/** @file The engine: TensorFlow's library and the addon, kept in the cache by version. */

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "./cache.mjs";
import { runTool } from "./child.mjs";
import { SetupError, formatBytes, startProgress, withProgress } from "./entry.mjs";
import { hasNvidiaDriver, installCommand, requirePlatform } from "./machine.mjs";
import { fetchWheel, requirePip } from "./pip.mjs";
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
 * Puts the engine into the cache unless it is there. All work is done in a folder beside it, which
 * is renamed at the end. The caller holds the lock of the cache.
 * @param {EnginePlan} plan
 * @param {Promise<{source: string, headers: string, node: string}>} addon what it is built from, and with which Node it
 *   must load: packages, which may still be under way while the wheel is fetched and unpacked
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
    const built = await addon;
    await buildAddon(partial, built, compiler, effects);
    await requireLoads(partial, built.node, effects);
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

/** The native addon of @tensorflow/tfjs-node-gpu, built against the TensorFlow just unpacked. */
const ADDON_FILE = "tfjs_binding.node";

const SOURCES = ["tfjs_backend.cc", "tfjs_binding.cc"];
const NAPI_VERSION = 8;

/** Where tfjs-node-gpu looks for its addon. */
const addonLink = (root) =>
  `${root}/node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v${NAPI_VERSION}/${ADDON_FILE}`;

/** @returns {Promise<string>} CXX, or the first compiler that answers; else how to install one */
async function requireCompiler({ interruption, env }) {
  for (const command of [env.CXX, "g++", "c++", "clang++"].filter(Boolean)) {
    const { code } = await runTool(command, ["--version"], { interruption, env });
    if (code === 0) return command;
  }
  const fix = installCommand("compiler", env);
  throw new SetupError(`A C++ compiler is missing (g++ or clang++). Install it: ${fix}`);
}

/**
 * Compiles the addon into `folder`, beside the unpacked `tensorflow/`. It finds the library
 * relative to itself, so the folder may be renamed afterwards.
 * @param {{source: string, headers: string}} addon folders: the package's binding/, Node-API's headers
 * @param {import("./entry.mjs").Effects} effects
 */
async function buildAddon(folder, addon, compiler, effects) {
  const { interruption, env, stderr } = effects;
  const compile = async (args) => {
    const { code, output } = await runTool(compiler, args, { interruption, env });
    if (code === 0) return;
    throw new SetupError(`${compiler} could not build the addon; it said:\n${output.slice(-3000)}`);
  };
  await withProgress("build the TensorFlow addon", stderr, async () => {
    if (process.platform === "linux") await makeStubs(folder, compile);
    await compile(compilerArguments(folder, addon));
    await remove(`${folder}/stubs`);
  });
}

const LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];

/**
 * Empty libraries of the same names. The linker is to note the names, no more, and would read hundreds of thousands of
 * symbols of the real ones for it; that they hold what the addon calls is seen when it is loaded.
 */
async function makeStubs(folder, compile) {
  makeFolders(`${folder}/stubs`);
  for (const name of LIBRARIES)
    await compile([
      ...["-shared", "-x", "c", "/dev/null", `-Wl,-soname,${name}`],
      ...["-o", `${folder}/stubs/${name}`],
    ]);
}

function compilerArguments(folder, { source, headers }) {
  const libraries = `${folder}/tensorflow`;
  const includes = [source, `${libraries}/include`, headers].flatMap((one) => ["-I", one]);
  const link =
    process.platform === "darwin"
      ? [
          ...["-bundle", "-undefined", "dynamic_lookup"],
          `${libraries}/libtensorflow_cc.2.dylib`,
          `${libraries}/libtensorflow_framework.2.dylib`,
          "-Wl,-rpath,@loader_path/tensorflow",
        ]
      : [
          ...["-shared", "-L", `${folder}/stubs`, "-Wl,--no-as-needed"],
          ...LIBRARIES.map((name) => `-l:${name}`),
          "-Wl,-rpath,$ORIGIN/tensorflow",
        ];
  return [
    ...["-O2", "-std=c++17", "-fPIC", `-DNAPI_VERSION=${NAPI_VERSION}`, ...includes],
    ...SOURCES.map((name) => path.join(source, name)),
    ...["-o", path.join(folder, ADDON_FILE), ...link],
  ];
}

/** Loads the addon, with every symbol that it needs, in a separate process, to make sure that this machine can. */
async function requireLoads(folder, node, { interruption, env }) {
  const { code, output } = await runTool(
    node,
    ["--eval", "require(process.argv[1])", path.join(folder, ADDON_FILE)],
    { interruption, env: { ...env, TF_CPP_MIN_LOG_LEVEL: "3", LD_BIND_NOW: "1" } },
  );
  if (code === 0) return;
  const reason = output.match(/^Error: (.*)$/m)?.[1] ?? output.trim().slice(-2000);
  throw new SetupError(
    `The TensorFlow library does not load on this machine (code ${code}): ${reason}`,
  );
}

/** Makes tfjs-node-gpu use this engine, atomically, as other processes may be loading it. */
export function linkAddon(root, folder) {
  const link = addonLink(root);
  const fresh = `${link}.${process.pid}`;
  makeFolders(path.dirname(link));
  fs.rmSync(fresh, { force: true });
  fs.symlinkSync(path.join(folder, ADDON_FILE), fresh);
  fs.renameSync(fresh, link);
}
