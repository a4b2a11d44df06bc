import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { deflateSync } from "node:zlib";
import { hash } from "node:crypto";
import { encode } from "fast-png";
import { describe, expect, it, test } from "vitest";
import {
  ArrayRows,
  arraysIn,
  arraysOf,
  readClassLabels,
} from "../../harness/data/local/array-files.ts";
import { ChannelSums } from "../../harness/data/local/channel-statistics.ts";
import { numberClasses } from "../../harness/data/local/classes.ts";
import { Duplicates } from "../../harness/data/local/duplicates.ts";
import { listFolder } from "../../harness/data/local/folder-listing.ts";
import { imageHeader } from "../../harness/data/local/image-header.ts";
import type { LookOptions } from "../../harness/data/local/look.ts";
import { prepareFolder } from "../../harness/data/local/preparation.ts";
import { openLocal } from "../../harness/data/local/opened.ts";
import { preparedFolder } from "../../harness/data/local/prepared.ts";
import { lookAtArrays } from "../../harness/data/local/seen-arrays.ts";
import { describeSamples, lookAtFolder } from "../../harness/data/local/seen-folder.ts";
import { seenImage } from "../../harness/data/local/seen-image.ts";
import { localProtocol } from "../../record/local-protocol.ts";
import { findProtocol } from "../../record/protocols.ts";
import { temporaryFolder } from "./fixtures.ts";
import { IMAGES } from "./image-forms.ts";

const sha256 = (bytes: Uint8Array | string) => hash("sha256", bytes, "hex");

/** A PNG of one grey value a pixel. */
const grey = (height: number, width: number, value: (i: number) => number) =>
  encode({
    ...{ height, width, channels: 1, depth: 8 },
    data: Uint8Array.from({ length: height * width }, (_, i) => value(i)),
  });

/** A few bytes that claim to be 100,000 x 100,000 pixels. */
function bomb(): Buffer {
  const png = Buffer.from(encode({ height: 1, width: 1, channels: 1, data: new Uint8Array(1) }));
  png.writeUInt32BE(100_000, 16);
  png.writeUInt32BE(100_000, 20);
  return Buffer.concat([png, deflateSync(Buffer.alloc(10))]);
}

