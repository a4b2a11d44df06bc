import { expect, test } from "vitest";
import { DoctorDocument } from "../../harness/doctor/check.ts";
import { examine } from "../../harness/doctor/doctor.ts";
import { engineChecks } from "../../harness/doctor/engine-checks.ts";
import { tryEngine, type EngineFindings } from "../../harness/doctor/engine-findings.ts";
import { clockCheck, memoryCheck, switchesCheck } from "../../harness/doctor/machine-checks.ts";

const trial = (value: number) => ({ arch: "mlp-16", loss: 2, features: [1, value] });
const findings = (changes: Partial<EngineFindings> = {}): EngineFindings => ({
  version: "2.21.0",
  gpu: false,
  recorded: [trial(0.5)],
  eager: [trial(0.5)],
  rates: { gemm: 100, convolution: 200 },
  ...changes,
});
const answer = (changes: Partial<EngineFindings> = {}) =>
  ({ ok: true, findings: findings(changes) }) as const;
const states = (checks: ReturnType<typeof engineChecks>) =>
  Object.fromEntries(checks.map(({ name, state }) => [name, state]));

test("a machine that can train is healthy, and says how fast it is", async () => {
  const steps: string[] = [];
  const onStep = (step: string) => void steps.push(step);
  const document = await examine({ quick: true, now: Date.now(), onStep });
  expect(DoctorDocument.parse(document).healthy).toBe(true);
  const says = Object.fromEntries(document.checks.map((check) => [check.name, check.says]));
  expect(says["library"]).toMatch(/^TensorFlow \d/);
  expect(says["determinism"]).toBe("another process gives the same bits");
  expect(says["rates"]).toMatch(/matrix product [\d.]+ GFLOP\/s/);
  expect(steps).toHaveLength(3);
});

test("a library that does not load is a failed check with its words", async () => {
  const broken = await tryEngine("again", ["no-such-architecture"]);
  expect(broken.ok).toBe(false);
  const checks = engineChecks(broken, broken);
  expect(checks).toHaveLength(1);
  expect(checks[0]).toMatchObject({ name: "library", state: "fail" });
  expect(checks[0]!.says).toMatch(/no-such-architecture/);
});

test("a graph that differs from eager execution fails", () => {
  const wrong = answer({ eager: [trial(0.6)] });
  expect(states(engineChecks(wrong, answer()))["graph against eager"]).toBe("fail");
  const missing = answer({ eager: [] });
  expect(states(engineChecks(missing, answer()))["graph against eager"]).toBe("fail");
  expect(states(engineChecks(answer(), answer()))["graph against eager"]).toBe("ok");
});

test("on the CPU another process has to give the same bits, on a GPU nearly the same", () => {
  const near = answer({ recorded: [trial(0.5001)] });
  expect(states(engineChecks(answer(), near))["determinism"]).toBe("warn");
  const gpu = answer({ gpu: true });
  expect(states(engineChecks(gpu, near))).toMatchObject({ device: "ok", "CPU against GPU": "ok" });
  const far = answer({ recorded: [trial(0.7)] });
  expect(states(engineChecks(gpu, far))["CPU against GPU"]).toBe("fail");
});

test("a wrong clock, little memory and switches are named with what mends them", () => {
  const now = Date.parse("2026-11-24T00:00:00Z");
  expect(clockCheck(now, now).state).toBe("ok");
  expect(clockCheck(now, now - 3_600_000)).toMatchObject({ state: "warn" });
  expect(clockCheck(Date.parse("2001-01-01"), 0)).toMatchObject({ state: "fail" });
  expect(memoryCheck(2 ** 29, 2 ** 34)).toMatchObject({ state: "warn" });
  expect(switchesCheck({}).state).toBe("ok");
  expect(switchesCheck({ TF_ENABLE_ONEDNN_OPTS: "0" })).toMatchObject({
    state: "warn",
    mend: "unset TF_ENABLE_ONEDNN_OPTS",
  });
});
