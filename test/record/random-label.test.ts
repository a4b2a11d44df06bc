import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { binomialLimits } from "../../record/statistics/t-interval.ts";
import method from "../../record/method.json" with { type: "json" };
import { type LabelKind, randomLabels } from "../../record/random-label.ts";

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Computed by Python's hashlib and unbounded integers from the sentence in method.md. */
test.each(method.vectors.randomLabels)(
  "$kind of seed $seed, n = $n, draw $draw at $index are $labels",
  ({ kind, seed, n, draw, index, labels }) => {
    const asked = { kind: kind as LabelKind, seed, n, draw, indices: index };
    expect([...randomLabels(asked)]).toEqual(labels);
  },
);

test("the platform's own SHA-256 gives the same labels", () => {
  const request = { kind: "random-label", seed: 3, n: 7, draw: 0, indices: upTo(200) } as const;
  const sha256 = (text: string) => hash("sha256", text, "buffer");
  expect(randomLabels({ ...request, sha256 })).toEqual(randomLabels(request));
});

test("labels are as even as chance allows", () => {
  const [m, n] = [20_000, 10];
  const counts = new Array<number>(n).fill(0);
  const sha256 = (text: string) => hash("sha256", text, "buffer");
  const request = { kind: "random-label", seed: 1, n, draw: 0, indices: upTo(m), sha256 } as const;
  for (const label of randomLabels(request)) counts[label]!++;
  const { low, high } = binomialLimits(m, 1 / n, 1e-6);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(low);
  expect(Math.max(...counts)).toBeLessThanOrEqual(high);
});

/** Rejection happens once in 2^44 draws or less, so the digests are made up here. */
test.each([
  [3, 0xffff_ffff_ffff_ffffn, 2],
  [3, 0xffff_ffff_ffff_fffen, 1],
  [1_000_000, 2n ** 64n - (2n ** 64n % 1_000_000n), 2],
  [1_000_000, 2n ** 64n - (2n ** 64n % 1_000_000n) - 1n, 1],
  [2, 0xffff_ffff_ffff_ffffn, 1],
])("for n = %i the hash %i takes %i attempts", (n, h, attempts) => {
  const asked: string[] = [];
  const sha256 = (text: string) => {
    asked.push(text);
    const digest = new Uint8Array(32);
    new DataView(digest.buffer).setBigUint64(0, asked.length === 1 ? h : 5n);
    return digest;
  };
  const labels = randomLabels({ kind: "random-label", seed: 9, n, draw: 2, indices: [4], sha256 });
  expect(asked).toEqual(
    upTo(attempts).map((attempt) => `rademark/random-label/9/${n}/2/4/${attempt}`),
  );
  expect(labels[0]).toBe(attempts === 1 ? Number(h % BigInt(n)) : 5 % n);
});
