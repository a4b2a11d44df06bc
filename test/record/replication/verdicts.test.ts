import { describe, expect, test } from "vitest";
import { FEWER_HEADS } from "../../../record/replication/inertness.ts";
import { Findings } from "../../../record/replication/findings.ts";
import { replicationPlan } from "../../../record/replication/plan.ts";
import type { ReferenceRun } from "../../../record/replication/reference.ts";
import { findingsOf } from "../../../record/replication/verdicts.ts";
import { both, cellOf, diverged, withHeads, withTest } from "../../world/reference-runs.ts";

type Plan = typeof replicationPlan;
type Contrast = Plan["contrasts"][number];

const term = (regs: string, quantity: Contrast["terms"][number]["quantity"], weight: number) => ({
  ...{ settings: [], regs, quantity, weight },
});
const contrast = (claim: string, margin: number, rest: Partial<Contrast>): Contrast => ({
  ...{
    claim,
    family: "papers",
    networks: ["mlp-256"],
    margin,
    constant: 0,
    terms: [],
    selected: [],
    ranks: [],
  },
  ...rest,
});

const testAccuracy = (regs: string) => [
  term(regs, "testAccuracy", 1),
  term("none", "testAccuracy", -1),
];

/** Two networks, five seeds each; a contrast for each way that a verdict can come about. */
const PLAN: Plan = {
  ...{ version: 7, protocol: "micro-1", alpha: 0.05, seeds: { "mlp-256": 5, "cnn-16": 5 } },
  contrasts: [
    contrast("T11", 0.005, { terms: testAccuracy("aug"), networks: ["mlp-256", "cnn-16"] }),
    contrast("T10", 0.005, { terms: testAccuracy("wd=0.005") }),
    contrast("T9", 0.005, {
      terms: [term("none", "testAccuracy", -1)],
      selected: [
        {
          ...{ among: ["wd=0.005", "aug"], chosenAt: [], settings: [] },
          ...{ quantity: "testAccuracy", weight: 1 },
        },
      ],
    }),
    contrast("T4", 0.02, {
      terms: [
        term("none", "learnedComplexity", 0.9),
        term("dropout=0.1", "learnedComplexity", 0.3),
        term("dropout=0.3", "learnedComplexity", -0.3),
        term("dropout=0.5", "learnedComplexity", -0.9),
      ],
    }),
    contrast("T12", 0.02, { terms: [term("ls=0.1", "testAccuracy", 1)] }),
    contrast("Q2", 0, { terms: testAccuracy("mixup=0.2"), family: "questions" }),
  ],
};

/** 25 correct are 0 of A, 272.5 are .1. */
const a = (tenths: number) => withHeads(25 + Math.round(247.5 * tenths));
const ENTRY = "ab".repeat(32);

const RUNS: ReferenceRun[] = [
  ...cellOf(
    { network: "mlp-256", regs: "none", entry: ENTRY },
    [4000, 4010, 4020, 4030, 4040].map((count) => both(withTest(count), a(4))),
  ),
  ...cellOf({ network: "mlp-256", regs: "none", settings: FEWER_HEADS }, [
    ...[4000, 4010, 4020, 4030].map((count) => withTest(count)),
    withTest(4041),
  ]),
  // .05 above, within a count or two
  ...cellOf({ network: "mlp-256", regs: "aug" }, [4500, 4511, 4519, 4530, 4540].map(withTest)),
  ...cellOf({ network: "cnn-16", regs: "none" }, [4000, 4010, 4020, 4030, 4040].map(withTest)),
  ...cellOf({ network: "cnn-16", regs: "aug" }, [4500, 4510, 4520, 4530].map(withTest)),
  // .02 below
  ...cellOf({ network: "mlp-256", regs: "wd=0.005" }, [3800, 3811, 3819, 3830, 3840].map(withTest)),
  // far apart
  ...cellOf(
    { network: "mlp-256", regs: "mixup=0.2" },
    [3000, 5000, 4020, 3500, 4600].map(withTest),
  ),
  ...cellOf({ network: "mlp-256", regs: "ls=0.1" }, [
    ...[4000, 4000].map(withTest),
    ...[diverged, withTest(4000), withTest(4000)],
  ]),
  // up, then down twice: a fall of .9 (4 - 1) + .3 (5 - 3) tenths
  ...cellOf({ network: "mlp-256", regs: "dropout=0.1" }, [5, 5, 5, 5, 5].map(a)),
  ...cellOf({ network: "mlp-256", regs: "dropout=0.3" }, [3, 3, 3, 3, 3].map(a)),
  ...cellOf({ network: "mlp-256", regs: "dropout=0.5" }, [1, 1, 1, 1, 1].map(a)),
];

