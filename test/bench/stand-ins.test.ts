/** @file A library that needs one that is missing loads after the stand-ins are made. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "rademark-test-stand-ins-"));
afterAll(() => rmSync(folder, { recursive: true }));

const script = fileURLToPath(
  new URL("../../bench/training/python/cuda_stand_ins.py", import.meta.url),
);

function run(command: string, ...args: string[]) {
  return spawnSync(command, args, { cwd: folder, encoding: "utf8" });
}

test.runIf(process.platform === "linux")(
  "functions of missing libraries, with versions or without, answer that there is no device",
  () => {
    writeFileSync(join(folder, "device.c"), "int devices(void) { return 7; }\n");
    writeFileSync(join(folder, "device.map"), "DEVICE_13 { global: devices; };\n");
    writeFileSync(join(folder, "plain.c"), "int plain(void) { return 7; }\n");
    const user =
      "int devices(void); int plain(void); int ask(void) { return devices() + plain(); }";
    writeFileSync(join(folder, "user.c"), user);
    const shared = ["-shared", "-fPIC"];
    const device = ["-Wl,-soname,libdevice.so.13", "-Wl,--version-script,device.map"];
    run("cc", ...shared, ...device, "-o", "libdevice.so.13", "device.c");
    run("cc", ...shared, "-Wl,-soname,libplain.so.2", "-o", "libplain.so.2", "plain.c");
    const linked = ["-Wl,-rpath,$ORIGIN", "libdevice.so.13", "libplain.so.2"];
    run("cc", ...shared, "-o", "libuser.so", "user.c", ...linked);
    rmSync(join(folder, "libdevice.so.13"));
    rmSync(join(folder, "libplain.so.2"));

    const load = "import ctypes; print(ctypes.CDLL('./libuser.so').ask())";
    expect(run("python3", "-c", load).stderr).toContain("cannot open shared object");
    expect(run("python3", script, folder).stdout.trim()).toBe("2");
    expect(run("python3", "-c", load).stdout.trim()).toBe("200");
    expect(run("python3", script, folder).stdout.trim()).toBe("0");
  },
);
