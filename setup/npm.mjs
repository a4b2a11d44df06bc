/** @file `npm ci` with progress, and what its failures mean. */

import fs from "node:fs";
import path from "node:path";
import { runTool } from "./child.mjs";
import { EXIT, SetupError } from "./failure.mjs";
import { startProgress } from "./progress.mjs";

const MEASURE_MS = 1_000;
/** What all packages weigh, unpacked. It only moves the bar; a test says when it is far off. */
export const EXPECTED_BYTES = 1090e6;
const NETWORK_FAILURE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET|CERT_|npm error code E5\d\d/;

/** The packages of a lock file by their folder, without the project itself. */
export function lockedPackages(root) {
  const { "": _project, ...packages } = JSON.parse(
    fs.readFileSync(`${root}/package-lock.json`, "utf8"),
  ).packages;
  return packages;
}

/** False for what npm leaves out here: an optional package made for other platforms. */
export function isForHere({ optional, os, cpu, libc }) {
  if (!optional) return true;
  if (!os && !cpu) return false; // comes along only with such a package
  return (
    [os ?? process.platform].flat().includes(process.platform) &&
    [cpu ?? process.arch].flat().includes(process.arch) &&
    [libc ?? "glibc"].flat().includes("glibc")
  );
}

/**
 * Installs the packages of `folder`'s lock file into its node_modules; no package's script runs.
 * @param {import("./entry.mjs").Effects} effects
 */
export async function installInto(folder, effects) {
  const progress = startProgress("npm packages", effects.stderr);
  const timer = setInterval(() => measure(folder, progress), MEASURE_MS);
  try {
    const [command, ...args] = npmCommand(effects.env);
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder];
    const { code, output } = await runTool(command, [...args, "ci", ...options], {
      interruption: effects.interruption,
      env: withoutOuterNpm(effects.env),
      cwd: folder,
    });
    if (code !== 0) throw npmFailure(code, output);
    measure(folder, progress);
    progress.done();
  } catch (error) {
    progress.stop();
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** The npm that started us, if one did; it may not be on PATH. */
function npmCommand(env) {
  const isNpm = env.npm_execpath?.endsWith("npm-cli.js");
  return isNpm ? [process.execPath, env.npm_execpath] : ["npm"];
}

/** `npm start` tells its children its own folder, which is not the one to install in. */
function withoutOuterNpm(env) {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => name !== "npm_config_local_prefix"),
  );
}

function npmFailure(code, output) {
  const said = output.trim().split("\n").slice(-12).join("\n");
  if (code === null) {
    return new SetupError(
      "npm is missing. It comes with Node; on Debian: sudo apt-get install npm",
    );
  }
  if (output.includes("EINTEGRITY")) {
    const cure = "Empty npm's cache (npm cache clean --force) and run again.";
    return new SetupError(`A package is not the one in package-lock.json. ${cure}\n${said}`);
  }
  if (output.includes("ENOSPC")) return Object.assign(new Error(said), { code: "ENOSPC" });
  if (NETWORK_FAILURE.test(output)) {
    const cure = "Check the connection (npm ping) and run the same command again.";
    return new SetupError(`npm could not reach its registry. ${cure}\n${said}`, EXIT.network);
  }
  return new SetupError(`npm ci failed; it said:\n${said}`);
}

function measure(folder, progress) {
  const bytes = folderBytes(`${folder}/node_modules`);
  progress.update(bytes, Math.min(0.99, bytes / EXPECTED_BYTES));
}

/** Bytes of all files below a folder that npm may be changing at this moment. */
export function folderBytes(folder) {
  let bytes = 0;
  const entries = fs.existsSync(folder) ? fs.readdirSync(folder, { withFileTypes: true }) : [];
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) bytes += folderBytes(file);
    else if (entry.isFile()) bytes += fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}
