import { expect, test } from "vitest";
import { deriveProtocol } from "../../../record/derived-protocol.ts";
import { findProtocol, protocolId, protocols } from "../../../record/protocols.ts";
import { randomLabels } from "../../../record/random-label.ts";
import { CLAIMS } from "../../../record/replication/claims.ts";
import type { Findings, Verdict } from "../../../record/replication/findings.ts";
import { drawn } from "../../../site/charts/drawn.ts";
import { finding } from "../../../site/components/landing/finding.ts";
import { memorisedShares } from "../../../site/components/landing/memorised.ts";
import { findings } from "../../../site/data/findings.ts";
import { CLAIMS_BY_USE } from "../../../site/data/first-finding.ts";
import file from "../../../site/data/landing/memorised-images.json" with { type: "json" };
import { memorisedRun } from "../../../site/data/memorised-run.ts";
import { protocolLine } from "../../../site/data/protocol-line.ts";

test("a protocol is said in one line", () => {
  expect(Object.values(protocols).map(protocolLine)).toEqual([
    "2,500 images of CIFAR-10, 10 classes, 30 epochs; a run takes seconds to minutes.",
    "50,000 images of CIFAR-10, 10 classes, 200 epochs; the recipe of a wide residual network.",
    "50,000 images of CIFAR-100, 100 classes, 200 epochs; the recipe of a wide residual network.",
    "1,281,167 images of ImageNet, 1,000 classes, 90 epochs; the recipe of a vision transformer.",
  ]);
  const own = deriveProtocol(findProtocol("micro-1"), ["epochs=2"]);
  expect(protocolLine(own)).toBe("2,500 images of CIFAR-10, 10 classes, 2 epochs.");
});

test("the run of the first page has the labels that its protocol and seed give its images", () => {
  const protocol = deriveProtocol(findProtocol("micro-1"), ["dataset=fashion-mnist"]);
  expect(file.protocol).toBe(protocolId(protocol));
  expect(file.epochs).toHaveLength(protocol.epochs + 1);
  expect(file.images.map((image) => image.class)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const indices = file.images.map(({ index }) => index);
  const told = randomLabels({
    ...{ seed: file.seed, n: file.n, draw: 0, indices, kind: "random-label" },
  });
  expect(file.images.map(({ randomLabel }) => randomLabel)).toEqual([...told]);
});

test("the sentence below the images has the epoch's counts and gap", () => {
  const run = {
    ...memorisedRun,
    epochs: [{ train: 0.9, test: 0.65, randomLabels: 0.2, known: [] }],
  };
  const text = drawn(memorisedShares(run, 0)).replaceAll(/<[^>]*>/g, "");
  expect(text).toContain(
    "After 0 epochs the head knows the random labels of 500 of 2,500 images; guessing",
  );
  expect(text).toContain(
    "90.0\u00a0% of them, and of 65.0\u00a0% of the test images: a gap of 25.0 points.",
  );
  expect(text).toContain("19.2"); // (0.2 - 0.01) / 0.99, at the curve's end
});

/** Findings in which these networks decide these claims, and nobody any other. */
function decidedBy(statuses: Record<string, Record<string, Verdict["status"]>>): Findings {
  const test = { mean: 0.0123, low: 0.003, high: 0.0215, p: 0.01, level: 0.001 };
  return {
    ...findings,
    claims: findings.claims.map((claim) => ({
      ...claim,
      verdicts: claim.verdicts.map((verdict): Verdict => {
        const status = statuses[claim.id]?.[verdict.network];
        const open = { ...verdict, status: "not yet run", test: null } as const;
        return status === undefined ? open : { ...open, status, test };
      }),
    })),
  };
}

const textOf = (of: Findings) => drawn(finding(of)).replaceAll(/<[^>]*>/g, "");

test("the finding is the first decided claim in the fixed order, whichever way it went", () => {
  const [dropout, helps] = [
    { "mlp-128": "holds" },
    { "mlp-512": "fails", "cnn-16": "inconclusive" },
  ] as const;
  const text = textOf(decidedBy({ T4: dropout, T9: helps }));
  expect(text).toContain(
    "Put to the test: With ample data, suppressing random labels at the right strength raises",
  );
  expect(text).toContain(
    "Fails on mlp-512, inconclusive on cnn-16, not yet run on 5 others. On mlp-512 the effect is 1.23 [0.30, 2.15] points, " +
      "where the claim needs more than 0.50 (interval",
  );
  expect(textOf(decidedBy({ T4: { "mlp-128": "holds", "mlp-512": "holds" } }))).toContain(
    "Holds on mlp-128 and mlp-512, not yet run on 3 others.",
  );
  expect(textOf(decidedBy({ T4: dropout, T2: helps }))).toContain(
    "Dropout lowers learned complexity",
  );
  expect(textOf(decidedBy({ T9: { "cnn-16": "inconclusive" } }))).toContain(
    "No verdict stands yet.",
  );
});

test("every claim that can have a verdict has its place in that order", () => {
  const judged = findings.claims.filter(({ verdicts }) => verdicts.length > 0).map(({ id }) => id);
  expect(CLAIMS_BY_USE.map(([id]) => id).sort()).toEqual(judged.sort());
  expect(CLAIMS.length).toBeGreaterThan(judged.length);
});