async function folderOf(files: Record<string, Uint8Array | string>): Promise<string> {
  const root = await temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

async function options(changes: Partial<LookOptions> = {}): Promise<LookOptions> {
  const cache = await temporaryFolder();
  const { signal } = new AbortController();
  return { cache, name: "mine", onProgress: () => undefined, again: false, signal, ...changes };
}

const [UPPER, LOWER] = [
  [200, 30, 60],
  [10, 120, 240],
];

describe("an image", () => {
  test.each([
    "rgb.png",
    "rgba.png",
    "palette.png",
    "cmyk.jpg",
    "progressive.jpg",
    "exif.jpg",
  ] as const)("is seen in its colours, whatever its form: %s", (form) => {
    const side = form.endsWith("png") ? 4 : 32;
    const seen = seenImage(IMAGES[form], {
      height: side,
      width: side,
      channels: 3,
      shorterSide: null,
    });
    const pixel = (row: number) => [...seen.subarray(row * side * 3, row * side * 3 + 3)];
    const most = form.endsWith("png") ? 0 : 3;
    for (const [row, colour] of [
      [0, UPPER],
      [side - 1, LOWER],
    ] as const)
      for (const [c, value] of pixel(row).entries())
        expect(Math.abs(value - colour[c]!), `${row} ${c}`).toBeLessThanOrEqual(most);
    expect(imageHeader(IMAGES[form])).toEqual({
      ...{ height: side, width: side, grey: false, orientation: form === "exif.jpg" ? 6 : 1 },
    });
  });

  it("of 16 bits loses the lower eight, and one with transparency all of that", () => {
    const sight = { height: 4, width: 4, channels: 1, shorterSide: null };
    expect(new Set(seenImage(IMAGES["grey16.png"], sight))).toEqual(new Set([0xab]));
    expect([...seenImage(IMAGES["grey-alpha.png"], sight)].slice(6, 10)).toEqual([
      200, 200, 10, 10,
    ]);
    expect(imageHeader(IMAGES["grey-alpha.png"])!.grey).toBe(true);
  });

  it("is scaled with antialiasing, and its middle cut out: as Pillow's BILINEAR with the box of the middle", () => {
    const seen = seenImage(
      grey(6, 9, (i) => 4 * i),
      {
        ...{ height: 4, width: 4, channels: 1, shorterSide: 4 },
      },
    );
    const pillow = [21, 27, 33, 39, 71, 77, 83, 89, 123, 129, 135, 141, 174, 180, 186, 192];
    for (const [i, value] of seen.entries())
      expect(Math.abs(value - pillow[i]!)).toBeLessThanOrEqual(1);
  });

  it("has no size if it is cut before it, or is something else", () => {
    expect(imageHeader(IMAGES["rgb.png"].subarray(0, 20))).toBeNull();
    expect(imageHeader(IMAGES["exif.jpg"].subarray(0, 30))).toBeNull();
    expect(imageHeader(Buffer.from("no image at all"))).toBeNull();
    expect(imageHeader(Buffer.alloc(0))).toBeNull();
  });
});

describe("mean and standard deviation", () => {
  test("of uint8 are those that NumPy gives for x / 255", () => {
    const sums = new ChannelSums(3, "uint8");
    sums.add(Uint8Array.of(0, 10, 255, 3, 128, 7));
    sums.add(Uint8Array.of(99, 100, 200, 1, 2, 250));
    const { mean, std, constant } = sums.result();
    const numpy = {
      mean: [0.10098039215686275, 0.23529411764705882, 0.6980392156862745],
      std: [0.16590077772798326, 0.21557929610799612, 0.39624341351344555],
    };
    for (const c of [0, 1, 2]) {
      expect(mean[c]).toBeCloseTo(numpy.mean[c]!, 14);
      expect(std[c]).toBeCloseTo(numpy.std[c]!, 14);
    }
    expect(constant).toBe(0);
  });

  test("of float32 are NumPy's in float64, and a constant channel is not scaled", () => {
    const sums = new ChannelSums(3, "float32");
    sums.add(Float32Array.of(1e6 + 1, 2.5, -3, 1e6 + 2, 2.5, 4, 1e6 + 4, 2.5, 0.125));
    const { mean, std, constant } = sums.result();
    expect(mean[0]).toBeCloseTo(1000002.3333333334, 9);
    expect(std[0]).toBeCloseTo(1.247219128924647, 9);
    expect(std[2]).toBeCloseTo(2.8632004237682462, 14);
    expect([mean[1], std[1], constant]).toEqual([2.5, 1, 1]);
  });
});

describe("an image folder", () => {
  it("is in the order of class and file name by code unit, and all else is counted", async () => {
    const root = await folderOf({
      ...{ "train/b/2.png": "", "train/b/10.PNG": "", "train/B/z.jpg": "", "train/ä b/1.gif": "" },
      ...{
        "val/b/1.png": "",
        "train/b/notes.txt": "",
        "train/b/.hidden.png": "",
        "train/stray.png": "",
      },
      ...{ ".git/x": "", "readme.md": "" },
    });
    mkdirSync(join(root, "train/empty"));
    mkdirSync(join(root, "train/b/inner.png"));
    symlinkSync("/nowhere", join(root, "train/b/dead.png"));
    const { train, testFolder, leftOut } = await listFolder(root);
    expect(train.map(({ path }) => path)).toEqual([
      ...["train/B/z.jpg", "train/b/10.PNG", "train/b/2.png", "train/ä b/1.gif"],
    ]);
    expect(testFolder).toBe("val");
    expect(
      Object.fromEntries(Object.entries(leftOut).map(([why, { count }]) => [why, count])),
    ).toEqual({
      hidden: 2,
      "beside train and val": 1,
      "not named as an image": 1,
      "not in the folder of a class": 1,
      "folders without an image": 1,
      "no file: a folder, or a link that leads nowhere": 2,
    });
  });

  it("may hold links to class folders, and is tested on test where there is val as well", async () => {
    const root = await folderOf({ "train/a/1.png": "", "val/a/1.png": "", "test/a/2.png": "" });
    symlinkSync(join(root, "train/a"), join(root, "train/linked"));
    const { train, test: tested, testFolder } = await listFolder(root);
    expect(train.map(({ className }) => className)).toEqual(["a", "linked"]);
    expect([testFolder, tested[0]!.path]).toEqual(["test", "test/a/2.png"]);
  });

  test.each([
    [{ "a/1.png": "", "b/1.png": "" }, /holds train\/CLASS\/FILE.*; found a, b$/],
    [{ "train/a/1.png": "" }, /found train, and so nothing to test on$/],
    [{ "train/a/1.png": "", "test/1.png": "" }, /found test, train, and so nothing to test on$/],
  ])("of another layout is refused: %j", async (files, message) => {
    await expect(listFolder(await folderOf(files))).rejects.toThrow(message);
  });

  const image = (value: number) => grey(3, 3, (i) => value + i);
  const three = {
    ...{ "train/a/1.png": image(0), "train/a/2.png": image(10), "train/b/1.png": image(20) },
    ...{ "train/b/2.png": image(30), "test/a/1.png": image(10), "test/b/1.png": image(50) },
  };
  const viewing = {
    image: { height: 3, width: 3, channels: 1 },
    view: { kind: "whole" } as const,
    augmentation: findProtocol("micro-1").augmentation,
  };

  it("is prepared once: pixels, digests, duplicates, and whatever cannot be decoded", async () => {
    const cut = image(70).subarray(0, 50);
    const root = await folderOf({ ...three, "train/a/0.png": cut, "train/b/9.png": bomb() });
    const how = await options();
    const prepared = await prepareFolder(await lookAtFolder(root, how), viewing, how);
    expect(prepared.dataset).toMatchObject({ trainSamples: 4, testSamples: 2, smallestClass: 2 });
    expect(prepared.remarks.duplicates).toBe(1);
    expect(prepared.remarks.leftOut).toMatchObject({
      "cannot be decoded to the end": { count: 1, examples: ["train/a/0.png"] },
      "of no pixels, or more than 100,000,000": { count: 1, examples: ["train/b/9.png"] },
    });
    const line = (name: string, value: number) => `${name}\t${sha256(image(value))}\n`;
    const lines = [line("a", 0), line("a", 10), line("b", 20), line("b", 30)].join("");
    expect(prepared.digests.train).toBe(sha256(lines));
    const folder = preparedFolder(how.cache, { ...prepared, ...viewing });
    const pixels = readFileSync(join(folder, "pixels.bin"));
    expect(sha256(pixels)).toBe(prepared.pixels);
    expect([...pixels].filter((_, i) => i % 9 === 0)).toEqual([0, 10, 20, 30, 10, 50]);
    // Again, and from a copy elsewhere: nothing is decoded a second time.
    const again = await prepareFolder(await lookAtFolder(root, how), viewing, how);
    expect(again).toEqual(prepared);
    // In another view the same image stays left out.
    const smaller = { ...viewing, image: { height: 2, width: 2, channels: 1 } };
    const other = await prepareFolder(await lookAtFolder(root, how), smaller, how);
    expect(other.digests).toEqual(prepared.digests);
    expect((await lookAtFolder(root, how)).train).toHaveLength(4);
    const copied = await folderOf(three);
    const seen = await lookAtFolder(copied, how);
    writeFileSync(join(copied, "train/a/1.png"), "gone"); // so decoding would fail
    expect((await prepareFolder(seen, viewing, how)).digests).toEqual(prepared.digests);
  });

  it("goes on after an interrupt from the images that were decoded, with the same result", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 600 }, (_, i) => [`train/${i % 2}/${i}.png`, image(i % 250)]),
    );
    const root = await folderOf({ ...many, "test/0/a.png": image(1), "test/1/a.png": image(3) });
    const whole = await options();
    const wanted = await prepareFolder(await lookAtFolder(root, whole), viewing, whole);
    const stop = new AbortController();
    const how = await options({
      signal: stop.signal,
      onProgress: ({ label, done }) =>
        void (label.endsWith("decoding") && done >= 320 && stop.abort()),
    });
    const seen = await lookAtFolder(root, how);
    await expect(prepareFolder(seen, viewing, how)).rejects.toThrow("interrupted");
    const decoded: number[] = [];
    const later = { ...(await options()), cache: how.cache };
    const onProgress: LookOptions["onProgress"] = ({ done }) => void decoded.push(done);
    const prepared = await prepareFolder(seen, viewing, { ...later, onProgress });
    expect(decoded[0]).toBeGreaterThan(320);
    expect(prepared).toEqual(wanted);
  });

  it("is another one when a file is changed, even if its size stays", async () => {
    const root = await folderOf(three);
    const how = await options();
    const before = describeSamples(await lookAtFolder(root, how)).digests;
    writeFileSync(join(root, "train/a/1.png"), image(1));
    expect(describeSamples(await lookAtFolder(root, how)).digests.train).not.toBe(before.train);
  });

  it("may be read-only", async () => {
    const root = await folderOf(three);
    chmodSync(join(root, "train/a"), 0o555);
    chmodSync(root, 0o555);
    const how = await options();
    expect((await prepareFolder(await lookAtFolder(root, how), viewing, how)).classes).toEqual([
      "a",
      "b",
    ]);
    chmodSync(root, 0o755);
    chmodSync(join(root, "train/a"), 0o755);
  });
});

