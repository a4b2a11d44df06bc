import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { encode } from "fast-png";
import { expect, test } from "vitest";
import { requireOwnData } from "../../harness/cli/data-return.ts";
import { readyData } from "../../harness/cli/own-data.ts";
import { realEffects } from "../../harness/effects.ts";
import { EXIT } from "../../harness/errors.ts";
import { createKey } from "../../harness/listing/key-store.ts";
import { NO_ABLATIONS } from "../../record/configuration.ts";
import { Protocol, findProtocol } from "../../record/protocols.ts";
import { methodDifferences } from "../../record/statement/conditions.ts";
import { temporaryFolder } from "../data/fixtures.ts";
import { rademark } from "../world/command-line.ts";

/** Three classes of `train` and five PNGs: noise, in which one channel is brighter. */
function flowers(root: string, train = 20): void {
  for (const [split, count] of [
    ["train", train],
    ["test", 5],
  ] as const)
    for (const [brighter, name] of ["rose", "lily of the valley", "Gänseblümchen"].entries())
      for (let i = 0; i < count; i++) {
        const path = join(root, split, name, `${i}.png`);
        mkdirSync(dirname(path), { recursive: true });
        const seed = (brighter * 100 + i) * (split === "train" ? 1 : 7);
        const data = Uint8Array.from({ length: 12 * 12 * 3 }, (_, at) => {
          const noise = (Math.imul(at + 1, 2654435761) ^ Math.imul(seed + 1, 40503)) >>> 0;
          return (noise % 128) + (at % 3 === brighter ? 127 : 0);
        });
        writeFileSync(path, encode({ height: 12, width: 12, channels: 3, data }));
      }
}

/** Two classes of two grey PNGs of 6 x 6 in either split. */
function greys(root: string): void {
  for (const [i, name] of ["train/a/0", "train/a/1", "train/b/0", "train/b/1"].entries())
    for (const place of [name, name.replace("train", "test")]) {
      const path = join(root, `${place}.png`);
      mkdirSync(dirname(path), { recursive: true });
      const data = new Uint8Array(36).fill(60 * i);
      writeFileSync(path, encode({ height: 6, width: 6, channels: 1, data }));
    }
}

/** What looking at data is done with, apart from a terminal. */
async function looking() {
  const cache = await temporaryFolder();
  const { signal } = new AbortController();
  return { cache, name: "greys", onProgress: () => undefined, again: false, signal };
}

test("grey images that are cropped out of their files are seen in RGB, as their decoder gives them", async () => {
  const root = await temporaryFolder();
  greys(root);
  const source = { kind: "images" as const, root };
  const channels = async (base: string, ...set: string[]) => {
    const sides = ["image.height=32", "image.width=32"];
    const asked = [...sides, ...set];
    const { protocol } = await readyData(source, findProtocol(base), asked, await looking());
    return protocol.image.channels;
  };
  expect(await channels("micro-1")).toBe(1);
  expect(await channels("imagenet-1")).toBe(3);
  await expect(channels("imagenet-1", "image.channels=1")).rejects.toThrow(
    "3 channels; found 1. Add --set image.channels=3",
  );
  const crops =
    'augmentation={"kind":"flip-resized-crop","flip":0.5,"area":[0.1,1],"aspect":[1,1]}';
  await expect(channels("micro-1", crops)).rejects.toThrow("Add --set image.channels=3");
  expect(await channels("micro-1", crops, "image.channels=3")).toBe(3);
});

test("image files that are read as they are needed are looked at again before a run goes on", async () => {
  const root = await temporaryFolder();
  greys(root);
  const how = await looking();
  const source = { kind: "images" as const, root };
  const set = ["image.height=32", "image.width=32"];
  const { prepared, protocol } = await readyData(source, findProtocol("imagenet-1"), set, how);
  const effects = {
    ...realEffects,
    env: { RADEMARK_CACHE: how.cache, RADEMARK_CONFIG: join(root, "config") },
  };
  const note = { name: "greys", source, digests: prepared.digests };
  const require = () => requireOwnData(protocol, note, { quiet: true, effects });
  await require();
  const changed = join(root, "train/a/0.png");
  const before = readFileSync(changed);
  writeFileSync(changed, readFileSync(join(root, "train/b/1.png")));
  await expect(require()).rejects.toThrow("holds other data now");
  writeFileSync(changed, before);
  await require();
});

