import { afterAll, describe, expect, test } from "vitest";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../harness/errors.ts";
import { joinProbes, readProbe } from "../../harness/probe/kept-probes.ts";
import type { ProbeDocument } from "../../harness/probe/probe-document.ts";

const folder = mkdtempSync(join(tmpdir(), "rademark-kept-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SHA = "ab".repeat(32);
const counts = [30, 31, 29, 33, 30, 28, 31, 32];

function aTap(file = 0, redraws = counts): ProbeDocument["taps"][number] {
  const refit = (n: number) => ({
    ...{ n, told: null, redraws, accuracy: 0.6, capacity: 0.2, interval: null },
    ...{ equivalentWidth: { width: 3, bound: null }, selectivity: null, selectivityP: null },
  });
  const rungs = (n: number) => ({ n, width: 4, counts: 0.6, spectrum: 0.6, leverages: 0.6 });
  return {
    ...{ file, tap: 1, name: null, width: 4, refit: [refit(2), refit(5)] },
    ...{ null: [rungs(2), rungs(5)], effectiveRank: 3, participationRatio: 3, ridge: [] },
    classes: null,
  };
}

function aDocument(changes: Partial<ProbeDocument> = {}): ProbeDocument {
  return {
    ...{ probe: 3, files: [{ features: "/z/a.npy", testFeatures: null }], samples: 50 },
    ...{ testSamples: null, classCount: null, seed: 1, draws: 8, penalty: 0.001 },
    ...{ index: { file: null, sha256: SHA }, labels: null, taps: [aTap()] },
    ...{ comparisons: [], notices: [], seconds: 1 },
    ...changes,
  };
}

const write = (name: string, content: string | Uint8Array) =>
  writeFileSync(join(folder, name), content);
const written = (name: string, document: unknown) => write(name, JSON.stringify(document));
const read = (name: string) => readProbe(name, folder);

describe("a document that was kept", () => {
  test("is read as it was written, also with a byte order mark", () => {
    written("a.json", aDocument());
    expect(read("a.json")).toEqual({ place: "a.json", document: aDocument() });
    write("bom.json", `\uFEFF${JSON.stringify(aDocument())}`);
    expect(read("bom.json").document).toEqual(aDocument());
  });

  const edited = (change: (document: ReturnType<typeof aDocument>) => void) => {
    const document = structuredClone(aDocument());
    change(document);
    return JSON.stringify(document);
  };
  test.each<[string, string, RegExp, code: number]>([
    ["nothing", "", /bad\.json is empty: the probe that was to write it did not end well/, 2],
    ["half of one", edited(() => {}).slice(0, 300), /bad\.json: /, 2],
    ["a list", "[]", /is not a document of rademark probe --json/, 2],
    ["a run's summary", '{"arch": "mlp-8"}', /is not a document of rademark probe --json/, 2],
    [
      "an older layout",
      '{"probe": 2, "features": "a.npy"}',
      /older version \(layout 2, now 3\).*Probe the features again/,
      2,
    ],
    ["a newer layout", '{"probe": 4}', /newer version \(layout 4; this one reads 3\)/, 2],
    [
      "a member too many",
      edited((document) => Object.assign(document, { more: 1 })),
      /damaged, or was edited:\n {2}more: no such member/,
      3,
    ],
    [
      "counts beyond the samples",
      edited(({ taps }) => (taps[0]!.refit[1]!.redraws[3] = 51)),
      /taps\.0\.refit\.1: counts are of 50 samples/,
      3,
    ],
    [
      "a told count beyond them",
      edited(({ taps }) => (taps[0]!.refit[0]!.told = 51)),
      /taps\.0\.refit\.0: counts are of 50 samples/,
      3,
    ],
    [
      "a negative count",
      edited(({ taps }) => (taps[0]!.refit[1]!.redraws[3] = -1)),
      /taps\.0\.refit\.1\.redraws\.3/,
      3,
    ],
    [
      "fewer counts than draws",
      edited(({ taps }) => taps[0]!.refit[0]!.redraws.pop()),
      /refit\.0\.redraws: has as many counts as draws, 8/,
      3,
    ],
    [
      "a file that is not listed",
      edited(({ taps }) => (taps[0]!.file = 1)),
      /taps\.0\.file: is one of the files/,
      3,
    ],
    [
      "taps of other label spaces",
      edited(({ taps }) => taps.push({ ...aTap(), refit: aTap().refit.slice(1) })),
      /taps\.1\.refit: has the first tap's label spaces/,
      3,
    ],
    ["no digest", edited(({ index }) => (index.sha256 = "none")), /index\.sha256/, 3],
  ])("that is %s is refused", (_, text, message, code) => {
    write("bad.json", text);
    expect(() => read("bad.json")).toThrow(message);
    try {
      read("bad.json");
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).exitCode).toBe(code);
    }
  });

  test("is not features", () => {
    expect(() => read("z.npy")).toThrow(
      /z\.npy holds features.*rademark probe --features A --features B/,
    );
  });
});