test("test samples that are training samples are counted, in any order, each as often as it comes", () => {
  const duplicates = new Duplicates();
  const row = (i: number) => Uint8Array.of(i % 256, i >> 8, 1);
  for (let i = 2999; i >= 0; i--) duplicates.addTrain(row(i));
  for (const i of [0, 5, 5, 1500, 2999, 3000, 70_000]) duplicates.addTest(row(i));
  expect(duplicates.count).toBe(5);
  duplicates.addTrain(row(3000));
  duplicates.addTest(row(3000));
  duplicates.addTest(row(3001));
  expect(duplicates.count).toBe(6);
  const none = new Duplicates();
  none.addTest(row(0));
  expect(none.count).toBe(0);
});

test("classes: two at least, none in the test split alone; those without a test sample are counted", () => {
  const number = (train: string[], tested: string[]) =>
    numberClasses([...new Set(train)], { train, test: tested }, "place");
  expect(number(["a", "b", "a"], ["b"])).toMatchObject({ smallestClass: 1, untested: 1 });
  expect(() => number(["a"], ["a"])).toThrow("takes two classes or more; found only a");
  expect(() => number(["a", "b"], ["c"])).toThrow("found only in the test split: c");
  const many = Array.from({ length: 300 }, (_, i) => String(i));
  expect(number(many, many).train[299]).toBe(299);
});

