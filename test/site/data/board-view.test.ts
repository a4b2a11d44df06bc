import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BoardRow } from "../../../record/board/board-row.ts";
import type { State } from "../../../record/board/standing.ts";
import { CUSTOM_VIEWS } from "../../../record/board/states.ts";
import { MAP_AXIS_NAMES } from "../../../site/charts/map-axes.ts";
import { FAMILIES, type Family } from "../../../site/charts/families.ts";
import { boardLegend, boardMap } from "../../../site/components/board/board-map.ts";
import { boardPart } from "../../../site/components/board/board-parts.ts";
import { boardSection } from "../../../site/components/board/board-section.ts";
import { BOARD_COLUMNS } from "../../../site/data/table-columns.ts";
import { emptyBoardModel } from "../../../site/data/board-model.ts";
import {
  type BoardView,
  USUAL_VIEW,
  filterRows,
  shownColumns,
  needsAll,
  readView,
  sortRows,
  sortedBy,
  toggleCompared,
  withAxis,
  withoutFilters,
  writeView,
} from "../../../site/data/board-view.ts";
import {
  shownRows,
  MOST_ARROWS,
  byArchitecture,
  byFamily,
  fewerArrows,
} from "../../../site/data/shown-rows.ts";
import { drawn } from "../../../site/charts/drawn.ts";
import { h } from "../../../site/markup/element.ts";
import { STATE_HELP } from "../../../site/data/state-words.ts";
import { trainingIn } from "../../../site/data/training.ts";
import type { ChallengeList } from "../../../record/answers/documents.ts";
import { aRow, about, digest, manyRows } from "./rows.ts";

const view = (changes: Partial<BoardView>): BoardView => ({ ...USUAL_VIEW, ...changes });
const ids = BOARD_COLUMNS.map(({ id }) => id);
const RANKED_MODEL = { ranked: "learnedComplexity", ranksCustom: false } as const;
const anyOf = <T>(values: readonly T[]) => fc.subarray([...values]);

describe("the address of a view", () => {
  const views: fc.Arbitrary<BoardView> = fc.record({
    sort: fc.constantFrom(...ids),
    order: fc.constantFrom("ascending", "descending"),
    text: fc.string({ maxLength: 40 }),
    archs: anyOf(["mlp-512", "cnn-16", "vit-ti-4"]),
    families: anyOf(Object.keys(FAMILIES) as Family[]),
    states: anyOf(Object.keys(STATE_HELP) as State[]),
    device: fc.constantFrom("cpu", "cuda", null),
    hidden: fc.boolean(),
    custom: fc.constantFrom(...CUSTOM_VIEWS),
    reference: fc.constantFrom("first", "all", "hidden"),
    columns: anyOf(ids).map(shownColumns),
    page: fc.integer({ min: 1, max: 100 }),
    axis: fc.constantFrom(...MAP_AXIS_NAMES),
    isLog: fc.boolean(),
    compare: fc.uniqueArray(fc.nat(99).map(digest), { maxLength: 5 }),
    selected: fc.option(fc.nat(99).map(digest)),
  });

  test("restores every view", () => {
    fc.assert(
      fc.property(views, (given) => {
        expect(readView(new URLSearchParams(writeView(given)))).toEqual(given);
      }),
    );
  });

  test("says nothing of the usual view", () => {
    expect(writeView(USUAL_VIEW)).toBe("");
    expect(readView(new URLSearchParams(""))).toEqual(USUAL_VIEW);
  });

  test("is read also when somebody has broken it", () => {
    const broken =
      "sort=beauty&order=up&page=-3&compare=x,y&state=nice&custom=all&columns=,,&device=tpu&axis=up&scale=up";
    expect(readView(new URLSearchParams(broken))).toEqual(USUAL_VIEW);
  });
});

test("an address of before the learned complexity had its name shows the usual order and columns", () => {
  const old = readView(
    new URLSearchParams("sort=complexity&columns=complexity,refitComplexity,gap"),
  );
  expect(old).toEqual(view({ columns: ["configuration", "gap"] }));
});

