/** @file Fetches one pinned wheel with whatever pip there is, and explains pip's failures. */

import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { runTool } from "./child.mjs";
import { EXIT, SetupError, withProgress } from "./entry.mjs";
import { installCommand } from "./machine.mjs";
import { makeFolders } from "./shared/folder.mjs";

const MEASURE_MS = 200;
const NETWORK_FAILURE =
  /NewConnectionError|Failed to establish|NameResolutionError|name resolution|ConnectionError|ConnectionReset|Connection (refused|aborted|broken)|ReadTimeout|ConnectTimeout|timed out|SSLError|ProxyError|RemoteDisconnected|IncompleteRead|HTTP error 5\d\d|Network is unreachable/i;

/**
 * @typedef {object} Wheel one entry of wheels.json
 * @property {string} requirement `name==version`, as pip takes it
 * @property {string} file the wheel's file name; its last part names the platforms
 * @property {number} bytes
 * @property {number} unpackedBytes of the members that are kept
 * @property {string} sha256 hex
 */

/** @throws {SetupError} when python3 or its pip is missing, with the command that installs them. */
export async function requirePip({ interruption, env }) {
  const { code, output } = await runTool("python3", ["-c", "import pip"], {
    interruption,
    env,
  });
  if (code === 0) return;
  const what = code === null ? "python3 is missing" : "python3 has no pip";
  const detail =
    code === null || output.includes("No module named pip") ? "" : `\n${output.trim()}`;
  const fix = installCommand("python", env);
  throw new SetupError(`${what} (it fetches TensorFlow's library). Install it: ${fix}${detail}`);
}

/**
 * Downloads a wheel into `folder` and checks its digest.
 * @param {Wheel} wheel
 * @param {string} folder empty, on the disk that has room for it twice
 * @param {import("./entry.mjs").Effects} effects
 * @returns {Promise<string>} the wheel's path
 */
export async function fetchWheel(wheel, folder, effects) {
  const underWay = `${folder}/under-way`;
  makeFolders(underWay);
  const measure = ({ update }) => {
    const bytes = largestFile(folder);
    update(bytes, bytes / wheel.bytes);
  };
  const download = async (progress) => {
    const { code, output } = await runTool("python3", pipArguments(wheel, folder), {
      interruption: effects.interruption,
      env: {
        ...effects.env,
        TMPDIR: underWay, // pip downloads there first, where the bar sees it and we clean up
        PIP_REQUIRE_VIRTUALENV: "0", // nothing is installed into any Python
      },
    });
    if (code !== 0) throw pipFailure(wheel, output);
    measure(progress);
    const file = path.join(folder, wheel.file);
    await requireDigest(file, wheel);
    return file;
  };
  const options = { measure, everyMs: MEASURE_MS };
  return withProgress(`download ${wheel.requirement}`, effects.stderr, download, options);
}

/** The index is that of pip's settings; the wheel's name gives its Python and platforms. */
function pipArguments({ requirement, file }, folder) {
  const platforms = path.basename(file, ".whl").split("-").at(-1).split(".");
  return [
    ...["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"],
    ...["--disable-pip-version-check", "--no-input", "--progress-bar", "off"],
    ...["--implementation", "cp", "--python-version", "311", "--abi", "cp311"],
    ...platforms.flatMap((platform) => ["--platform", platform]),
    ...["--dest", folder, requirement],
  ];
}

function pipFailure({ requirement }, output) {
  const said = output.trim().split("\n").slice(-8).join("\n");
  if (/No space left|Errno 28/.test(output))
    return Object.assign(new Error(said), { code: "ENOSPC" });
  if (NETWORK_FAILURE.test(output)) {
    const cure = `Check the connection (python3 -m pip download --no-deps ${requirement}) and run again.`;
    return new SetupError(`pip could not fetch ${requirement}. ${cure}\n${said}`, EXIT.network);
  }
  return new SetupError(`pip could not fetch ${requirement}; it said:\n${said}`);
}

async function requireDigest(file, { sha256, file: name }) {
  const hash = crypto.createHash("sha256");
  if (!fs.existsSync(file)) throw new SetupError(`pip fetched another wheel than ${name}.`);
  await pipeline(fs.createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  const found = hash.digest("hex");
  if (found === sha256) return;
  throw new SetupError(
    `${name} is not the wheel that is expected: its SHA-256 is ${found}, not ${sha256}.\n` +
      "It was thrown away. Run again; if it stays so, look at pip's index: python3 -m pip config list",
  );
}

/** Bytes of the one file that pip is writing, below its temporary folder or already in place. */
function largestFile(folder) {
  let largest = 0;
  const entries = fs.existsSync(folder) ? fs.readdirSync(folder, { withFileTypes: true }) : [];
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    const bytes = entry.isDirectory()
      ? largestFile(file)
      : (fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0);
    largest = Math.max(largest, bytes);
  }
  return largest;
}
