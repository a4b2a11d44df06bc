/**
 * @file A wheel of a few kilobytes with the layout of TensorFlow's: two libraries and a header, and
 * an addon's source that needs them. Real pip, python3 and compiler turn it into an engine.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

const isMac = process.platform === "darwin";
const PLATFORM_TAG = isMac ? "macosx_12_0_arm64" : `manylinux_2_27_${machine()}`;
const libraryFile = (name: string) =>
  isMac ? `libtensorflow_${name}.2.dylib` : `libtensorflow_${name}.so.2`;

function machine() {
  return process.arch === "arm64" ? "aarch64" : "x86_64";
}

/** Builds the wheel and the addon's source in `folder`; a plan installs them into a cache. */
export function makeFakeEngine(folder: string) {
  const binding = path.join(folder, "binding");
  fs.mkdirSync(binding, { recursive: true });
  const wheel = makeWheel(folder);
  fs.writeFileSync(
    `${binding}/tfjs_backend.cc`,
    '#include "tensorflow/c/c_api.h"\nint answer() { return fake_cc() + fake_framework(); }\n',
  );
  fs.writeFileSync(
    `${binding}/tfjs_binding.cc`,
    `#include <node_api.h>
int answer();
NAPI_MODULE_INIT() {
  napi_value value;
  napi_create_int32(env, answer(), &value);
  return value;
}
`,
  );
  const headers = path.resolve("node_modules/node-api-headers/include");
  return {
    planIn: (cache: string) => ({
      engine: "cpu" as const,
      folder: path.join(cache, "fake-1"),
      wheels: [wheel],
      members: ["tensorflow/*"],
    }),
    addon: { source: binding, headers, node: process.execPath },
    env: { ...process.env, PIP_NO_INDEX: "1", PIP_FIND_LINKS: folder },
  };
}

function makeWheel(folder: string) {
  const content = path.join(folder, "content");
  fs.mkdirSync(`${content}/tensorflow/include/tensorflow/c`, { recursive: true });
  for (const [name, value] of [
    ["cc", 40],
    ["framework", 2],
  ] as const) {
    const source = path.join(folder, `${name}.cc`);
    fs.writeFileSync(source, `int fake_${name}() { return ${value}; }\n`);
    const file = libraryFile(name);
    const shared = isMac
      ? ["-dynamiclib", "-install_name", `@rpath/${file}`]
      : ["-shared", `-Wl,-soname,${file}`];
    execFileSync("c++", ["-fPIC", ...shared, source, "-o", `${content}/tensorflow/${file}`]);
  }
  const header = "int fake_cc();\nint fake_framework();\n";
  fs.writeFileSync(`${content}/tensorflow/include/tensorflow/c/c_api.h`, header);
  fs.mkdirSync(`${content}/fake_engine-1.0.dist-info`);
  const tag = `cp311-cp311-${PLATFORM_TAG}`;
  writeMetadata(`${content}/fake_engine-1.0.dist-info`, tag);
  const file = `fake_engine-1.0-${tag}.whl`;
  execFileSync("python3", ["-m", "zipfile", "-c", `../${file}`, ...fs.readdirSync(content)], {
    cwd: content,
  });
  const bytes = fs.readFileSync(path.join(folder, file));
  return {
    requirement: "fake-engine==1.0",
    file,
    bytes: bytes.length,
    unpackedBytes: 100_000,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

function writeMetadata(folder: string, tag: string) {
  fs.writeFileSync(
    `${folder}/METADATA`,
    "Metadata-Version: 2.1\nName: fake-engine\nVersion: 1.0\n",
  );
  fs.writeFileSync(`${folder}/RECORD`, "");
  fs.writeFileSync(
    `${folder}/WHEEL`,
    `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: ${tag}\n`,
  );
}