describe("how far apart two configurations must be for their ranks to tell them apart", () => {
  const said = (rows: readonly BoardRow[], total: number, changes: Partial<BoardView> = {}) => {
    const model = {
      ...emptyBoardModel({ id: digest(9), name: "micro-1" }),
      logSize: 4,
      rows,
      total,
    };
    const drawing = {
      model,
      fresh: new Set<string>(),
      live: true,
      reference: null,
    };
    return drawn(h("div", {}, boardPart("ranks", { ...drawing, view: view(changes) })));
  };

  // By SciPy: t.ppf(1 - .05 / (N - 1) / 2, 14) * sqrt(2 / 8).
  test("is said in standard deviations of a run, for as many configurations as are ranked", () => {
    const fifty = said(manyRows(50), 50);
    expect(fifty).toContain(
      "among 50 configurations Welch's test tells two with 8 runs each apart",
    );
    expect(fifty).toContain("about 2.1 standard deviations");
    const two = [aRow(), aRow({ entry: digest(2), regs: "aug" })];
    const again = aRow({ entry: digest(3), counted: false, representedBy: digest(1) });
    expect(said([...two, again, aRow({ entry: digest(4) }, "retracted")], 3)).toMatch(
      /among 2 configurations.* about 1\.1 standard/,
    );
  });

  test("goes by what the board may have while not every row is known", () => {
    expect(said(manyRows(100), 10_000)).toMatch(
      /up to 10,000 configurations.* about 3\.6 standard/,
    );
  });

  test("says why places fall where an entry's runs scatter more, and only there", () => {
    const ranked = (ranks: [low: number, high: number][]) =>
      ranks.map(([low, high], i) =>
        aRow({
          entry: digest(i + 1),
          regs: `wd=${i + 1}`,
          numbers: { ...aRow().numbers, learnedComplexity: about(0.1 * i) },
          rank: { low, high, tier: 1 },
        }),
      );
    const why = "an entry whose runs scatter more";
    expect(
      said(
        ranked([
          [1, 1],
          [2, 3],
          [2, 3],
        ]),
        3,
      ),
    ).not.toContain(why);
    expect(
      said(
        ranked([
          [1, 2],
          [1, 3],
          [2, 2],
        ]),
        3,
      ),
    ).toContain(why);
  });

  test("is not said where no ranks are shown", () => {
    expect(said(manyRows(50), 50, { sort: "receivedAt" })).toBe("<div></div>");
    expect(said([aRow()], 1)).toBe("<div></div>");
  });
});

describe("the map's horizontal axis", () => {
  test("is learned complexity, beside which the table has capacity, until another is chosen", () => {
    const { axis, columns } = USUAL_VIEW;
    expect(axis).toBe("learnedComplexity");
    expect(columns[columns.indexOf("learnedComplexity") + 1]).toBe("capacity");
    expect(columns).not.toContain("equivalentWidth");
  });

  test("brings its column into the table and the address alone, and takes it away again", () => {
    const chosen = withAxis(USUAL_VIEW, "equivalentWidth");
    expect(chosen.columns).toContain("equivalentWidth");
    expect(writeView(chosen)).toBe("?axis=equivalentWidth");
    expect(readView(new URLSearchParams("axis=equivalentWidth"))).toEqual(chosen);
    expect(withAxis(chosen, "learnedComplexity")).toEqual(USUAL_VIEW);
    expect(withAxis(view({ columns: ["configuration", "gap"] }), "capacity").columns).toEqual([
      "configuration",
      "capacity",
      "gap",
    ]);
  });

  test("is drawn, captioned, named and counted as what it is", () => {
    const { numbers } = aRow();
    const rows = [
      aRow(),
      aRow({ entry: digest(2), regs: "aug", numbers: { ...numbers, capacity: null } }),
      aRow({ entry: digest(3), regs: "wd=0.1", equivalentWidthBound: "at most" }),
      aRow({ entry: digest(4), regs: "ls=0.1", equivalentWidthBound: "unknown" }),
      aRow({
        entry: digest(5),
        regs: "mixup=0.2",
        divergence: "2 of 8 diverged",
        numbers: { ...numbers, learnedComplexity: null, capacity: null, equivalentWidth: null },
      }),
    ];
    const model = { rows, ...RANKED_MODEL, total: 5 } as const;
    const map = (axis: BoardView["axis"]) =>
      drawn(boardMap(shownRows(model, USUAL_VIEW), view({ axis }), { name: "micro-1" }, []));
    const [learned, capacity, width] = MAP_AXIS_NAMES.map(map);
    expect(learned).toContain('aria-label="Scatter plot of learned complexity against');
    expect(learned).toContain("One entry with a diverged run has no place on it.");
    expect(learned).not.toContain("without");
    expect(capacity).toContain('aria-label="Scatter plot of capacity against');
    expect(capacity).toContain("capacity 60.0 ± 1.0 %");
    expect(capacity).toContain("One entry without a capacity or a gap has no place on it.");
    expect(width).toContain('aria-label="Scatter plot of equivalent width against');
    expect(width).toContain("Equivalent width (features)");
    expect(width).toContain("equivalent width 155 ± 4 features");
    expect(width).toContain("equivalent width at most 155 features");
    expect(width).toContain(
      "compare at one n and one number of training images only (here n = 100, 2,500 images)",
    );
    expect(width).toContain("1 entry has only a bound, marked ≤ or ≥.");
    expect(width).toContain("One entry without an equivalent width or a gap has no place on it.");
    expect(learned).not.toMatch(/equivalent|bound/);
  });

  test("says that it is empty where no entry has the number", () => {
    const row = aRow({ numbers: { ...aRow().numbers, equivalentWidth: null } });
    const model = { rows: [row], ...RANKED_MODEL, total: 1 } as const;
    const shown = shownRows(model, USUAL_VIEW);
    const width = view({ axis: "equivalentWidth" });
    const empty = drawn(boardMap(shown, width, { name: "micro-1" }, []));
    expect(empty).toContain("No equivalent width to show here.");
    expect(empty).toContain("No configuration has an equivalent width and a gap yet.");
    expect(empty).not.toMatch(/NaN|Infinity/);
  });
});

