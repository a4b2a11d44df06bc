import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { installEngine, isEngineReady, linkAddon } from "../../setup/engine.mjs";
import {
  EXPECTED_BYTES,
  arePackagesReady,
  folderBytes,
  installPackages,
} from "../../setup/npm.mjs";
import { collectedEffects, temporaryFolder } from "./effects.ts";
import { makeFakeEngine } from "./fake-engine.ts";

const made = fs.mkdtempSync(path.join(os.tmpdir(), "rademark-fake-engine-"));
const { planIn, addon, env } = makeFakeEngine(made);
afterAll(() => fs.rmSync(made, { recursive: true }));

function emptyCache() {
  const folder = temporaryFolder();
  const cache = `${folder}/cache`;
  return { folder, cache, plan: planIn(cache) };
}

const entriesOf = (folder: string) => (fs.existsSync(folder) ? fs.readdirSync(folder) : []);

/** A PATH that holds nothing but the named tools. */
function pathOf(folder: string, tools: Record<string, string>) {
  const bin = path.join(folder, "bin");
  fs.mkdirSync(bin);
  for (const [name, script] of Object.entries(tools)) {
    fs.writeFileSync(`${bin}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return bin;
}

const python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"])
  .toString()
  .trim();

test("a wheel becomes an engine that Node loads, and the clone is linked to it", async () => {
  const { folder, cache, plan } = emptyCache();
  const { effects, said } = collectedEffects(env);
  await installEngine(plan, addon, effects);

  const built: unknown = createRequire(import.meta.url)(`${plan.folder}/tfjs_binding.node`);
  expect(built).toBe(42);
  expect(entriesOf(cache)).toEqual(["fake-1"]);
  expect(said()).toMatch(/download fake-engine==1.0: \d+ kB in/);

  const clone = `${folder}/clone`;
  expect(isEngineReady(clone, plan)).toBe(false);
  linkAddon(clone, plan.folder);
  expect(isEngineReady(clone, plan)).toBe(true);
  fs.rmSync(plan.folder, { recursive: true });
  expect(isEngineReady(clone, plan)).toBe(false);
});

test("an engine in the cache is used as it is, without any tool or network", async () => {
  const { cache, plan } = emptyCache();
  fs.mkdirSync(plan.folder, { recursive: true });
  const { effects, said } = collectedEffects({ PATH: "" });
  await installEngine(plan, addon, effects);
  expect(said()).toBe("");
  expect(entriesOf(cache)).toEqual(["fake-1"]);
});

test("a wheel with another digest is refused, and nothing of it stays", async () => {
  const { cache, plan } = emptyCache();
  const [wheel] = plan.wheels;
  const swapped = { ...plan, wheels: [{ ...wheel!, sha256: "0".repeat(64) }] };
  const install = installEngine(swapped, addon, collectedEffects(env).effects);
  await expect(install).rejects.toThrow(`SHA-256 is ${wheel!.sha256}, not 000`);
  expect(entriesOf(cache)).toEqual([]);
});

test("a library that does not load is refused with the loader's reason", async () => {
  const { folder, cache, plan } = emptyCache();
  const source = `${folder}/binding`;
  fs.cpSync(addon.source, source, { recursive: true });
  const undefinedSymbol = 'extern "C" int nowhere();\nint x = nowhere();\n';
  fs.appendFileSync(`${source}/tfjs_binding.cc`, undefinedSymbol);
  const install = installEngine(plan, { ...addon, source }, collectedEffects(env).effects);
  await expect(install).rejects.toThrow(/nowhere/);
  expect(entriesOf(cache)).toEqual([]);
});

test("what is missing is named with the command that installs it", async () => {
  const { folder, cache, plan } = emptyCache();
  const install = (PATH: string) =>
    installEngine(plan, addon, collectedEffects({ ...env, PATH }).effects);
  const sudo = process.getuid?.() === 0 ? "" : "sudo ";

  const dnf = { dnf: "exit 0" };
  await expect(install(pathOf(folder, dnf))).rejects.toThrow(
    `python3 is missing (it fetches TensorFlow's library). Install it: ${sudo}dnf install -y python3 python3-pip`,
  );
  fs.rmSync(`${folder}/bin`, { recursive: true });
  const withoutPip = pathOf(folder, { python3: `exec ${python} -S "$@"`, "apt-get": "exit 0" });
  await expect(install(withoutPip)).rejects.toThrow(
    `python3 has no pip (it fetches TensorFlow's library). Install it: ${sudo}apt-get install -y python3 python3-pip`,
  );
  fs.rmSync(`${folder}/bin`, { recursive: true });
  const withoutCompiler = pathOf(folder, { python3: `exec ${python} "$@"`, "apt-get": "exit 0" });
  await expect(install(withoutCompiler)).rejects.toThrow(
    `A C++ compiler is missing (g++ or clang++). Install it: ${sudo}apt-get install -y g++`,
  );
  expect(entriesOf(cache)).toEqual([]);
});

test("without a network the set-up ends with code 4 and says what to try", async () => {
  const { cache, plan } = emptyCache();
  const offline = {
    ...env,
    PIP_NO_INDEX: "0",
    PIP_FIND_LINKS: "",
    PIP_INDEX_URL: "http://127.0.0.1:9/simple",
    PIP_RETRIES: "1",
  };
  const install = installEngine(plan, addon, collectedEffects(offline).effects);
  await expect(install).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining("Check the connection") as string,
  });
  expect(entriesOf(cache)).toEqual([]);
});

