import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import {
  EXPECTED_BYTES,
  arePackagesReady,
  folderBytes,
  installPackages,
} from "../../setup/npm.mjs";
import { collectedEffects } from "./effects.ts";
import { temporaryFolder } from "./folder.ts";

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