describe("filters", () => {
  const rows = [
    aRow(),
    aRow({ entry: digest(2), regs: "dropout=0.5", signer: { key: digest(5), name: "Bob" } }),
    aRow({ entry: digest(3), arch: "cnn-16" }, "retracted"),
  ];
  const left = (changes: Partial<BoardView>) =>
    filterRows(rows, view(changes)).map(({ entry }) => Number(`0x${entry}`));

  test("leave out retracted rows until they are asked for", () => {
    expect(left({})).toEqual([1, 2]);
    expect(left({ hidden: true })).toEqual([1, 2, 3]);
    expect(left({ states: ["retracted"] })).toEqual([3]);
  });

  test("need every word, in whatever field, in whatever case", () => {
    expect(left({ text: "MLP bob" })).toEqual([2]);
    expect(left({ text: "mlp nobody" })).toEqual([]);
  });

  test("take families and architectures together", () => {
    expect(left({ families: ["dropout"], archs: ["mlp-512"] })).toEqual([2]);
    expect(left({ families: ["dropout"], archs: ["cnn-16"], hidden: true })).toEqual([]);
  });
});

describe("the order of rows", () => {
  const numbers = aRow().numbers;
  const rows = [0.3, null, 0.1].map((mean, i) =>
    aRow({
      entry: digest(i + 1),
      numbers: { ...numbers, learnedComplexity: mean === null ? null : about(mean) },
    }),
  );
  const order = (way: BoardView["order"]) =>
    sortRows(rows, { sort: "learnedComplexity", order: way }).map(({ entry }) =>
      Number(`0x${entry}`),
    );

  test("keeps rows without the number below, both ways", () => {
    expect(order("ascending")).toEqual([3, 1, 2]);
    expect(order("descending")).toEqual([1, 3, 2]);
  });

  test("shows ranks in the column that they are of, and in no other", () => {
    const model = { rows, ...RANKED_MODEL, total: 3 } as const;
    expect(shownRows(model, USUAL_VIEW).rows[0]?.rank).not.toBeNull();
    expect(shownRows(model, view({ sort: "gap" })).rows[0]?.rank).toBeNull();
  });

  test("is turned round by a second choice of the column", () => {
    const once = sortedBy(USUAL_VIEW, "gap");
    expect(once).toMatchObject({ sort: "gap", order: "ascending", page: 1 });
    expect(sortedBy(once, "gap").order).toBe("descending");
    expect(sortedBy(once, "beauty")).toBe(once);
  });
});

test("a page beyond the last is the last", () => {
  const model = { rows: manyRows(250), ...RANKED_MODEL, total: 250 } as const;
  expect(shownRows(model, view({ page: 99 }))).toMatchObject({ page: 3, pages: 3 });
  expect(shownRows(model, view({ page: 3 })).rows).toHaveLength(50);
});

test("rows that were not fetched yet count while nothing is filtered, and have their pages", () => {
  const model = { rows: manyRows(100), ...RANKED_MODEL, total: 10_000 } as const;
  expect(shownRows(model, USUAL_VIEW)).toMatchObject({ found: 10_000, all: 10_000, pages: 100 });
  expect(shownRows(model, view({ text: "mlp" }))).toMatchObject({
    found: 50,
    all: 10_000,
    pages: 1,
  });
});

