/** @file Facts about this machine: its platform, an NVIDIA driver, and how it installs what is missing. */

import fs from "node:fs";
import path from "node:path";
import { SetupError } from "./entry.mjs";

const PLATFORMS = ["linux-x64", "linux-arm64", "darwin-arm64"];
const NVIDIA_DRIVER_FILE = "/proc/driver/nvidia/version";
/** Under WSL2 the driver is that of Windows, visible only in this folder. */
const WSL_DRIVER_FILE = "/usr/lib/wsl/lib/nvidia-smi";

/** @returns {string} one of PLATFORMS @throws {SetupError} on any other */
export function requirePlatform(platform = `${process.platform}-${process.arch}`) {
  if (PLATFORMS.includes(platform)) return platform;
  const advice = platform.startsWith("win32")
    ? "On Windows use WSL2: run `wsl --install` once, then clone and start inside its terminal"
    : `TensorFlow has libraries for ${PLATFORMS.join(", ")} only`;
  throw new SetupError(`Rademark does not run on ${platform}. ${advice}.`);
}

/** Looks for files only, so that the ready check stays quick. */
export function hasNvidiaDriver(env) {
  return (
    fs.existsSync(NVIDIA_DRIVER_FILE) ||
    fs.existsSync(WSL_DRIVER_FILE) ||
    findOnPath("nvidia-smi", env) !== null
  );
}

/** @returns {string | null} */
export function findOnPath(command, env) {
  const folders = (env.PATH ?? "").split(path.delimiter).filter(Boolean);
  return folders.map((folder) => path.join(folder, command)).find(fs.existsSync) ?? null;
}

const INSTALLERS = {
  "apt-get": { verb: "apt-get install -y", python: "python3 python3-pip", compiler: "g++" },
  dnf: { verb: "dnf install -y", python: "python3 python3-pip", compiler: "gcc-c++" },
  zypper: { verb: "zypper install -y", python: "python3 python3-pip", compiler: "gcc-c++" },
  pacman: { verb: "pacman -S --needed", python: "python python-pip", compiler: "gcc" },
};

/**
 * The command that installs something missing on this machine.
 * @param {"python" | "compiler"} need
 */
export function installCommand(need, env, platform = process.platform) {
  if (platform === "darwin") return "xcode-select --install";
  const tool = Object.keys(INSTALLERS).find((name) => findOnPath(name, env)) ?? "apt-get";
  const sudo = process.getuid?.() === 0 ? "" : "sudo ";
  return `${sudo}${INSTALLERS[tool].verb} ${INSTALLERS[tool][need]}`;
}
