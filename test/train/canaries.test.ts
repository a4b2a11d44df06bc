import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { canaryImage, withCanaries } from "../../harness/train/canaries.ts";
import { evaluateRun } from "../../harness/train/evaluation.ts";
import { CANARY_COPIES } from "../../record/regularizers.ts";
import { tinyProtocol, tinyTrainer, trainSteps } from "./tiny.ts";

// Digests by a second implementation, in Python, that looks for the last disc over each pixel.
test.each([
  [0, 32, 32, 3, "ee6b7fc115ec003274761d68208d7a505e98f4398484a9582329644a281227b9"],
  [24, 32, 32, 3, "ff824c844de2603a6582cbfbf9ff84f5e9e0f4a917eeb2dbe3829cd0527dfc2a"],
  [3, 28, 20, 1, "4bc642677f79a70c885ce040fb8ec1033fad38a95f22549a6746f86bb7978795"],
  [1, 1, 1, 5, "e6d57a82c6b2abe69491544a2b4892700f523dd101416564d971dbf8b974a274"],
])(
  "canary %i of %i x %i x %i pixels is the same everywhere",
  (k, height, width, channels, digest) => {
    const bytes = canaryImage(k, { height, width, channels });
    expect(bytes).toHaveLength(height * width * channels);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(digest);
  },
);

const protocol = tinyProtocol();
const { image } = protocol;
const size = image.height * image.width * image.channels;

/** The training images that lie in the session, one by one. */
function imagesOf({ session, built }: ReturnType<typeof tinyTrainer>): Uint8Array[] {
  const [all] = session.read([built.tables.images!.train]);
  return Array.from({ length: all!.length / size }, (_, i) =>
    Uint8Array.from(all!.subarray(i * size, (i + 1) * size)),
  );
}

test("canaries take the places of training samples, by the seed, and give them back to the next one", () => {
  const plain = tinyTrainer("mlp-16", "none");
  plain.start(1);
  const [before, classes] = [imagesOf(plain), plain.trainedClasses];
  plain.close();
  const trainer = tinyTrainer("mlp-16", "noise=1,canary=3");
  const places = [1, 2].map((seed) => {
    trainer.start(seed);
    const { rows, classes: own } = trainer.canaries!;
    expect([rows.length, new Set(rows).size]).toEqual([3 * CANARY_COPIES, 3 * CANARY_COPIES]);
    const now = imagesOf(trainer);
    for (const [row, pixels] of now.entries()) {
      const at = rows.indexOf(row);
      const k = Math.floor(at / CANARY_COPIES);
      expect(pixels).toEqual(at < 0 ? before[row] : canaryImage(k, image));
      // Noise of 1 leaves no class as it was, but those of canaries alone.
      if (at < 0) expect(trainer.trainedClasses[row]).not.toBe(classes[row]);
      else expect(trainer.trainedClasses[row]).toBe(own[k]);
      expect(trainer.samples.trainClasses[row]).toBe(at < 0 ? classes[row] : own[k]);
    }
    return [...rows];
  });
  trainer.close();
  expect(places[0]).not.toEqual(places[1]);
});

test("they are trained on: a network that fits everything fits them, as the clean labels count", async () => {
  const trainer = tinyTrainer("mlp-64", "canary=3", { protocol: tinyProtocol({ epochs: 20 }) });
  trainer.start(1);
  for (let epoch = 0; epoch < 20; epoch++) await trainSteps(trainer, epoch, 0, 5);
  const { final, classCorrect } = await evaluateRun(trainer);
  expect(final).toMatchObject({ trainCorrect: 40, trainCleanCorrect: 40 });
  expect(Array.from(trainer.canaries!.rows, (row) => classCorrect[row])).toEqual(Array(12).fill(1));
  trainer.close();
});

test("streamed samples have them, too, in training and in evaluation, and float32 ones on their own scale", async () => {
  const float = { ...protocol, normalize: { mean: [5, 6, 7], std: [2, 2, 2] } };
  const samples = {
    trainIndices: Int32Array.of(0, 1, 2, 3, 4, 5),
    trainClasses: new Int32Array(6),
    testClasses: new Int32Array(6),
    resident: null,
    pixels: (_: string, rows: Int32Array) => new Float32Array(rows.length * size).fill(0.5),
  };
  const canaries = { rows: Int32Array.of(5, 0, 3, 1), classes: Int32Array.of(9) };
  const { pixels, trainClasses } = withCanaries(samples, canaries, float);
  expect([...trainClasses]).toEqual([9, 9, 0, 9, 0, 9]);
  const rows = Int32Array.of(2, 3);
  const view = { training: true, key: 1 };
  const [own, canary] = [0, 1].map(async (at) =>
    Array.from((await pixels!("train", rows, view)).subarray(at * size, (at + 1) * size)),
  );
  expect(new Set(await own)).toEqual(new Set([0.5]));
  const bytes = canaryImage(0, image);
  const byHand = (byte: number, i: number) => 5 + (i % 3) + 2 * (byte / 64 - 2);
  expect(await canary).toEqual(Array.from(bytes, byHand));
  expect(new Set(await pixels!("test", rows, view))).toEqual(new Set([0.5]));
});