describe("probes are put side by side", () => {
  const kept = (place: string, changes: Partial<ProbeDocument> = {}) => ({
    place,
    document: aDocument(changes),
  });
  const twoFiles = {
    files: ["/z/a.npy", "/z/b.npy"].map((features) => ({ features, testFeatures: null })),
    taps: [aTap(0), aTap(1)],
  };

  test("as if they had been probed together", () => {
    const { taps, names, samples } = joinProbes([kept("ab.json", twoFiles), kept("c.json")]);
    expect(taps.map(({ file }) => file)).toEqual([0, 1, 2]);
    expect(names).toEqual(["ab.json: a.npy", "ab.json: b.npy", "c.json"]);
    expect(samples).toBe(50);
  });

  const labels = (sha256: string) => ({ labels: { file: "/z/y.npy", sha256 } });
  const fewer = aTap();
  test.each<[string, Partial<ProbeDocument>, string]>([
    ["samples", { samples: 60 }, "samples: 50 (a.json); 60 (b.json)"],
    ["seeds", { seed: 2 }, "seed of the random labels: 1 (a.json); 2 (b.json)"],
    [
      "sample numbers",
      { index: { file: "/z/i.npy", sha256: "cd".repeat(32) } },
      "sample numbers: 0 to m-1 (a.json); /z/i.npy (b.json)",
    ],
    [
      "label spaces",
      { taps: [{ ...fewer, refit: fewer.refit.slice(1), null: fewer.null.slice(1) }] },
      "label spaces: 2, 5 (a.json); 5 (b.json)",
    ],
    ["class labels", labels("cd".repeat(32)), "class labels: /z/y.npy (a.json); /z/y.npy (b.json)"],
    ["penalties", { penalty: 0.01 }, "ridge penalty: 0.001 (a.json); 0.01 (b.json)"],
  ])("unless they are of other %s", (_, changes, words) => {
    expect(() => joinProbes([kept("a.json", labels(SHA)), kept("b.json", changes)])).toThrow(words);
  });

  test("which are named together", () => {
    expect(() => joinProbes([kept("a.json"), kept("b.json", { seed: 2, samples: 60 })])).toThrow(
      /cannot be compared.*\n {2}samples: .*\n {2}seed of .*\nProbe the features again, alike\./,
    );
  });

  test("but one file has nothing beside it, and six are too many", () => {
    expect(() => joinProbes([kept("a.json")])).toThrow("B is missing");
    const three = { ...twoFiles, files: [...twoFiles.files, ...twoFiles.files.slice(1)] };
    expect(() => joinProbes([kept("a.json", three), kept("b.json", three)])).toThrow(
      "These are 6 files; up to 5",
    );
  });

  test("with what may keep a difference from being one of the features", () => {
    const doubts = (first: Partial<ProbeDocument>, second: Partial<ProbeDocument>) =>
      joinProbes([kept("a.json", first), kept("b.json", second)]).doubts;
    const index = { index: { file: "/z/i.npy", sha256: SHA } };
    expect(doubts(index, index)).toEqual([]);
    // Two subsets of as many samples of each class, sorted by class, have one digest of labels.
    expect(doubts(labels(SHA), labels(SHA))).toEqual([
      expect.stringMatching(/^Class labels agree; .* taken for granted/),
    ]);
    expect(doubts({}, labels(SHA))).toEqual([expect.stringMatching(/^That row i .* for granted/)]);
    expect(doubts(index, { ...index, ...labels(SHA) })).toEqual([]);
    expect(doubts({ ...index, draws: 6 }, index)).toEqual([
      "The first 6 labellings are compared, as a.json has no more.",
    ]);
  });
});
