import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../record/canonical-json.ts";
import { deriveProtocol } from "../../record/derived-protocol.ts";
import { headPlaces, learningRate, stepsPerEpoch } from "../../record/head-places.ts";
import { Protocol, findProtocol, protocolId, protocols } from "../../record/protocols.ts";
import { RecordError } from "../../record/problem.ts";

const micro = findProtocol("micro-1");

// A published protocol never changes, as results name it by this digest: what should be measured otherwise is published
// as another document (micro-2), with a digest of its own here.
test.each([
  ["micro-1", "91eb9ea41b0e00190cae90ba3e3518de7275781bd44f50911f2f7b6e3256c7ad"],
  ["cifar10-1", "6c328a98394999a5cac9de789b861d9d1ad0a753cd20e0d5c0742ad2e63168b9"],
  ["cifar100-1", "959c588c42ef17323c03f6999d268858ebdd04f59af0170e74dfa15a38175afb"],
  ["imagenet-1", "687dc71005bce943d6b62c452551ee38ded10e9e90d9c05e4cc8282f00e82890"],
])("%s is frozen: it has the id that its results carry", (name, id) => {
  expect(protocolId(findProtocol(name))).toBe(id);
  expect(findProtocol(id).name).toBe(name);
});

test("an id does not depend on the order of a document's members", () => {
  const backwards = Object.fromEntries(Object.entries(micro).toReversed()) as Protocol;
  expect(protocolId(backwards)).toBe(protocolId(micro));
  expect(protocolId({ ...micro, epochs: 31 })).not.toBe(protocolId(micro));
});

test("an unknown protocol is named, with the one that was meant", () => {
  expect(() => findProtocol("micro1")).toThrow("did you mean micro-1?");
  expect(() => findProtocol("constructor")).toThrow("no such protocol (micro-1, cifar10-1");
});

describe("the learning rate", () => {
  test("of micro-1 ramps over the first epoch and falls to zero", () => {
    const S = stepsPerEpoch(micro, 2500);
    expect(S).toBe(25);
    expect(learningRate(micro, 0, S)).toBe(0.05 / 25);
    expect(learningRate(micro, 24, S)).toBeCloseTo((0.05 * (1 + Math.cos(0.1005309649))) / 2, 12);
    expect(learningRate(micro, 375, S)).toBeCloseTo(0.025, 15);
    expect(learningRate(micro, 749, S)).toBeCloseTo(0.05 * Math.sin(Math.PI / 1500) ** 2, 15);
  });

  test("is peak cos(pi t/2T)^2 after the ramp, at every step of every protocol", () => {
    for (const protocol of Object.values(protocols)) {
      const S = 7;
      const T = protocol.epochs * S;
      const R = protocol.learningRate.rampEpochs * S;
      for (let t = 0; t < T; t++) {
        const ramp = t + 1 < R ? (t + 1) / R : 1;
        const expected = protocol.learningRate.peak * ramp * Math.cos((Math.PI * t) / (2 * T)) ** 2;
        expect(learningRate(protocol, t, S)).toBeCloseTo(expected, 14);
      }
    }
  });

  test("drops a last partial batch", () => {
    expect(stepsPerEpoch(findProtocol("cifar10-1"), 50_000)).toBe(195);
  });
});

describe("random-label heads", () => {
  test("of micro-1 on two taps: six at each and n = 1000 at the last", () => {
    const places = headPlaces(micro, 2).map(({ tap, n, draw }) => `${tap}/${n}/${draw}`);
    expect(places.join(" ")).toBe(
      "1/2/0 1/2/1 1/10/0 1/10/1 1/100/0 1/100/1 2/2/0 2/2/1 2/10/0 2/10/1 2/100/0 2/100/1 2/1000/0",
    );
  });

  test("of imagenet-1 sit at the last tap only", () => {
    expect(new Set(headPlaces(findProtocol("imagenet-1"), 4).map(({ tap }) => tap))).toEqual(
      new Set([4]),
    );
  });
});

