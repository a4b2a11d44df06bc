import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { installEngine, isEngineReady, linkAddon } from "../../setup/engine.mjs";
import { arePackagesReady, installPackages } from "../../setup/npm.mjs";
import { collectedEffects, temporaryFolder } from "./effects.ts";
import { makeFakeEngine } from "./fake-engine.ts";

const made = fs.mkdtempSync(path.join(os.tmpdir(), "rademark-fake-engine-"));
const { planIn, addon, env } = makeFakeEngine(made);
const built = Promise.resolve(addon);
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
  await installEngine(plan, built, effects);

  const loaded: unknown = createRequire(import.meta.url)(`${plan.folder}/tfjs_binding.node`);
  expect(loaded).toBe(42);
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
  await installEngine(plan, built, effects);
  expect(said()).toBe("");
  expect(entriesOf(cache)).toEqual(["fake-1"]);
});

test("a wheel with another digest is refused, and nothing of it stays", async () => {
  const { cache, plan } = emptyCache();
  const [wheel] = plan.wheels;
  const swapped = { ...plan, wheels: [{ ...wheel!, sha256: "0".repeat(64) }] };
  const install = installEngine(swapped, built, collectedEffects(env).effects);
  await expect(install).rejects.toThrow(`SHA-256 is ${wheel!.sha256}, not 000`);
  expect(entriesOf(cache)).toEqual([]);
});

test("a library that does not load is refused with the loader's reason", async () => {
  const { folder, cache, plan } = emptyCache();
  const source = `${folder}/binding`;
  fs.cpSync(addon.source, source, { recursive: true });
  const undefinedSymbol = 'extern "C" int nowhere();\nint x = nowhere();\n';
  fs.appendFileSync(`${source}/tfjs_binding.cc`, undefinedSymbol);
  const install = installEngine(
    plan,
    Promise.resolve({ ...addon, source }),
    collectedEffects(env).effects,
  );
  await expect(install).rejects.toThrow(/nowhere/);
  expect(entriesOf(cache)).toEqual([]);
});

test("what is missing is named with the command that installs it", async () => {
  const { folder, cache, plan } = emptyCache();
  const install = (PATH: string) =>
    installEngine(plan, built, collectedEffects({ ...env, PATH }).effects);
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
  const install = installEngine(plan, built, collectedEffects(offline).effects);
  await expect(install).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining("Check the connection") as string,
  });
  expect(entriesOf(cache)).toEqual([]);
});

test("a disk without room is named before anything is fetched", async () => {
  const { cache, plan } = emptyCache();
  const huge = { ...plan, wheels: plan.wheels.map((wheel) => ({ ...wheel, unpackedBytes: 1e18 })) };
  const install = installEngine(huge, built, collectedEffects(env).effects);
  await expect(install).rejects.toThrow(/needs .* of disk in .* are free[^]*RADEMARK_CACHE/);
  expect(entriesOf(cache)).toEqual([]);
});

/** Packs a package of one file, whose script must not run; `npm ci` needs no network for it. */
function pack(name: string) {
  fs.mkdirSync(`${made}/${name}`);
  const scripts = { postinstall: `touch ${made}/script-ran` };
  writeJson(`${made}/${name}/package.json`, { name, version: "1.0.0", scripts });
  execFileSync("npm", ["pack", "--silent", `${made}/${name}`], { cwd: made });
  const archive = path.join(made, `${name}-1.0.0.tgz`);
  const integrity = createHash("sha512").update(fs.readFileSync(archive)).digest("base64");
  const resolved = `file:${archive}`;
  return { version: "1.0.0", resolved, integrity: `sha512-${integrity}`, hasInstallScript: true };
}

/** A clone that depends on one package, and on astro for its pages. */
function makeClone() {
  const clone = `${temporaryFolder()}/clone`;
  fs.mkdirSync(`${clone}/.rademark`, { recursive: true });
  const project = {
    ...{ name: "clone", version: "1.0.0" },
    dependencies: { tiny: tiny.resolved },
    devDependencies: { astro: astro.resolved },
  };
  writeJson(`${clone}/package.json`, project);
  const lock = (changed: object) =>
    writeJson(`${clone}/package-lock.json`, {
      ...{ name: "clone", version: "1.0.0", lockfileVersion: 3, requires: true },
      packages: {
        "": project,
        "node_modules/tiny": { ...tiny, ...changed },
        "node_modules/astro": astro,
      },
    });
  lock({});
  return { clone, lock };
}

