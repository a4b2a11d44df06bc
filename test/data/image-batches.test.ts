import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { imageBatches, type ImageStream } from "../../harness/data/image-batches.ts";
import { type ImageFile, openImageFolder } from "../../harness/data/image-folder.ts";
import { tf } from "../../harness/engine/tensorflow.ts";
import { EXIT } from "../../harness/errors.ts";
import { uniformNumber } from "../../record/random.ts";

const root = mkdtempSync(join(tmpdir(), "rademark-images-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Sizes [height, width] and colours of the training images, in the order of their names. */
const IMAGES = [
  { path: "train/a/0.JPEG", size: [300, 400], color: [200, 30, 60] },
  { path: "train/a/1.JPEG", size: [64, 48], color: [10, 220, 90] },
  { path: "train/a/2.JPEG", size: [500, 320], color: [90, 90, 240] },
  { path: "train/b/3.JPEG", size: [224, 224], color: [5, 5, 5] },
  { path: "train/b/4.JPEG", size: [256, 700], color: [250, 250, 250] },
  { path: "val/a/5.JPEG", size: [300, 400], color: [1, 128, 255] },
  { path: "val/b/6.JPEG", size: [224, 224], color: [128, 128, 128] },
] as const;

type Paint = (row: number, column: number, channel: number) => number;

async function jpeg([height, width]: readonly [number, number], paint: Paint): Promise<Uint8Array> {
  const values = Int32Array.from({ length: height * width * 3 }, (_, i) =>
    paint(Math.floor(i / 3 / width), Math.floor(i / 3) % width, i % 3),
  );
  const image = tf.tensor3d(values, [height, width, 3], "int32");
  const bytes = await tf.node.encodeJpeg(image, "rgb", 100, false, false, false);
  image.dispose();
  return bytes;
}

for (const { path, size, color } of IMAGES) {
  await mkdir(join(root, path, ".."), { recursive: true });
  await writeFile(join(root, path), await jpeg(size, (row, column, channel) => color[channel]!));
}
const folder = await openImageFolder(root);

interface Collected extends Pick<ImageStream, "batch" | "uniform" | "view"> {
  files: readonly ImageFile[];
  /** Indices into `files`. */
  order: Int32Array;
}

/** Draws go by the indices of the files, as in a run. */
async function collect(changed: Partial<Collected>): Promise<Uint8Array[]> {
  const order = Int32Array.from(folder.train.keys());
  const asked = { files: folder.train, order, batch: 2, uniform: null, ...changed };
  const { uniform } = asked;
  const batches: Uint8Array[] = [];
  const stream: ImageStream = {
    ...asked,
    root,
    paths: Array.from(asked.order, (index) => asked.files[index]!.path),
    uniform: uniform && ((row, ...words) => uniform(asked.order[row]!, ...words)),
  };
  for await (const batch of imageBatches(stream)) batches.push(batch);
  return batches;
}

/** As the training loop binds them. */
const training =
  (seed: number, epoch: number) =>
  (...words: number[]) =>
    uniformNumber(seed, epoch, ...words);

/** Mean of one channel of one image of a batch. */
function channelMean(images: Uint8Array, row: number, channel: number): number {
  const image = images.subarray(row * 150_528, (row + 1) * 150_528);
  return image.reduce((sum, value, i) => (i % 3 === channel ? sum + value : sum), 0) / 50_176;
}

describe("for training", () => {
  it("gives 224 x 224 crops of the files in the order that is asked for", async () => {
    const order = Int32Array.of(4, 0, 3, 1, 2);
    const batches = await collect({ order, uniform: training(1, 0) });
    expect(batches.map(({ length }) => length / (224 * 224 * 3))).toEqual([2, 2, 1]);
    for (const [row, index] of order.entries())
      for (const channel of [0, 1, 2]) {
        const mean = channelMean(batches[row >> 1]!, row & 1, channel);
        expect(Math.abs(mean - IMAGES[index]!.color[channel]!)).toBeLessThan(3);
      }
  });

  it("gives the same crop again for the same seed, epoch and image, whatever the order", async () => {
    await paintGradient("train/a/0.JPEG", [300, 400]);
    const [first] = await collect({ order: Int32Array.of(0, 3), uniform: training(7, 2) });
    const [second] = await collect({ order: Int32Array.of(1, 0), uniform: training(7, 2) });
    expect(first!.subarray(0, 150_528)).toEqual(second!.subarray(150_528));
  });

  it("gives another crop in another epoch, and for another seed", async () => {
    await paintGradient("train/a/0.JPEG", [300, 400]);
    const views = await Promise.all(
      [training(7, 2), training(7, 3), training(8, 2)].map(async (uniform) => {
        const [batch] = await collect({ order: Int32Array.of(0, 3), uniform });
        return Buffer.from(batch!).toString("base64");
      }),
    );
    expect(new Set(views).size).toBe(3);
  });

  it("gives two images of the same epoch crops of their own", async () => {
    await paintGradient("train/a/0.JPEG", [300, 400]);
    await paintGradient("train/a/1.JPEG", [300, 400]);
    const [batch] = await collect({ order: Int32Array.of(0, 1), uniform: training(7, 2) });
    const [first, second] = [batch!.subarray(0, 150_528), batch!.subarray(150_528)];
    expect(Buffer.compare(first, second)).not.toBe(0);
  });

  it("mirrors about half of the images", async () => {
    await paintGradient("train/a/0.JPEG", [300, 400]);
    let mirrored = 0;
    for (let epoch = 0; epoch < 40; epoch++) {
      const [batch] = await collect({
        order: Int32Array.of(0),
        batch: 1,
        uniform: training(1, epoch),
      });
      // The gradient grows to the right, unless it is mirrored.
      if (batch![0]! > batch![223 * 3]!) mirrored++;
    }
    expect(mirrored).toBeGreaterThan(8);
    expect(mirrored).toBeLessThan(32);
  });
});

it("names the file that is no image", async () => {
  const files = [...folder.train, { path: "train/b/broken.JPEG", label: 1 }];
  const order = Int32Array.of(files.length - 1);
  await writeFile(join(root, "train/b/broken.JPEG"), "<html>");
  await expect(collect({ files, order, batch: 1 })).rejects.toMatchObject({
    exitCode: EXIT.verification,
    message: expect.stringMatching(/^train\/b\/broken.JPEG: must be a JPEG/) as string,
  });
  const whole = await jpeg([64, 64], (row) => row);
  await writeFile(join(root, "train/b/broken.JPEG"), whole.subarray(0, 300));
  await expect(collect({ files, order, batch: 1 })).rejects.toThrow(/^train\/b\/broken.JPEG: must/);
  const absent = [{ path: "train/b/absent.JPEG", label: 1 }];
  await expect(collect({ files: absent, order: Int32Array.of(0) })).rejects.toThrow(
    /absent.*ENOENT/,
  );
});

it("names a cut or empty image with its path, wherever it is cut, and says what the decoder says", async () => {
  const values = Int32Array.from({ length: 40 * 50 * 3 }, (_, i) => (i * 7919) & 255);
  const image = tf.tensor3d(values, [40, 50, 3], "int32");
  const kinds = {
    "cut.jpg": await tf.node.encodeJpeg(image, "rgb", 90),
    "progressive.JPG": await tf.node.encodeJpeg(image, "rgb", 90, true),
    "cut.png": await tf.node.encodePng(image),
  };
  image.dispose();
  for (const [name, bytes] of Object.entries(kinds))
    for (const end of [0, 3, 20, bytes.length >> 1, bytes.length - 20]) {
      const path = `train/b/${name}`;
      await writeFile(join(root, path), bytes.subarray(0, end));
      const stream = { files: [{ path, label: 1 }], order: Int32Array.of(0), batch: 1 };
      const error = await collect(stream).catch((error: Error) => error);
      expect(error).toMatchObject({ name: "UserError", exitCode: EXIT.verification });
      expect((error as Error).message).toMatch(new RegExp(`^${path}: must be .* image; found \\w`));
      expect((error as Error).message).toContain(join(root, path));
      expect((error as Error).message).not.toContain("TF_Status");
    }
});

it("reads what its first bytes say: PNG with and without alpha, grey, BMP, GIF", async () => {
  const grey = tf.tensor3d(new Int32Array(36).fill(90), [6, 6, 1], "int32");
  const alpha = tf.tensor3d(new Int32Array(144).fill(90), [6, 6, 4], "int32");
  const gif = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
  const kinds = {
    "grey.png": await tf.node.encodePng(grey),
    "alpha.JPEG": await tf.node.encodePng(alpha),
    "one.gif": Buffer.from(gif, "base64"),
    "small.bmp": bitmap(90),
  };
  tf.dispose([grey, alpha]);
  for (const [name, bytes] of Object.entries(kinds)) {
    const path = `train/b/${name}`;
    await writeFile(join(root, path), bytes);
    const [batch] = await collect({
      files: [{ path, label: 1 }],
      order: Int32Array.of(0),
      batch: 1,
    });
    expect(batch!.length, name).toBe(150_528);
    if (name !== "one.gif") expect(new Set(batch), name).toEqual(new Set([90]));
  }
});

it("gives views of the size and the shares that a protocol asks for", async () => {
  await paintGradient("train/a/0.JPEG", [300, 400]);
  const view = {
    height: 32,
    width: 48,
    shorterSide: 60,
    flip: 0,
    area: [1, 1],
    aspect: [1, 1.5],
  } as const;
  const order = Int32Array.of(0);
  for (const seen of [null, training(1, 0)]) {
    const [batch] = await collect({ order, batch: 1, uniform: seen, view });
    expect(batch!.length).toBe(32 * 48 * 3);
    expect(batch![0]!).toBeLessThan(batch![47 * 3]!);
  }
});

it("leaks no tensors", async () => {
  const before = tf.memory().numTensors;
  await collect({ uniform: training(1, 1) });
  await collect({});
  expect(tf.memory().numTensors).toBe(before);
});

/** Red grows to the right, green downwards. */
async function paintGradient(path: string, size: readonly [number, number]): Promise<void> {
  const [height, width] = size;
  const paint: Paint = (row, column, channel) =>
    [((column + 0.5) / width) * 255, ((row + 0.5) / height) * 255, 128][channel]!;
  await writeFile(join(root, path), await jpeg(size, paint));
}

/** 6 x 6 pixels of one grey, as a Windows bitmap of 24 bits. */
function bitmap(value: number): Uint8Array {
  const bytes = Buffer.alloc(54 + 6 * 20, value);
  bytes.fill(0, 0, 54);
  bytes.write("BM");
  for (const [at, number] of [
    [2, bytes.length],
    [10, 54],
    [14, 40],
    [18, 6],
    [22, 6],
    [34, 120],
  ] as const)
    bytes.writeUInt32LE(number, at);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  return bytes;
}

describe("for evaluation", () => {
  it("cuts out the centre after scaling the shorter side to 256", async () => {
    const white: Paint = (row, column) => (row >= 52 && column >= 309 ? 255 : 0);
    await writeFile(join(root, "val/a/5.JPEG"), await jpeg([512, 1024], white));
    const [batch] = await collect({ files: folder.val, order: Int32Array.of(0), batch: 1 });
    const at = (row: number, column: number) => batch![(row * 224 + column) * 3]!;
    // Halved to 256 x 512, the corner is at row 26 and half-way in column 154; 16 rows and 144 columns are cut off.
    expect(at(10, 11)).toBeGreaterThan(230);
    expect(at(9, 11)).toBeLessThan(25);
    expect(at(10, 9)).toBeLessThan(25);
    expect(Math.abs(at(10, 10) - 128)).toBeLessThan(40);
    expect(at(223, 223)).toBe(255);
  });

  it("leaves a 256-pixel image's centre unscaled", async () => {
    await writeFile(
      join(root, "val/b/6.JPEG"),
      await jpeg([256, 256], (row, column) => (row + column) / 2),
    );
    const [batch] = await collect({ files: folder.val, order: Int32Array.of(1), batch: 1 });
    for (const [row, column] of [
      [0, 0],
      [100, 7],
      [223, 223],
    ] as const)
      expect(Math.abs(batch![(row * 224 + column) * 3]! - (row + column + 32) / 2)).toBeLessThan(2);
  });
});