describe("a derived protocol", () => {
  test("is a full document with an id of its own", () => {
    const derived = deriveProtocol(micro, ["subset.perClass=100", "epochs=2"]);
    expect(derived).toEqual({
      ...micro,
      subset: { perClass: 100 },
      epochs: 2,
      name: "micro-1+custom",
    });
    expect(Protocol.parse(derived)).toEqual(derived);
    expect(protocolId(derived)).not.toBe(protocolId(micro));
  });

  test("does not depend on the way it was reached", () => {
    const once = deriveProtocol(micro, ["epochs=2", "batch=50"]);
    const twice = deriveProtocol(deriveProtocol(micro, ["batch=50"]), ["epochs=2"]);
    expect(protocolId(twice)).toBe(protocolId(once));
  });

  test("in which nothing changed is its base", () => {
    expect(deriveProtocol(micro, ["epochs=30"])).toBe(micro);
  });

  test("can begin a group that was null, and end one", () => {
    expect(deriveProtocol(findProtocol("cifar10-1"), ["subset.perClass=300"]).subset).toEqual({
      perClass: 300,
    });
    expect(deriveProtocol(micro, ["subset=null"]).subset).toBeNull();
  });

  test("with another data set takes that set's shape and digests along", () => {
    const derived = deriveProtocol(micro, ["normalize.mean=[0.3]", "dataset=fashion-mnist"]);
    expect(derived.image).toEqual({ height: 28, width: 28, channels: 1 });
    expect(derived.digests.train).toMatch(/^16d82e2b/);
    expect(derived.normalize).toEqual({ mean: [0.3], std: [0.35302] });
  });

  test("leaves its base as it was", () => {
    const before = canonicalJson(micro);
    deriveProtocol(micro, ["subset.perClass=100", "optimizer.momentum=0.5"]);
    expect(canonicalJson(micro)).toBe(before);
  });

  test.each([
    [["subset.perclass=100"], "subset.perclass: no such field; near it: subset.perClass"],
    [["name=mine"], "name: no such field"],
    [["epochs"], "epochs: write epochs=VALUE"],
    [["epochs=0"], "epochs: a whole number from 1 to 100000"],
    [["epochs=many"], "epochs: a whole number from 1"],
    [["subset=1", "subset.perClass=0"], "subset.perClass: a whole number from 1"],
    [["batch=5000"], "batch: at most the 2500 training images"],
    [["subset.perClass=5001"], "cifar10 has 5000 images of each class"],
    [["headline=5"], "one of the heads' n: 2, 10, 100, 1000"],
    [["headline=1000"], "two draws at the headline"],
    [["panelSeeds=[1,1]"], "every seed once"],
    [["normalize.mean=[0.5]"], "normalize.mean: 3 numbers"],
    [[`digests.train=${"0".repeat(64)}`], "digests.train: of cifar10 it is f912919b"],
    [["dataset=mnist"], "dataset: fashion-mnist, cifar10, cifar100 or imagenet"],
    [["learningRate.rampEpochs=31"], "at most the 30 epochs"],
    [["tolerance.capacity.floor=0.06"], "tolerance.capacity.floor: at most the cap 0.05"],
    [["measures.refit.redraws=0"], "measures.refit.redraws: a whole number from 1 to 64"],
    [
      ["measures.refit.permutations=5"],
      "measures.refit.permutations: 0, or at least the 8 redraws",
    ],
    [
      ["measures.refit.permutations=1000"],
      "measures.refit.permutations: a whole number from 0 to 999",
    ],
    [["frozenHeads=maybe"], "frozenHeads: true or false"],
    [["nonsense=1", "epochs=2", "else=3"], "else: no such field"],
  ])("%j is refused: %s", (settings, message) => {
    expect(() => deriveProtocol(micro, settings)).toThrow(RecordError);
    expect(() => deriveProtocol(micro, settings)).toThrow(message);
  });
});
