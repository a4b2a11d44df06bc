import fs from "node:fs";
import { expect, test } from "vitest";
import pinned from "../../setup/wheels.json" with { type: "json" };
import { planEngine } from "../../setup/engine.mjs";
import { requirePlatform } from "../../setup/machine.mjs";
import { isNewEnough } from "../../setup/node.mjs";
import { takeEngine } from "../../setup/prepare.mjs";
import { temporaryFolder } from "./effects.ts";

/** An environment in which the NVIDIA driver's tool is on PATH. */
function withDriver() {
  const PATH = temporaryFolder();
  fs.writeFileSync(`${PATH}/nvidia-smi`, "", { mode: 0o755 });
  return { PATH, RADEMARK_CACHE: "/cache" };
}

test("auto takes CUDA where a driver and wheels for it are", () => {
  const env = withDriver();
  expect(planEngine("auto", env, "linux-x64").engine).toBe("cuda");
  expect(planEngine("auto", env, "linux-arm64").engine).toBe("cpu");
  expect(planEngine("cpu", env, "linux-x64").engine).toBe("cpu");
});

test("each version, platform and engine has its own folder of the cache", () => {
  const env = { RADEMARK_CACHE: "/cache" };
  expect(planEngine("cuda", env, "linux-x64").folder).toBe(
    "/cache/engine/tensorflow-2.21.0-linux-x64-cuda-build-1",
  );
  expect(planEngine("cpu", { XDG_CACHE_HOME: "/xdg" }, "darwin-arm64").folder).toBe(
    "/xdg/rademark/engine/tensorflow-2.21.0-darwin-arm64-cpu-build-1",
  );
});

test("an engine that does not exist is refused with those that do", () => {
  expect(() => planEngine("gpu", {}, "linux-x64")).toThrow("allowed are cpu, cuda, auto");
  expect(() => planEngine("cuda", {}, "darwin-arm64")).toThrow("Use --engine cpu");
  expect(() => requirePlatform("win32-x64")).toThrow("use WSL2");
  expect(() => requirePlatform("darwin-x64")).toThrow("linux-x64, linux-arm64, darwin-arm64 only");
});

test("every pinned wheel names the version and a digest, and each platform has a CPU list", () => {
  const { lists } = pinned;
  expect(Object.keys(lists)).toEqual(
    expect.arrayContaining(["linux-x64-cpu", "linux-arm64-cpu", "darwin-arm64-cpu"]),
  );
  for (const wheel of Object.values(lists).flat()) {
    const [name, version] = wheel.requirement.split("==");
    expect(wheel.file).toMatch(new RegExp(`^${name?.replaceAll("-", "_")}-${version}-.*\\.whl$`));
    expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
  }
});

test("Node 22.18 is the first that runs the product", () => {
  expect(["20.20.2", "22.17.1", "22.18.0", "23.0.0", "24.21.0"].map(isNewEnough)).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
});

test("--engine is found in both spellings and the other arguments stay", () => {
  const expected = { engine: "cpu", rest: ["run", "--json"] };
  expect(takeEngine(["run", "--engine", "cpu", "--json"])).toEqual(expected);
  expect(takeEngine(["run", "--engine=cpu", "--json"])).toEqual(expected);
  expect(takeEngine(["run"])).toEqual({ engine: undefined, rest: ["run"] });
});
