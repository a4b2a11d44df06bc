import { describe, expect, test } from "vitest";
import { datasetLabel, isStreamed, readsImageFiles } from "../../record/datasets.ts";
import { deriveProtocol } from "../../record/derived-protocol.ts";
import { type LocalData, localProtocol } from "../../record/local-protocol.ts";
import { Protocol, findProtocol, protocolId } from "../../record/protocols.ts";

const micro = findProtocol("micro-1");

/** Three classes of grey images. @param trained samples, all of them. */
function data(trained: number, changes: Partial<LocalData["dataset"]> = {}): LocalData {
  return {
    dataset: {
      ...{ kind: "images", values: "uint8", trainSamples: trained, testSamples: 9 },
      ...{ smallestClass: Math.floor(trained / 3), ...changes },
    },
    classes: 3,
    image: { height: 28, width: 28, channels: 1 },
    digests: { train: "3f".repeat(32), test: "a1".repeat(32) },
    normalize: { mean: [0.25], std: [0.5] },
    view: { kind: "whole" },
    trained,
  };
}

describe("the protocol of one's own data", () => {
  test("is its base's with the data inside, a name of its own, and all samples", () => {
    const protocol = localProtocol(micro, data(2500));
    const { dataset, classes, image, digests, normalize } = data(2500);
    const own = { dataset, classes, image, digests, normalize, subset: null };
    expect(protocol).toEqual({ ...micro, ...own, name: "micro-1+custom" });
    expect(Protocol.parse(JSON.parse(JSON.stringify(protocol)))).toEqual(protocol);
    expect(datasetLabel(protocol)).toBe("local data 3f3f3f3f");
  });

  test("has another id when the data change", () => {
    const changed = { ...data(2500), digests: { ...data(1).digests, test: "b2".repeat(32) } };
    const ids = [data(2500), changed].map((each) => protocolId(localProtocol(micro, each)));
    expect(new Set(ids).size).toBe(2);
  });

  test.each([
    [3, 2, [2], 2],
    [60, 6, [2, 10], 10],
    [249, 24, [2, 10], 10],
    [250, 25, [2, 10, 100], 100],
    [2499, 100, [2, 10, 100], 100],
    [2500, 100, [2, 10, 100, 1000], 100],
  ])("of %i samples has batches of %i and label spaces %j", (m, batch, spaces, headline) => {
    const protocol = localProtocol(micro, data(m));
    expect(protocol.batch).toBe(batch);
    expect(protocol.heads.map(({ n }) => n)).toEqual(spaces);
    expect(protocol.headline).toBe(headline);
  });

  test("gives a headline that the base draws once two draws, as rl= acts on the first", () => {
    const { heads, headline } = localProtocol(findProtocol("imagenet-1"), data(5000));
    expect([heads, headline]).toEqual([[{ n: 1000, draws: 2, taps: "last" }], 1000]);
  });

  test("takes --set for all but what the data decide", () => {
    const own = localProtocol(micro, data(60));
    expect(deriveProtocol(own, ["epochs=2", "subset.perClass=20"])).toEqual({
      ...own,
      ...{ epochs: 2, subset: { perClass: 20 } },
    });
    const refused = (setting: string) => () => deriveProtocol(own, [setting]);
    expect(refused("subset.perClass=21")).toThrow("the smallest class has 20 images");
    expect(refused("batch=61")).toThrow("at most the 60 training images");
    expect(refused("classes=5")).toThrow("classes: follows from the data that --data names");
    expect(refused("digests.train=null")).toThrow("digests.train: follows from the data");
    expect(refused("dataset=cifar10")).toThrow("dataset: follows from the data");
    const described = `dataset=${JSON.stringify(own.dataset)}`;
    expect(() => deriveProtocol(micro, [described])).toThrow(
      "data of one's own are named by --data",
    );
  });

  test("has two classes at least, and its digests", () => {
    expect(() => localProtocol(micro, { ...data(60), classes: 1 })).toThrow("classes");
    const own = localProtocol(micro, data(60));
    const unpinned = { ...own, digests: { train: null, test: null } };
    expect(Protocol.safeParse(unpinned).error!.issues.map(({ path }) => path.join("."))).toEqual([
      "digests.train",
      "digests.test",
    ]);
  });

  test("keeps pixels in memory up to 2 GiB, and reads image files where a random crop needs all of each", () => {
    const images = (trainSamples: number, values: "uint8" | "float32" = "uint8") =>
      localProtocol(micro, data(trainSamples, { values }));
    const most = Math.floor(2 ** 31 / (28 * 28)) - 9;
    expect([most, most + 1].map((m) => isStreamed(images(m)))).toEqual([false, true]);
    const fourth = Math.floor(2 ** 29 / (28 * 28)) - 9;
    expect([fourth, fourth + 1].map((m) => isStreamed(images(m, "float32")))).toEqual([
      false,
      true,
    ]);
    const crops = localProtocol(findProtocol("imagenet-1"), data(5000));
    expect([readsImageFiles(crops), isStreamed(crops), readsImageFiles(images(most + 1))]).toEqual([
      ...[true, true, false],
    ]);
    expect([isStreamed(micro), isStreamed(findProtocol("imagenet-1"))]).toEqual([false, true]);
  });
});

test("a published data set keeps its size: pixels cut out at another would be those of other images", () => {
  expect(() => deriveProtocol(micro, ["image.height=16"])).toThrow("image.height: cifar10 has 32");
  expect(deriveProtocol(findProtocol("imagenet-1"), ["image.height=160"]).image.height).toBe(160);
});
