/** @file The native addon of @tensorflow/tfjs-node-gpu, built against the TensorFlow just unpacked. */

import fs from "node:fs";
import path from "node:path";
import { runTool } from "./child.mjs";
import { SetupError } from "./failure.mjs";
import { installCommand } from "./machine.mjs";
import { startProgress } from "./progress.mjs";
import { makeFolders } from "./shared/folder.mjs";

export const ADDON_FILE = "tfjs_binding.node";
const SOURCES = ["tfjs_backend.cc", "tfjs_binding.cc"];
const NAPI_VERSION = 8;
const TICK_MS = 1_000;

/** Where tfjs-node-gpu looks for its addon. */
export const addonLink = (root) =>
  `${root}/node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v${NAPI_VERSION}/${ADDON_FILE}`;

/** @returns {Promise<string>} CXX, or the first compiler that answers; else how to install one */
export async function requireCompiler({ interruption, env }) {
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
export async function buildAddon(folder, addon, compiler, effects) {
  const progress = startProgress("build the TensorFlow addon", effects.stderr);
  const timer = setInterval(() => progress.update(0), TICK_MS);
  try {
    const { interruption, env } = effects;
    const { code, output } = await runTool(compiler, compilerArguments(folder, addon), {
      interruption,
      env,
    });
    if (code !== 0) {
      throw new SetupError(
        `${compiler} could not build the addon; it said:\n${output.slice(-3000)}`,
      );
    }
    progress.done();
  } catch (error) {
    progress.stop();
    throw error;
  } finally {
    clearInterval(timer);
  }
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
          ...["-shared", "-L", libraries],
          ...["-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2"],
          "-Wl,-rpath,$ORIGIN/tensorflow",
        ];
  return [
    ...["-O2", "-std=c++17", "-fPIC", `-DNAPI_VERSION=${NAPI_VERSION}`, ...includes],
    ...SOURCES.map((name) => path.join(source, name)),
    ...["-o", path.join(folder, ADDON_FILE), ...link],
  ];
}

/** Loads the addon in a process of its own: a library this machine cannot load is no engine. */
export async function requireLoads(folder, node, { interruption, env }) {
  const { code, output } = await runTool(
    node,
    ["--eval", "require(process.argv[1])", path.join(folder, ADDON_FILE)],
    { interruption, env: { ...env, TF_CPP_MIN_LOG_LEVEL: "3" } },
  );
  if (code === 0) return;
  const reason = output.match(/^Error: (.*)$/m)?.[1] ?? output.trim().slice(-2000);
  throw new SetupError(
    `The TensorFlow library does not load on this machine (code ${code}): ${reason}`,
  );
}

/** Makes tfjs-node-gpu use this engine; in one step, as other processes may be loading it. */
export function linkAddon(root, folder) {
  const link = addonLink(root);
  const fresh = `${link}.${process.pid}`;
  makeFolders(path.dirname(link));
  fs.rmSync(fresh, { force: true });
  fs.symlinkSync(path.join(folder, ADDON_FILE), fresh);
  fs.renameSync(fresh, link);
}