/** A .npy file of version 1, as numpy.lib.format writes it. */
function npy(descr: string, shape: number[], data: ArrayBufferView, fortran = false): Buffer {
  const dict = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${shape.join(", ")},), }`;
  const header = `${dict.padEnd(117)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat([
    Buffer.from("\x93NUMPY\x01\x00", "latin1"),
    length,
    Buffer.from(header),
    bytes,
  ]);
}

const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i);

describe("arrays", () => {
  async function rowsOf(descr: string, shape: number[], data: ArrayBufferView, fortran = false) {
    const root = await folderOf({ "x.npy": npy(descr, shape, data, fortran) });
    const rows = new ArrayRows(join(root, "x.npy"));
    try {
      return { ...rows, first: [...rows.rows(1, 1)] };
    } finally {
      rows.close();
    }
  }

  it("are images, channels last or first, in C order or Fortran's, or features", async () => {
    const last = await rowsOf("|u1", [2, 5, 6, 3], counting(180));
    expect(last).toMatchObject({ image: { height: 5, width: 6, channels: 3 }, reading: null });
    expect(last.first.slice(0, 4)).toEqual([90, 91, 92, 93]);
    const first = await rowsOf("|u1", [2, 3, 5, 6], counting(180));
    expect(first).toMatchObject({ image: { height: 5, width: 6, channels: 3 } });
    expect(first.reading).toContain("[N, C, H, W]");
    expect(first.first.slice(0, 4)).toEqual([90, 120, 150, 91]); // the three channels of one pixel
    // np.asfortranarray(x): element [1, h, w, c] lies at 1 + 2 (h + 5 (w + 6 c)).
    const columns = await rowsOf("|u1", [2, 5, 6, 3], counting(180), true);
    expect(columns.first.slice(0, 4)).toEqual([1, 61, 121, 11]);
    const plain = await rowsOf("|u1", [2, 4, 7], counting(56));
    expect(plain.image).toEqual({ height: 4, width: 7, channels: 1 });
    const features = await rowsOf("<f8", [2, 3], Float64Array.of(0, 0, 0, 0.1, -2, 3e5));
    expect(features).toMatchObject({
      image: { height: 1, width: 1, channels: 3 },
      values: "float32",
    });
    expect(features.first).toEqual([Math.fround(0.1), -2, 3e5]);
    expect((await rowsOf("<i8", [2, 1], BigInt64Array.of(7n, -9n))).first).toEqual([-9]);
  });

  test.each([
    ["|u1", [2, 3, 3, 3], counting(54), /may be \[N, H, W, C\] or \[N, C, H, W\]/],
    ["|u1", [2, 8, 9, 10], counting(1440), /may be \[N, H, W, C\] or/],
    ["|u1", [6], counting(6), /samples are images/],
    ["<f4", [2, 2], Float32Array.of(1, 2, NaN, 4), /row 1 holds NaN; samples must be finite/],
    ["<f8", [2, 1], Float64Array.of(1, 1e300), /row 1 holds 1e\+300; samples must be finite/],
    [
      "<i4",
      [2, 1],
      Int32Array.of(1, 2 ** 24 + 1),
      /row 1 holds 16777217; whole numbers from 2\^24 on/,
    ],
    [">f4", [2, 1], Float32Array.of(1, 2), /big-endian\); samples are numbers\. Convert it/],
    ["|O", [2], counting(16), /pickled Python objects, which are never loaded/],
    ["<U3", [2], counting(24), /strings/],
    ["|u1", [2, 3], counting(5), /by its header/],
  ])("of %s %j are refused", async (descr, shape, data, message) => {
    await expect(rowsOf(descr, shape, data)).rejects.toThrow(message);
  });

  test.each([
    [[3, 1], BigInt64Array.of(5n, -1n, 5n), [5, -1, 5]],
    [[3], BigInt64Array.of(1n, 0n, 1n), [1, 0, 1]],
    [[3, 2], BigInt64Array.of(1n, 0n, 0n, 1n, 0n, 1n), /one-hot rows or scores: y.argmax\(1\)/],
    [[4], BigInt64Array.of(1n, 0n, 0n, 1n), /4 labels for 3 samples/],
  ])("have labels of shape %j", async (shape, data, expected) => {
    const path = join(await folderOf({ "y.npy": npy("<i8", shape, data) }), "y.npy");
    if (expected instanceof RegExp) expect(() => readClassLabels(path, 3)).toThrow(expected);
    else expect(readClassLabels(path, 3)).toEqual(expected);
  });

  it("are found by their names, as Keras, scikit-learn and people write them", async () => {
    const root = await folderOf({
      "X_train.npy": "",
      "y-train.npy": "",
      "x_val.npy": "",
      "Y_VAL.npy": "",
    });
    const found = arraysIn(root);
    expect(found).toEqual({
      ...{ xTrain: join(root, "X_train.npy"), yTrain: join(root, "y-train.npy") },
      ...{ xTest: join(root, "x_val.npy"), yTest: join(root, "Y_VAL.npy") },
    });
    rmSync(found.yTest);
    expect(() => arraysIn(root)).toThrow("yTest.npy is missing".replace("yTest", "y-test"));
    expect(arraysOf(["a.npy", "b.npy", "c.npy", "d.npy"]).xTest).toBe("c.npy");
    expect(() => arraysOf(["a.npy", "x-train.npy"])).toThrow(
      "a.npy: its name does not say what it is",
    );
  });

  it("have the digests of method.md section 7, whatever the numbers of the classes", async () => {
    const x = Float32Array.of(0.5, 1, 2, 3, 4, 5);
    const root = await folderOf({
      "x-train.npy": npy("<f4", [3, 2], x),
      "y-train.npy": npy("<i8", [3], BigInt64Array.of(40n, -7n, 40n)),
      "x-test.npy": npy("<f4", [1, 2], Float32Array.of(0.5, 1)),
      "y-test.npy": npy("<i8", [1], BigInt64Array.of(-7n)),
    });
    const { prepared, labels } = await lookAtArrays(
      { kind: "arrays", ...arraysIn(root) },
      await options(),
    );
    expect(prepared.classes).toEqual(["-7", "40"]);
    expect([...labels!]).toEqual([1, 0, 1, 0]);
    const bytes = (values: ArrayBufferView) => Buffer.from(values.buffer);
    const canonical = Buffer.concat([bytes(x), bytes(Uint32Array.of(1, 0, 1))]);
    expect(prepared.digests.train).toBe(sha256(canonical));
    expect(prepared.remarks).toMatchObject({ duplicates: 1, untested: 1 });
  });
});