test.each([
  [{}, false],
  [{ sort: "testAccuracy", order: "descending" }, false],
  [{ sort: "gap", order: "descending" }, true],
  [{ sort: "regs" }, true],
  [{ page: 2 }, true],
  [{ archs: ["mlp-512"] }, true],
] as const)("a view with %j takes every row of a large board: %s", (changes, all) => {
  expect(needsAll(view(changes))).toBe(all);
});

test("what is prerendered of many rows promises nothing that takes a script, and leads to all of them", () => {
  const model = { ...emptyBoardModel({ id: digest(9), name: "micro-1" }), logSize: 400 };
  const fresh = new Set<string>();
  const drawing = { view: USUAL_VIEW, fresh, live: false, reference: null };
  const page = drawn(
    boardSection({ ...drawing, model: { ...model, rows: manyRows(150), total: 150 } }),
  );
  const pager = /<nav class="pager".*?<\/nav>/.exec(page)![0];
  expect(pager.match(/<button/g)).toHaveLength(2);
  expect(pager.match(/<button[^>]* disabled/g)).toHaveLength(2);
  expect(page).toContain(
    '<noscript><p>Of 150 entries the first 100 are shown. <a href="/boards/micro-1/rows.csv">',
  );
});

test("an open challenge is in training until it is over or too late", () => {
  const at = (name: string, outcome: object | null, expiresAt: string) =>
    ({
      challenge: { issuedAt: "2026-03-01T10:00:00.000Z", expiresAt },
      commitment: { arch: "mlp-512", regs: name },
      outcome,
    }) as unknown as ChallengeList["challenges"][number];
  const [soon, late] = ["2026-03-02T10:00:00.000Z", "2026-03-01T11:00:00.000Z"];
  const challenges = [at("none", null, soon), at("aug", {}, soon), at("wd=1", null, late)];
  const open = trainingIn({ challenges }, Date.parse("2026-03-01T12:00:00.000Z"));
  expect(open.map(({ regs }) => regs)).toEqual(["none"]);
});

test("a sixth entry is not taken into the comparison, and one more click lets an entry go", () => {
  const full = [1, 2, 3, 4, 5].map(digest).reduce(toggleCompared, USUAL_VIEW);
  expect(toggleCompared(full, digest(6))).toBe(full);
  expect(toggleCompared(full, digest(2)).compare).toEqual([1, 3, 4, 5].map(digest));
});

test("a reset leaves columns and chosen entries as they are", () => {
  const chosen = view({
    text: "x",
    hidden: true,
    columns: ["configuration"],
    compare: [digest(1)],
  });
  expect(withoutFilters(chosen)).toEqual(
    view({ columns: ["configuration"], compare: [digest(1)] }),
  );
});

test("a filter leaves the sentences of the rows that it lets through, and none where they have none", () => {
  const rows = manyRows(10);
  const model = { ...emptyBoardModel({ id: digest(9), name: "micro-1" }), logSize: 4, rows };
  const sentences = rows.slice(0, 2).map(({ entry, arch }) => ({ entry, text: `Of ${arch}.` }));
  const said = (changes: Partial<BoardView>) => {
    const drawing = { fresh: new Set<string>(), live: true, reference: null };
    const all = { ...drawing, model: { ...model, total: 10, sentences }, view: view(changes) };
    return drawn(h("div", {}, boardPart("sentences", all)));
  };
  expect(said({})).toContain('<p class="lead">Of mlp-512.</p>');
  expect(said({ archs: ["cnn-16"] })).toContain('<p class="lead">Of cnn-16.</p>');
  expect(said({ archs: ["cnn-16"] })).not.toContain("mlp-512");
  expect(said({ archs: ["vit-ti-4"] })).toBe("<div></div>");
});

test("how many entries there are is not said before it is known", () => {
  const empty = emptyBoardModel({ id: digest(9), name: "micro-1" });
  const said = (logSize: number | null) => {
    const drawing = { fresh: new Set<string>(), live: false, reference: null, view: view({}) };
    return drawn(h("div", {}, boardPart("count", { ...drawing, model: { ...empty, logSize } })));
  };
  expect(said(4)).toContain("0 entries");
  expect(said(null)).not.toContain("entries");
});