test("a disk without room is named before anything is fetched", async () => {
  const { cache, plan } = emptyCache();
  const huge = { ...plan, wheels: plan.wheels.map((wheel) => ({ ...wheel, unpackedBytes: 1e18 })) };
  const install = installEngine(huge, addon, collectedEffects(env).effects);
  await expect(install).rejects.toThrow(/needs .* of disk in .* are free[^]*RADEMARK_CACHE/);
  expect(entriesOf(cache)).toEqual([]);
});

/** A clone that depends on one package, packed by npm itself; `npm ci` needs no network for it. */
function makeClone() {
  const folder = temporaryFolder();
  const clone = `${folder}/clone`;
  fs.mkdirSync(`${clone}/.rademark`, { recursive: true });
  fs.mkdirSync(`${folder}/tiny`);
  const scripts = { postinstall: `touch ${folder}/script-ran` };
  writeJson(`${folder}/tiny/package.json`, { name: "tiny", version: "1.0.0", scripts });
  execFileSync("npm", ["pack", "--silent", `${folder}/tiny`], { cwd: folder });
  const archive = path.join(folder, "tiny-1.0.0.tgz");
  const dependencies = { tiny: `file:${archive}` };
  const integrity = createHash("sha512").update(fs.readFileSync(archive)).digest("base64");
  const tiny = {
    version: "1.0.0",
    resolved: `file:${archive}`,
    integrity: `sha512-${integrity}`,
    hasInstallScript: true,
  };
  writeJson(`${clone}/package.json`, { name: "clone", version: "1.0.0", dependencies });
  writeLock(clone, { "node_modules/tiny": tiny }, dependencies);
  return { folder, clone, tiny, dependencies };
}

function writeLock(clone: string, packages: object, dependencies: object) {
  const project = { name: "clone", version: "1.0.0", dependencies };
  const lock = { name: "clone", version: "1.0.0", lockfileVersion: 3, requires: true };
  writeJson(`${clone}/package-lock.json`, { ...lock, packages: { "": project, ...packages } });
}

const writeJson = (file: string, value: unknown) => fs.writeFileSync(file, JSON.stringify(value));

const stampOf = (clone: string) => `${clone}/node_modules/.rademark-stamp`;

test("packages are installed for one lock file; a changed one asks for them again", async () => {
  const { folder, clone, tiny, dependencies } = makeClone();
  expect(arePackagesReady(clone)).toBe(false);
  await installPackages(clone, collectedEffects().effects);
  expect(arePackagesReady(clone)).toBe(true);
  expect(fs.existsSync(`${clone}/node_modules/tiny/package.json`)).toBe(true);
  expect(fs.existsSync(`${folder}/script-ran`)).toBe(false);
  expect(fs.readdirSync(`${clone}/.rademark`)).toEqual([]);

  writeLock(clone, { "node_modules/tiny": { ...tiny, version: "1.0.1" } }, dependencies);
  expect(arePackagesReady(clone)).toBe(false);
});

test("a failed installation leaves the packages that were there", async () => {
  const { clone, tiny, dependencies } = makeClone();
  await installPackages(clone, collectedEffects().effects);
  const swapped = { ...tiny, integrity: `sha512-${"A".repeat(86)}==` };
  writeLock(clone, { "node_modules/tiny": swapped }, dependencies);
  const install = installPackages(clone, collectedEffects().effects);
  await expect(install).rejects.toThrow(/not the one in package-lock.json[^]*npm cache clean/);
  expect(fs.existsSync(`${clone}/node_modules/tiny/package.json`)).toBe(true);
  expect(fs.readdirSync(`${clone}/.rademark`)).toEqual([]);
});

test("an interrupted installation leaves no node_modules and no folder of its own", async () => {
  const { clone } = makeClone();
  fs.mkdirSync(`${clone}/.rademark/packages-1.partial`); // of a set-up that was killed
  const { effects, interrupt } = collectedEffects();
  const install = installPackages(clone, effects);
  interrupt();
  await expect(install).rejects.toThrow("interrupted");
  expect(fs.existsSync(`${clone}/node_modules`)).toBe(false);
  expect(fs.readdirSync(`${clone}/.rademark`)).toEqual([]);
});

test("packages that npm itself installed are taken over, unless one is missing", () => {
  const { clone } = makeClone();
  execFileSync("npm", ["ci", "--silent", "--ignore-scripts"], { cwd: clone });
  expect(fs.existsSync(stampOf(clone))).toBe(false);
  expect(arePackagesReady(clone)).toBe(true);
  expect(fs.existsSync(stampOf(clone))).toBe(true);

  fs.rmSync(stampOf(clone));
  const note = `${clone}/node_modules/.package-lock.json`;
  writeJson(note, { packages: {} });
  expect(arePackagesReady(clone)).toBe(false);
});

test("the size that moves the bar is near the size of the real packages", () => {
  const bytes = folderBytes("node_modules");
  expect(bytes).toBeGreaterThan(0.6 * EXPECTED_BYTES);
  expect(bytes).toBeLessThan(1.5 * EXPECTED_BYTES);
});
