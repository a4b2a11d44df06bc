import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sourceDigest } from "../../record/custom-code.ts";
import { aPerson } from "../world/command-line.ts";
import { run, sharedServer } from "../world/server.ts";

const server = sharedServer();
const SOURCE = readFileSync("examples/decov.ts", "utf8");
const DIGEST = sourceDigest(SOURCE);

test("an entry with custom code is reproduced after its source was laid out, and allowed", async () => {
  const [ada, bob] = [await aPerson(server.url), await aPerson(server.url)];
  writeFileSync(join(ada.cwd, "my-reg.ts"), SOURCE);
  const listed = await ada.run(run("--reg", "./my-reg.ts=0.1", "--challenge", "--submit"));
  expect(listed.code, listed.stderr).toBe(0);
  const { id } = ada.json("a/receipt.json") as { id: string };
  const repro = ["repro", id, "--out", "r", "--threads", "1"];

  const preview = await bob.run([...repro, "--dry-run"]);
  expect(preview.stdout).toContain(`Would run regularizer custom:my-reg@${DIGEST.slice(0, 8)}`);
  expect(preview.stdout).toContain("after --allow-custom-code alone");
  expect(bob.has("r")).toBe(false);

  const refused = await bob.run(repro);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain(`from entry ${id} of ${server.url}`);
  expect(refused.stderr).toContain(`SHA-256 ${DIGEST}, in ${join(bob.cwd, "r", "reg.ts")}`);
  expect(readFileSync(join(bob.cwd, "r", "reg.ts"), "utf8")).toBe(SOURCE);
  expect(bob.has("r/commitment.json")).toBe(false);

  const allowed = await bob.run([...repro, "--allow-custom-code"]);
  expect(allowed.code, allowed.stderr).toBe(0);
  expect(allowed.stderr).toContain("Running code of others, from entry");
  expect(allowed.stdout).toContain("Agrees");
}, 120_000);