test("arrows need an unregularized entry, leave out hidden ones, and take the one with most seeds", () => {
  const rows = [
    aRow(),
    aRow({ entry: digest(2), regs: "aug", fresh: 0 }),
    aRow({
      entry: digest(3),
      regs: "aug",
      fresh: 3,
      numbers: { ...aRow().numbers, gap: about(0.2) },
    }),
    aRow({ entry: digest(4), regs: "ls=0.1" }, "retracted"),
    aRow({ entry: digest(5), arch: "cnn-16", regs: "aug" }),
  ];
  const arrows = byArchitecture(rows);
  expect(arrows.map(({ arch }) => arch)).toEqual(["mlp-512"]);
  expect(arrows[0]!.others).toMatchObject([{ regs: "aug", gap: { mean: 0.2 } }]);
  expect(byFamily(rows).map(({ family }) => family)).toEqual(["augmentation"]);
});

test("of more arrows than a panel shows the weakest and the strongest stay, none twice", () => {
  const configurations = Array.from({ length: 1000 }, (_, i) =>
    aRow({
      entry: digest(i + 2),
      regs: i === 0 ? "none" : `wd=${(i * 7) % 1000}`,
      numbers: { ...aRow().numbers, learnedComplexity: about(((i * 7) % 1000) / 1000) },
    }),
  );
  const [row] = byArchitecture(configurations);
  const levels = fewerArrows(row!).others.map(({ learnedComplexity }) => learnedComplexity.mean);
  expect(levels).toHaveLength(MOST_ARROWS);
  expect(new Set(levels).size).toBe(MOST_ARROWS);
  expect([levels[0], levels.at(-1)]).toEqual([0.001, 0.999]);
  expect(fewerArrows({ ...row!, others: row!.others.slice(0, 9) }).others).toHaveLength(9);
});

describe("rows with custom code", () => {
  const arch = "custom:my-net@0123abcd";
  const code = { source: digest(7), regSource: null, customTaps: ["in", "out"] };
  const own = { arch, custom: true, code, rank: { low: 2, high: 2, tier: 2 } };
  const rows = [aRow({ entry: digest(1) }), aRow({ entry: digest(2), ...own })];
  const model = { ...emptyBoardModel({ id: digest(9), name: "micro-1" }), rows, total: 2 };

  test("are left out where they are not wanted, and every row is asked for then", () => {
    expect(filterRows(rows, view({ custom: "hidden" }))).toEqual([rows[0]]);
    expect(shownRows(model, view({ custom: "hidden" }))).toMatchObject({ found: 1 });
    expect(needsAll(view({ custom: "hidden" }))).toBe(true);
    expect(withoutFilters(view({ custom: "ranked" })).custom).toBe("shown");
  });

  test("have ranks only among rows that were ranked together", () => {
    const ranks = (custom: BoardView["custom"], ranksCustom: boolean) =>
      shownRows({ ...model, ranksCustom }, view({ custom })).rows.map(({ rank }) => rank?.tier);
    expect(ranks("ranked", true)).toEqual([1, 2]);
    expect(ranks("ranked", false)).toEqual([undefined, undefined]); // those are on their way
    expect(ranks("shown", true)).toEqual([undefined, undefined]);
  });

  test("are ringed in the map, tagged in the table, and have a choice of their own", () => {
    const shown = shownRows(model, USUAL_VIEW);
    const map = drawn(boardMap(shown, USUAL_VIEW, { name: "micro-1" }, []));
    const signs = drawn(boardLegend(shown, USUAL_VIEW, []));
    expect(signs).toContain("ringed: custom code, which nobody checked");
    expect(map).toContain("custom code, which nobody checked\n");
    const fresh = new Set<string>();
    const drawing = { model, view: USUAL_VIEW, fresh, reference: null };
    const page = drawn(boardSection({ ...drawing, live: true }));
    expect(page).toMatch(
      /custom:my-net@0123abcd <span class="regs">none<\/span><\/a> <span class="tag">custom code/,
    );
    expect(page).toMatch(/type="radio" name="custom" value="ranked"/);
    const plain = { ...drawing, model: { ...model, rows: [rows[0]!], total: 1 } };
    expect(drawn(boardSection({ ...plain, live: true }))).not.toMatch(/ringed|name="custom"/);
  });

  test("draw no arrows", () => {
    const regs = aRow({ entry: digest(3), regs: "wd=0.005" });
    const mine = aRow({ entry: digest(4), ...own, regs: "wd=0.005" });
    const archs = byArchitecture([...rows, regs, mine]).map((row) => row.arch);
    expect(archs).toEqual([rows[0]!.arch]);
  });
});