const REPRODUCED = (["agree", "inconclusive", "agree"] as const).map((verdict, i) => {
  return { entry: ENTRY, reproduction: String(i).repeat(64), key: "ef".repeat(32), verdict };
});

const findings = await findingsOf({ runs: RUNS, reproductions: REPRODUCED }, PLAN);
const verdict = (claim: string, network = "mlp-256") =>
  findings.claims
    .find(({ id }) => id === claim)!
    .verdicts.find((each) => each.network === network)!;

describe("verdicts of a plan of one's own", () => {
  test("hold above the margin, fail below it, and else tell nothing", () => {
    expect(verdict("T11")).toMatchObject({ status: "holds", test: { mean: 0.05 } });
    expect(verdict("T10")).toMatchObject({ status: "fails", test: { mean: -0.02 } });
    expect(verdict("Q2").status).toBe("inconclusive");
    expect(verdict("Q2").test!.p).toBeGreaterThan(0.05);
  });

  test("are none while a run is missing, and inconclusive where one diverged", () => {
    expect(verdict("T11", "cnn-16")).toMatchObject({
      status: "not yet run",
      test: null,
      seeds: [],
    });
    expect(verdict("T11", "cnn-16").cells).toContainEqual({
      ...{ name: "aug", asked: 5, found: 4, diverged: 0, entries: [] },
    });
    expect(verdict("T12")).toMatchObject({ status: "inconclusive", test: null });
    expect(verdict("T12").cells[0]).toMatchObject({ found: 5, diverged: 1 });
  });

  test("are Holm's over all of a family, what could not be tested among it", () => {
    expect(findings.families).toEqual([
      { name: "papers", contrasts: 6, tested: 4 },
      { name: "questions", contrasts: 1, tested: 1 },
    ]);
    const levels = ["T11", "T10", "T9", "T4"].map((claim) => verdict(claim).test!.level);
    expect(levels.toSorted()).toEqual([0.05 / 6, 0.05 / 5, 0.05 / 4, 0.05 / 3].map(rounded));
    expect(verdict("Q2").test!.level).toBe(0.05);
  });

  test("name what was taken for the best, and each level with the step to it", () => {
    expect(verdict("T9").chosen).toEqual([{ odd: "aug", even: "aug" }]);
    expect(verdict("T9").test!.mean).toBe(0.05);
    const fall = verdict("T4");
    expect(fall).toMatchObject({ status: "holds" });
    expect(fall.test!.mean).toBeCloseTo(0.33, 2);
    expect(fall.levels.map(({ name }) => name)).toEqual([
      ...["none", "dropout=0.1", "dropout=0.3", "dropout=0.5"],
    ]);
    expect(fall.levels.map(({ value }) => value!.mean)).toEqual(
      [0.4, 0.5, 0.3, 0.1].map((each) => expect.closeTo(each, 2) as number),
    );
    expect(fall.levels.map(({ step }) => step?.mean ?? null)).toEqual([
      null,
      ...[-0.1, 0.2, 0.2].map((each) => expect.closeTo(each, 2) as number),
    ]);
    expect(verdict("T11").levels).toEqual([]);
  });

  test("say which entries hold the runs", () => {
    expect(verdict("T11").cells.find(({ name }) => name === "none")!.entries).toEqual([ENTRY]);
    expect(findings.runs).toEqual({ listed: 5, unlisted: RUNS.length - 5, entries: 1 });
  });

  test("say how many entries were reproduced, and what came of it", () => {
    expect(findings.reproductions).toEqual({ agree: 2, disagree: 0, inconclusive: 1 });
  });

  test("T1 fails by one count of one seed, and waits for what is missing", () => {
    expect(verdict("T1")).toMatchObject({ status: "fails", differing: [5], test: null });
    expect(verdict("T1", "cnn-16")).toMatchObject({ status: "not yet run", differing: [] });
  });

  test("T1 holds where every seed is the same, whatever the heads read", async () => {
    const same = RUNS.map((each) =>
      each.settings.length > 0 && each.seed === 5
        ? { ...each, run: withTest(4040)(each.run) }
        : each,
    );
    const [own] = (await findingsOf({ runs: same, reproductions: [] }, PLAN)).claims[0]!.verdicts;
    expect(own).toMatchObject({ network: "mlp-256", status: "holds", differing: [] });
  });

  test("what has no contrast has a reason instead, network by network", () => {
    const untestable = (id: string) => findings.claims.find((each) => each.id === id)!.untestable;
    expect(untestable("T14")[0]!.networks).toEqual(["mlp-256", "cnn-16"]);
    expect(untestable("T11")).toEqual([]); // of the networks named there none is in this plan
  });

  test("make a document that pages can read", () => {
    expect(Findings.parse(JSON.parse(JSON.stringify(findings)))).toEqual(findings);
  });
});