test("pixels beyond 2 GiB are read row by row, of the training split and of the test split behind it", async () => {
  const cache = await temporaryFolder();
  const [trainSamples, testSamples, size] = [800_000, 2, 60 * 60];
  const protocol = localProtocol(findProtocol("micro-1"), {
    dataset: { kind: "images", values: "uint8", trainSamples, testSamples, smallestClass: 400_000 },
    ...{ classes: 2, image: { height: 60, width: 60, channels: 1 }, view: { kind: "whole" } },
    ...{ digests: { train: sha256("a"), test: sha256("b") }, normalize: { mean: [0], std: [1] } },
    trained: trainSamples,
  });
  const folder = preparedFolder(cache, protocol);
  mkdirSync(folder, { recursive: true });
  const { dataset, image, digests, normalize } = protocol;
  const remarks = { leftOut: {}, duplicates: 0, oriented: 0, constant: 0, untested: 0, resized: 0 };
  const prepared = {
    ...{ source: { kind: "images", root: "/gone" }, dataset, image, digests, normalize },
    ...{ classes: ["a", "b"], pixels: sha256("not checked at each start"), stamps: [] },
    remarks: { ...remarks, reading: null },
  };
  writeFileSync(join(folder, "prepared.json"), JSON.stringify(prepared));
  writeFileSync(join(folder, "labels.bin"), new Uint8Array(4 * (trainSamples + testSamples)));
  const pixels = openSync(join(folder, "pixels.bin"), "w"); // with holes: it takes no room
  ftruncateSync(pixels, (trainSamples + testSamples) * size);
  writeSync(pixels, Uint8Array.of(7), 0, 1, 799_999 * size);
  writeSync(pixels, Uint8Array.of(9), 0, 1, 800_001 * size);
  closeSync(pixels);
  const { resident, rows, files } = await openLocal(protocol, cache);
  expect([resident, files]).toEqual([null, null]);
  const train = rows!("train", Int32Array.of(5, 799_999));
  expect([train.length, train[0], train[size]]).toEqual([2 * size, 0, 7]);
  expect(rows!("test", Int32Array.of(1))[0]).toBe(9);
  truncateSync(join(folder, "pixels.bin"), 10); // as a full disk leaves it
  await expect(openLocal(protocol, cache)).rejects.toThrow("is not prepared in");
});
