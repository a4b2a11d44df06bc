/** @file `npm ci` with progress, and what its failures mean. */

import fs from "node:fs";
import path from "node:path";
import crypto from "node:crypto";
import { runTool } from "./child.mjs";
import { EXIT, SetupError, withProgress } from "./entry.mjs";
import { requireNode } from "./node.mjs";
import { makeFolders } from "./shared/folder.mjs";

/** Unpacked size of all packages. It only moves the bar; a test fails when it is far off. */
export const EXPECTED_BYTES = 1090e6;

const NETWORK_FAILURE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET|CERT_|npm error code E5\d\d/;

/** The packages of a lock file by their folder, without the project itself. */
function lockedPackages(root) {
  const { "": _project, ...packages } = JSON.parse(
    fs.readFileSync(`${root}/package-lock.json`, "utf8"),
  ).packages;
  return packages;
}

/** False for a package that npm leaves out here: an optional one for other platforms. */
function isForHere({ optional, os, cpu, libc }) {
  if (!optional) return true;
  if (!os && !cpu) return false; // a dependency of such a package
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
async function installInto(folder, effects) {
  const [command, ...args] = npmCommand(effects.env);
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder];
  const measure = (progress) => showBytes(folder, progress);
  const install = async (progress) => {
    const { code, output } = await runTool(command, [...args, "ci", ...options], {
      interruption: effects.interruption,
      env: withoutOuterNpm(effects.env),
      cwd: folder,
    });
    if (code !== 0) throw npmFailure(code, output);
    measure(progress);
  };
  await withProgress("npm packages", effects.stderr, install, { measure });
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

function showBytes(folder, progress) {
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

const stampFile = (root) => `${root}/node_modules/.rademark-stamp`;

/** What the stamp holds when node_modules was installed for this lock file and this platform. */
function expectedStamp(root) {
  const digest = crypto.createHash("sha256").update(fs.readFileSync(`${root}/package-lock.json`));
  return `${process.platform}-${process.arch} ${digest.digest("hex")}\n`;
}

/**
 * True when node_modules holds what package-lock.json asks for. Packages that a developer
 * installed with npm itself are taken over instead of installed again.
 */
export function arePackagesReady(root) {
  const expected = expectedStamp(root);
  if (fs.existsSync(stampFile(root))) {
    if (fs.readFileSync(stampFile(root), "utf8") === expected) return true;
  }
  if (!matchesLock(root)) return false;
  fs.writeFileSync(stampFile(root), expected);
  return true;
}

/** Compares npm's own note of what it installed (written last) with the lock file. */
function matchesLock(root) {
  const noteFile = `${root}/node_modules/.package-lock.json`;
  if (!fs.existsSync(noteFile)) return false;
  const noted = JSON.parse(fs.readFileSync(noteFile, "utf8")).packages;
  return Object.entries(lockedPackages(root)).every(([name, locked]) =>
    noted[name] ? noted[name].version === locked.version : !isForHere(locked),
  );
}

/**
 * `npm ci` in a folder of its own, then two renames. An interrupted install leaves the old
 * node_modules, or none. The caller holds the lock of the clone.
 * @param {import("./entry.mjs").Effects} effects
 */
export async function installPackages(root, effects) {
  const work = `${root}/.rademark`;
  for (const name of fs.readdirSync(work).filter((name) => name.endsWith(".partial"))) {
    await fs.promises.rm(path.join(work, name), { recursive: true, force: true, maxRetries: 3 });
  }
  const partial = `${work}/packages-${process.pid}.partial`;
  const replaced = `${work}/replaced-${process.pid}.partial`;
  fs.mkdirSync(partial);
  try {
    for (const name of ["package.json", "package-lock.json", ".npmrc"]) {
      if (fs.existsSync(`${root}/${name}`))
        fs.copyFileSync(`${root}/${name}`, `${partial}/${name}`);
    }
    await installInto(partial, effects);
    makeFolders(`${partial}/node_modules`);
    requireNode(partial);
    fs.writeFileSync(stampFile(partial), expectedStamp(partial));
    if (fs.existsSync(`${root}/node_modules`)) fs.renameSync(`${root}/node_modules`, replaced);
    fs.renameSync(`${partial}/node_modules`, `${root}/node_modules`);
  } finally {
    await fs.promises.rm(partial, { recursive: true, force: true, maxRetries: 3 });
    await fs.promises.rm(replaced, { recursive: true, force: true, maxRetries: 3 });
  }
}