const writeJson = (file: string, value: unknown) => fs.writeFileSync(file, JSON.stringify(value));
const [tiny, astro] = [pack("tiny"), { ...pack("astro"), dev: true }];
const packagesOf = (clone: string) =>
  fs.readdirSync(`${clone}/node_modules`).filter((name) => !name.startsWith("."));

test("packages are installed for one lock file; a changed one asks for them again", async () => {
  const { clone, lock } = makeClone();
  expect(arePackagesReady(clone, [])).toBe(false);
  await installPackages(clone, [], collectedEffects().effects);
  expect(arePackagesReady(clone, [])).toBe(true);
  expect(packagesOf(clone)).toEqual(["tiny"]);
  expect(fs.existsSync(`${made}/script-ran`)).toBe(false);
  expect(fs.readdirSync(`${clone}/.rademark`)).toEqual([]);

  lock({ version: "1.0.1" });
  expect(arePackagesReady(clone, [])).toBe(false);
});

test("another part is added beside what is there, and a smaller one is there already", async () => {
  const { clone } = makeClone();
  await installPackages(clone, [], collectedEffects().effects);
  const before = fs.statSync(`${clone}/node_modules/tiny`).ino;
  expect(arePackagesReady(clone, ["pages"])).toBe(false);
  // An addition that was killed has left a folder, but no note of it.
  fs.mkdirSync(`${clone}/node_modules/astro`);
  fs.writeFileSync(`${clone}/node_modules/astro/left-over`, "");

  await installPackages(clone, ["pages"], collectedEffects().effects);
  expect(packagesOf(clone)).toEqual(["astro", "tiny"]);
  expect(fs.readdirSync(`${clone}/node_modules/astro`)).toEqual(["package.json"]);
  expect(fs.statSync(`${clone}/node_modules/tiny`).ino).toBe(before); // others may be reading it
  expect([arePackagesReady(clone, ["pages"]), arePackagesReady(clone, [])]).toEqual([true, true]);
});

test("a changed lock file replaces all, and no part that was there vanishes", async () => {
  const { clone, lock } = makeClone();
  await installPackages(clone, ["pages"], collectedEffects().effects);
  const note = `${clone}/node_modules/.package-lock.json`;
  fs.writeFileSync(note, fs.readFileSync(note, "utf8").replaceAll('"1.0.0"', '"0.9.0"'));
  expect(arePackagesReady(clone, [])).toBe(false);
  lock({});
  await installPackages(clone, [], collectedEffects().effects);
  expect(packagesOf(clone)).toEqual(["astro", "tiny"]);
  expect(arePackagesReady(clone, ["pages"])).toBe(true);
});

test("a failed installation leaves the packages that were there", async () => {
  const { clone, lock } = makeClone();
  await installPackages(clone, [], collectedEffects().effects);
  lock({ integrity: `sha512-${"A".repeat(86)}==` });
  // As below `npm run --silent`: npm's reason is read all the same.
  const { effects } = collectedEffects({ ...process.env, npm_config_loglevel: "silent" });
  const install = installPackages(clone, [], effects);
  await expect(install).rejects.toThrow(/not the one in package-lock.json[^]*npm cache clean/);
  expect(fs.existsSync(`${clone}/node_modules/tiny/package.json`)).toBe(true);
  expect(fs.readdirSync(`${clone}/.rademark`)).toEqual([]);
});

test("an interrupted installation leaves no node_modules and no folder of its own", async () => {
  const { clone } = makeClone();
  fs.mkdirSync(`${clone}/.rademark/packages-1.partial`); // of a set-up that was killed
  const { effects, interrupt } = collectedEffects();
  const install = installPackages(clone, [], effects);
  interrupt();
  await expect(install).rejects.toThrow("interrupted");
  expect(fs.existsSync(`${clone}/node_modules`)).toBe(false);
  expect(fs.readdirSync(`${clone}/.rademark`)).toEqual([]);
});

test("packages that npm itself installed are taken over, unless one is missing", () => {
  const { clone } = makeClone();
  execFileSync("npm", ["ci", "--silent", "--ignore-scripts"], { cwd: clone });
  expect(arePackagesReady(clone, ["pages"])).toBe(true);
  const note = `${clone}/node_modules/.package-lock.json`;
  writeJson(note, { packages: {} });
  expect(arePackagesReady(clone, [])).toBe(false);
});
