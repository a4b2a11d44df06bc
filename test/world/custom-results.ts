/** @file Results of custom code whose numbers are those of mlp-512, which has as many taps; nothing runs the code. */

import { createHash } from "node:crypto";
import { expect } from "vitest";
import { syntheticResult } from "../../bench/load/synthetic.ts";
import { NO_CUSTOM_CODE } from "../../record/custom-code.ts";
import type { Run } from "../../record/run.ts";
import type { IssuedChallenge } from "../../record/statement/challenge.ts";
import type { Commitment, Measurement, Result } from "../../record/statement/statements.ts";
import { type KeyHolder, aCommitment, alice } from "./statements.ts";
import { type Visitor, challenge } from "./visitor.ts";

/** Two sources whose SHA-256 begin with the same eight digits, found among the numbers below 31,000. */
export const [COLLIDING, ALSO] = [30203, 30269].map(
  (i) => `export default (net, image) => net.dense(image, ${i});\n`,
) as [string, string];

export const digestOf = (text: string) => createHash("sha256").update(text).digest("hex");

/** Source texts, and what their files are named. */
export interface OwnCode {
  source?: string;
  regSource?: string;
  name?: string;
  regs?: string;
  customTaps?: string[];
}

/** As a configuration and a commitment name it. */
export function configured(own: OwnCode) {
  const { source, regSource, name = "my-net", regs = "none" } = own;
  const named = (text: string) => `custom:${name}@${digestOf(text).slice(0, 8)}`;
  return {
    arch: source === undefined ? "mlp-512" : named(source),
    regs: regSource === undefined ? regs : named(regSource),
    ...NO_CUSTOM_CODE,
    ...(source !== undefined && {
      source: digestOf(source),
      customTaps: own.customTaps ?? ["first block", "second block"],
    }),
    ...(regSource !== undefined && { regSource: digestOf(regSource) }),
  } satisfies Partial<Commitment>;
}

let made = 5000; // far from those of other made results

/** A statement's runs as those of the code. */
export function customized<M extends Measurement>(measurement: M, own: OwnCode): M {
  const { arch, regs, customTaps } = configured(own);
  const relabelled = (run: Run): Run => ({ ...run, arch, regs, customTaps });
  return {
    ...measurement,
    ...{ arch, regs, source: own.source ?? null, regSource: own.regSource ?? null },
    panel: measurement.panel.map(relabelled),
    fresh: measurement.fresh.map(relabelled),
  };
}

/** @param issued the challenge that it answers; null: its panel alone. */
export function aCustomResult(own: OwnCode, issued: IssuedChallenge | null = null): Result {
  const plain = issued && {
    ...issued,
    commitment: aCommitment({ ...issued.commitment, arch: "mlp-512", regs: "none" }),
  };
  const result = syntheticResult((made += 1), plain);
  return customized(result, own);
}

export function customChallenge(
  visitor: Pick<Visitor, "submit">,
  own: OwnCode,
  holder: KeyHolder = alice,
): Promise<IssuedChallenge> {
  return challenge(visitor, configured(own), holder);
}

/** Accepted, with a challenge. @returns its id. */
export async function listedCustom(
  visitor: Pick<Visitor, "submit">,
  own: OwnCode,
): Promise<string> {
  const result = aCustomResult(own, await customChallenge(visitor, own));
  const answer = await visitor.submit("/v1/results", "result", result);
  expect(answer.status, await answer.clone().text()).toBe(201);
  return ((await answer.json()) as { id: string }).id;
}
