import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { main } from "../../harness/cli/main.ts";
import { realEffects } from "../../harness/effects.ts";
import { DoctorDocument } from "../../harness/doctor/doctor-document.ts";
import { temporaryFolder } from "../setup/effects.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Runs the command in this process. */
async function doctor(args: string[], env: NodeJS.ProcessEnv = process.env) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(["doctor", ...args], {
    ...realEffects,
    terminal: null,
    env,
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
  });
  return { code, out: out.join(""), err: err.join("") };
}

test("this machine is examined, and the examining process never loads TensorFlow", async () => {
  const { code, out, err } = await doctor(["--quick", "--json"]);
  const document = DoctorDocument.parse(JSON.parse(out));
  expect(document.checks.filter(({ state }) => state === "fail")).toEqual([]);
  expect(code).toBe(0);
  const { library, selfTest, rates, checks, machine } = document;
  expect(library).toMatchObject({ version: "2.21.0", threads: machine.cores });
  expect(library.words.join("\n")).toMatch(/cpu_feature_guard|oneDNN/);
  expect(selfTest.map(({ arch }) => arch)).toEqual(["mlp-16", "cnn-4", "resnet-20", "wrn-10-1"]);
  for (const { eager, again, identical } of selfTest) {
    expect(eager).toBeLessThan(1e-4);
    expect([again, identical]).toEqual([0, true]);
  }
  expect(rates.matmul).toBeGreaterThan(1);
  expect(rates.convolution).toBeGreaterThan(1);
  // One line for each check, and not one of TensorFlow's.
  expect(err.trim().split("\n")).toEqual(
    checks.map(({ name, state }) => `${state.padEnd(4)}  ${name}`),
  );
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] };
  expect(sharedObjects.filter((path) => path.includes("tensorflow"))).toEqual([]);
});

test("a library that does not load is a failed check with the loader's words, as a table", async () => {
  const folder = temporaryFolder();
  // Before the addon's own path comes LD_LIBRARY_PATH.
  for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"])
    cpSync(join(ROOT, "package.json"), join(folder, name));
  const { code, out } = await doctor(["--quiet"], { ...process.env, LD_LIBRARY_PATH: folder });
  expect(code).toBe(1);
  expect(out).toMatch(
    /^library +fail +TensorFlow does not load: .*(invalid ELF header|too short)/m,
  );
  expect(out).toMatch(/^ +run: .*npm start$/m);
  expect(out).toMatch(/This machine cannot train as it is: \d+ ok, \d+ to look at, 1 failed/);
  expect(out).not.toMatch(/self-test/);
});

test("a checkout without an engine says how to get one, and ends with code 1", async () => {
  const clone = cloneWithoutEngine();
  const { code, stdout } = await new Promise<{ code: number; stdout: string }>((resolve) => {
    const args = [join(clone, "harness/cli/rademark.ts"), "doctor", "--json", "--quiet"];
    execFile(process.execPath, args, { cwd: clone }, (error, stdout) =>
      resolve({ code: Number(error?.code ?? 0), stdout }),
    );
  });
  expect(code).toBe(1);
  const { checks, library, healthy } = DoctorDocument.parse(JSON.parse(stdout));
  expect(healthy).toBe(false);
  expect(library).toMatchObject({ path: null, version: null, device: null });
  expect(checks.filter(({ state }) => state === "fail")).toEqual([
    {
      name: "library",
      state: "fail",
      says: "TensorFlow is not set up in this folder.",
      mend: "npm start",
    },
  ]);
});

function cloneWithoutEngine(): string {
  const clone = temporaryFolder();
  for (const name of ["bench", "harness", "record", "setup", "site", "package.json"])
    cpSync(join(ROOT, name), join(clone, name), { recursive: true });
  mkdirSync(join(clone, "node_modules/@tensorflow/tfjs-node-gpu"), { recursive: true });
  const theirs = join(ROOT, "node_modules");
  for (const name of readdirSync(theirs).filter((name) => name !== "@tensorflow"))
    symlinkSync(join(theirs, name), join(clone, "node_modules", name));
  const packageFile = "@tensorflow/tfjs-node-gpu/package.json";
  cpSync(join(theirs, packageFile), join(clone, "node_modules", packageFile));
  return clone;
}