const rounded = (value: number) => Number(value.toPrecision(6));

test("Q4: deviations over labellings and seeds of the redraws at the last tap", () => {
  // every run has the same redraws, so seeds give less than nothing
  const [own] = findings.labellings;
  expect(own).toMatchObject({ network: "mlp-256", seeds: 5, redraws: 99 });
  const redraws = RUNS[0]!.run.controls!.refit.findLast(({ n }) => n === 100)!.redraws;
  const middle = redraws.reduce((sum, each) => sum + each, 0) / 99;
  const squares = redraws.reduce((sum, each) => sum + (each - middle) ** 2, 0);
  const labelling = squares / 98 / (0.99 * 2500) ** 2;
  expect(own!.components!.labelling.value! / labelling).toBeCloseTo(1, 5);
  expect(own!.components!.seed.value! / (-labelling / 99)).toBeCloseTo(1, 4);
  expect(own!.components!.ratio).toEqual({ value: null, low: null, high: null });
});

test("levels are named by what differs between them", async () => {
  const { claims } = await findingsOf({ runs: [], reproductions: [] });
  const levels = (claim: string) =>
    claims
      .find(({ id }) => id === claim)!
      .verdicts.find(({ network }) => network === "cnn-16")!
      .levels.map(({ name }) => name);
  expect(levels("T13")).toEqual(["m = 500", "m = 1,000", "m = 2,500", "m = 5,000"]);
  expect(levels("T6")).toEqual(["none", "ls=0.1", "ls=0.3"]);
  expect(levels("T7")).toEqual(["tap 1", "tap 2", "tap 3"]);
});

test("without a run nothing is judged, of the plan itself", async () => {
  const none = await findingsOf({ runs: [], reproductions: [] });
  const verdicts = none.claims.flatMap((each) => each.verdicts);
  expect(new Set(verdicts.map(({ status }) => status))).toEqual(new Set(["not yet run"]));
  const contrasts = replicationPlan.contrasts.reduce(
    (sum, { networks }) => sum + networks.length,
    0,
  );
  expect(verdicts.length).toBe(contrasts + Object.keys(replicationPlan.seeds).length);
  for (const { id, verdicts, untestable } of none.claims.filter((each) => each.id !== "Q4"))
    expect([
      id,
      [
        ...verdicts.map(({ network }) => network),
        ...untestable.flatMap((each) => each.networks),
      ].sort(),
    ]).toEqual([id, [...none.networks].sort()]);
  expect(none.labellings.every(({ components }) => components === null)).toBe(true);
});