/** A folder with data in it, and commands typed there. */
async function aDesk() {
  const cwd = await temporaryFolder();
  flowers(join(cwd, "flowers"));
  const env = { RADEMARK_CACHE: join(cwd, "cache"), RADEMARK_CONFIG: join(cwd, "config") };
  const type = (...words: string[]) => rademark(words, { cwd, env, now: Date.now });
  const json = (path: string) => JSON.parse(readFileSync(join(cwd, path), "utf8")) as unknown;
  return { cwd, type, json };
}

const QUICK = [
  "--seeds",
  "1",
  "--threads",
  "1",
  "--set",
  "epochs=2",
  "--set",
  "measures.refit.permutations=0",
];

test("docs/your-data.md, followed literally", async () => {
  const { cwd, type, json } = await aDesk();
  const added = await type("data", "add", "flowers", "./flowers");
  expect(added).toMatchObject({ code: 0 });
  expect(added.stderr).toContain(
    "3 classes (Gänseblümchen, lily of the valley, rose), 60 training and 15 test images of 12 x 12 x 3, kept in memory",
  );
  expect(added.stderr).toContain("batches of 6, random labels of n = 2, 10; local, for no board");
  renameSync(join(cwd, "flowers"), join(cwd, "moved")); // a name and a path would be ambiguous
  rmSync(join(cwd, "config/data/flowers.json"));
  expect((await type("data", "add", "flowers", "moved")).code).toBe(0);

  const run = await type(
    "run",
    "--data",
    "flowers",
    "--arch",
    "mlp-8",
    ...QUICK,
    "--out",
    "runs/a",
  );
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout).toContain("it is trained on data of one's own");
  expect(json("runs/a/data.json")).toMatchObject({ name: "flowers" });
  expect(json("runs/a/summary.json")).toMatchObject({
    data: { name: "flowers" },
    runs: [{ seed: 1 }],
  });
  const protocol = json("runs/a/protocol.json") as Record<string, unknown>;
  expect(protocol).toMatchObject({
    name: "micro-1+custom",
    ...{ classes: 3, image: { height: 12, width: 12, channels: 3 }, view: { kind: "whole" } },
    dataset: {
      kind: "images",
      values: "uint8",
      trainSamples: 60,
      testSamples: 15,
      smallestClass: 20,
    },
  });

  const listed = await type("data", "ls");
  expect(listed.stdout).toMatch(/flowers +yours .*moved/);
  expect((await type("ls", "datasets")).stdout).toMatch(/flowers +3 +60 +15 +yours/);
  expect((await type("data", "verify", "flowers")).stdout).toContain("verified");
  const env = { RADEMARK_CONFIG: join(cwd, "config") };
  await createKey({ name: "default", displayName: "Ada", passphrase: null }, { env });
  const refused = await type("submit", "runs/a", "--dry-run");
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("it is trained on data of one's own");

  // Other pixels are another protocol: they are not mixed, and not compared.
  flowers(join(cwd, "others"), 21);
  const other = ["run", "--data", "others", "--arch", "mlp-8", ...QUICK, "--out"];
  const mixed = await type(...other, "runs/a");
  expect(mixed.code).toBe(2);
  expect(mixed.stderr).toMatch(
    /data: there flowers \([0-9a-f]{12}\), asked for others \([0-9a-f]{12}\)/,
  );
  const source = { kind: "images" as const, root: join(cwd, "others") };
  const set = ["epochs=2", "measures.refit.permutations=0"];
  const others = await readyData(source, findProtocol("micro-1"), set, await looking());
  const sides = [Protocol.parse(protocol), others.protocol];
  const compared = sides.map((protocol) => ({ protocol, limit: null, ablations: NO_ABLATIONS }));
  expect(methodDifferences(compared).map(({ condition }) => condition)).toContain("digests.train");
  const report = await type("report", "runs/a");
  expect(report.code, report.stderr).toBe(0);
  expect(readFileSync(join(cwd, "runs/a/report.html"), "utf8")).toMatch(
    /flowers \(local data [0-9a-f]{8}\)/,
  );

  // A changed folder is noticed by its name; a run whose data are nowhere says which it needs.
  writeFileSync(
    join(cwd, "moved/train/rose/0.png"),
    readFileSync(join(cwd, "moved/train/rose/1.png")),
  );
  const changed = await type(
    "run",
    "--data",
    "flowers",
    "--arch",
    "mlp-8",
    ...QUICK,
    "--out",
    "runs/c",
  );
  expect(changed.code).toBe(EXIT.verification);
  expect(changed.stderr).toContain("flowers has changed since it was named");
  expect(existsSync(join(cwd, "runs/c"))).toBe(false);
  expect((await type("data", "verify", "flowers")).stderr).toContain("The data were changed");
  cpSync(join(cwd, "runs/a"), join(cwd, "runs/d"), { recursive: true });
  rmSync(join(cwd, "runs/d/seeds"), { recursive: true });
  expect((await type("data", "rm", "flowers")).stdout).toContain("forgotten");
  const lost = await type("resume", "runs/d");
  expect(lost.code).toBe(EXIT.verification);
  expect(lost.stderr).toMatch(/trains on data of one's own flowers, with the digests [0-9a-f]{64}/);
  expect(lost.stderr).toContain("moved holds other data now");
  expect(lost.stderr).toContain("rademark data add NAME PLACE");

  // Put back, under whatever name, it goes on.
  rmSync(join(cwd, "moved"), { recursive: true });
  flowers(join(cwd, "elsewhere"));
  expect((await type("data", "add", "again", "elsewhere")).code).toBe(0);
  const resumed = await type("resume", "runs/d");
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(readFileSync(join(cwd, "runs/d/seeds/1/metrics.jsonl"))).toEqual(
    readFileSync(join(cwd, "runs/a/seeds/1/metrics.jsonl")),
  );
}, 400_000);

