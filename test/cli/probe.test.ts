import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { EXIT } from "../../harness/errors.ts";
import { writeNpy } from "../../harness/measure/save.ts";
import { ProbeDocument } from "../../harness/probe/probe-document.ts";
import { gaussianCloud } from "../measure/synthetic.ts";

const folder = mkdtempSync(join(tmpdir(), "rademark-probe-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeNpy(join(folder, "z.npy"), gaussianCloud(50, 4, 1), [50, 4]);

const bin = fileURLToPath(new URL("../../harness/cli/rademark.ts", import.meta.url));

function rademark(...args: string[]): Promise<{ code: unknown; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, "probe", ...args], { cwd: folder }, (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    );
  });
}

test("probe prints one document, and nothing of TensorFlow's on stderr", async () => {
  const { code, out, err } = await rademark(
    ...["--features", "z.npy", "--n", "2,3", "--json", "--quiet"],
  );
  expect([code, err]).toEqual([EXIT.ok, ""]);
  const { taps, samples } = ProbeDocument.parse(JSON.parse(out));
  expect([samples, taps[0]!.refit.map(({ n }) => n)]).toEqual([50, [2, 3]]);
});

test("probe names a missing file without a stack trace", async () => {
  const { code, out, err } = await rademark("--features", "y.npy");
  expect([code, out]).toEqual([EXIT.usage, ""]);
  expect(err).toMatch(/^rademark: There is no file .*y\.npy\.\n$/);
});