function npy(path: string, descr: string, shape: number[], data: ArrayBufferView): void {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(", ")},), }\n`;
  const length = Buffer.from(Uint16Array.of(header.length).buffer);
  const bytes = Buffer.from(data.buffer);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    Buffer.concat([Buffer.from("\x93NUMPY\x01\x00", "latin1"), length, Buffer.from(header), bytes]),
  );
}

test("features in .npy files are standardized and learned, far from zero and in any unit", async () => {
  const { cwd, type } = await aDesk();
  const y = BigInt64Array.from({ length: 60 }, (_, i) => BigInt(i % 3) * 10n - 5n);
  const x = Float32Array.from({ length: 120 }, (_, i) => {
    const noise = ((Math.imul(i + 1, 2654435761) >>> 0) % 1000) / 1000;
    return i % 2 ? 1e-6 * noise : 5e4 + Number(y[i >> 1]) + noise;
  });
  for (const split of ["train", "test"]) {
    npy(join(cwd, `arrays/x_${split}.npy`), "<f4", [60, 2], x);
    npy(join(cwd, `arrays/y_${split}.npy`), "<i8", [60, 1], y);
  }
  const words = ["run", "--data", "arrays", "--seeds", "1", "--threads", "1", "--set", "epochs=12"];
  const run = await type(...words, "--arch", "mlp-16", "--out", "runs/x", "--json");
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toContain(
    "3 classes (-5, 5, 15), 60 training and 60 test samples of 1 x 1 x 2",
  );
  expect(run.stderr).toContain("60 of the test samples are training samples as well");
  const { runs } = JSON.parse(run.stdout) as { runs: { trainAccuracy: number }[] };
  expect(runs[0]!.trainAccuracy).toBeGreaterThan(0.9);
  const cnn = await type(...words, "--arch", "cnn-4", "--out", "runs/y");
  expect(cnn.code).toBe(2);
  expect(cnn.stderr).toContain("features, 1 x 1");
}, 300_000);

test.each([
  [["--data", "nowhere"], "--data: nowhere: there is no such folder or file"],
  [
    ["--data", "cifar10"],
    "cifar10 is a published data set, no data of one's own: --set dataset=cifar10",
  ],
  [["--data", "flowers/train/rose"], "an image folder holds train/CLASS/FILE"],
  [["--data", "flowers", "--set", "subset.perClass=21"], "the smallest class has 20 images"],
  [["--data", "flowers", "--set", "classes=4"], "follows from the data that --data names"],
  [["--data", "flowers", "--set", "image.channels=2"], "images have 1 (grey) or 3"],
  [
    ["--data", "flowers", "--set", "image.height=16", "--set", 'view={"kind":"whole"}'],
    "images of other sizes are scaled",
  ],
  [[], "--protocol is missing"],
])("%j is refused before anything is made", async (words, message) => {
  const { cwd, type } = await aDesk();
  const refused = await type("run", ...words, "--arch", "mlp-8", "--out", "runs/a");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(message);
  expect(existsSync(join(cwd, "runs"))).toBe(false);
});
