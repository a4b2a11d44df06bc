import { describe, expect, test } from "vitest";
import type { BoardRow } from "../../../record/board/board-row.ts";
import { boardPart } from "../../../site/components/board/board-parts.ts";
import { boardSection } from "../../../site/components/board/board-section.ts";
import { drawn } from "../../../site/charts/drawn.ts";
import { emptyBoardModel } from "../../../site/data/board-model.ts";
import { type BoardView, USUAL_VIEW } from "../../../site/data/board-view.ts";
import {
  firstResult,
  isSeeded,
  lackedEntries,
  referenceRow,
} from "../../../site/data/reference-layer.ts";
import { shownReference } from "../../../site/data/shown-rows.ts";
import { aRow, about, digest, manyRows } from "./rows.ts";

const view = (changes: Partial<BoardView> = {}): BoardView => ({ ...USUAL_VIEW, ...changes });
const board = { ...emptyBoardModel({ id: digest(9), name: "micro-1" }), logSize: 9 };
const theirs = [
  aRow({ entry: digest(900), arch: "mlp-256" }),
  aRow({ entry: digest(901), arch: "mlp-256", regs: "aug" }),
].map(referenceRow);

/** As the page is while a script answers. */
function drawing(
  rows: readonly BoardRow[],
  changes: Partial<BoardView> = {},
  of: readonly BoardRow[] = theirs,
) {
  const model = { ...board, rows, total: rows.length };
  const reference = { count: of.length, rows: of, markup: null };
  const fresh = new Set<string>();
  return { model, view: view(changes), fresh, live: true, reference };
}
const section = (rows: readonly BoardRow[], changes: Partial<BoardView> = {}) =>
  drawn(boardSection(drawing(rows, changes)));
const part = (name: "count" | "table", rows: readonly BoardRow[], changes?: Partial<BoardView>) =>
  drawn(boardPart(name, drawing(rows, changes)) as Parameters<typeof drawn>[0]);

const OUTLINED = /<g[^>]*class="outlined"/;

describe("the reference beside a board's own entries", () => {
  test("has rows of its own group, without a tier, a box or a state, that lead to pages of its own", () => {
    const [own, group] = part("table", [aRow()]).split('<tbody class="reference">');
    expect(group).toContain("The reference: 2 entries");
    expect(group!.match(/<tr id=/g)).toHaveLength(2);
    for (const { entry } of theirs) expect(group).toContain(`href="/reference/entries/${entry}/"`);
    expect(group).not.toMatch(/<input|href="\/entries|challenged<\/a>/);
    expect(group!.match(/Not ranked: places are those of this board/g)).toHaveLength(2);
    expect(group!.match(/class="state" href="\/trust\/#reference"/g)).toHaveLength(2);
    expect(own!.match(/<tr id=/g)).toHaveLength(1);
    expect(own).not.toContain("/reference/");
  });

  test("says which of its entries were reproduced in its own log, and that one party held its keys", () => {
    const standing = { ...theirs[0]!.standing, state: "reproduced" as const };
    const reproductions = { agree: 1, disagree: 0, inconclusive: 0 };
    const rows = [{ ...theirs[0]!, standing: { ...standing, reproductions } }, theirs[1]!];
    const table = drawn(boardPart("table", drawing([], {}, rows)) as Parameters<typeof drawn>[0]);
    expect(table.match(/class="tag"[^>]*>reproduced ×1</g)).toHaveLength(1);
    expect(table).toContain(
      "1 other key trained it on fresh seeds and agrees. In the reference's own log, all of whose keys one party held.",
    );
  });

  test("counts for nothing: neither among the rows nor in what the map says of them", () => {
    expect(part("count", [aRow()])).toContain(">1 entry<");
    expect(part("count", [aRow()], { text: "aug" })).toContain("0 of 1 entry");
    const page = section([aRow()]);
    expect(page).toContain("Outlined points are the reference");
    expect(page).toContain('data-reference="2"');
    expect(page).not.toMatch(/diverged run|has no place/);
  });

  test("lies behind the board's points, outlined, and says of each that it is the reference's", () => {
    const page = section([aRow()]);
    expect(page).toMatch(OUTLINED);
    expect(page).toContain("reference: mlp-256, none");
    expect(page).toContain("outlined: the reference, of another log");
    expect(page.indexOf("reference: mlp-256, aug")).toBeLessThan(page.indexOf("mlp-512, none\n"));
  });

  test("is gone once it is hidden, but for the switch that brings it back", () => {
    const page = section([aRow()], { reference: "hidden" });
    expect(page).not.toMatch(/tbody class="reference"|class="outlined"|Outlined points/);
    expect(page).toMatch(/<input type="checkbox" name="reference"[^>]*>/);
    expect(page).not.toMatch(/name="reference"[^>]*checked/);
    expect(section([aRow()])).toMatch(/name="reference"[^>]*checked/);
  });

  test("is what an empty board shows, below the words on how the first entry gets there", () => {
    const page = section([]);
    expect(page).toContain("Nobody has submitted a result to micro-1 yet.");
    expect(page).toMatch(OUTLINED);
    expect(page).toContain("The reference: 2 entries");
    expect(page).toContain('class="board-page"');
    expect(section([], { reference: "hidden" })).toContain('class="board-page empty"');
  });

  test("stands on the last page of a table, and without a script on the only one", () => {
    const many = manyRows(150);
    const group = /tbody class="reference"/;
    expect(part("table", many)).not.toMatch(group);
    expect(part("table", many, { page: 2 })).toMatch(group);
    expect(drawn(boardSection({ ...drawing(many), live: false }))).toMatch(group);
  });

  test("begins with ten rows and the selected one; a link leads to all of those that pass, a button back", () => {
    const many = manyRows(25).map(referenceRow);
    const table = (changes: Partial<BoardView>, live = true) => {
      const html = drawn(
        boardPart("table", { ...drawing([], changes, many), live }) as Parameters<typeof drawn>[0],
      );
      const title = /The reference: (.*?)<\/th>/.exec(html)![1]!.replace(/<[^>]*>/g, "");
      return { html, rows: html.match(/<tr id=/g)!.length, title };
    };
    const first = table({});
    expect([first.rows, first.title]).toEqual([10, "25 entries, 10 of them shown. Show all 25"]);
    expect(first.html).toContain('href="/reference/boards/micro-1/"');
    expect(table({}, false).html).toContain('href="/reference/boards/micro-1/"');
    const selected = shownReference(many, view())[17]!.entry;
    const further = table({ selected });
    expect([further.rows, further.title]).toEqual([
      11,
      "25 entries, 11 of them shown. Show all 25",
    ]);
    expect(table({ selected: many[0]!.entry }).html).toContain('aria-current="true"');
    const eleven = manyRows(11).map(referenceRow);
    const eleventh = shownReference(eleven, view())[10]!.entry;
    const whole = drawn(
      boardPart("table", drawing([], { selected: eleventh }, eleven)) as Parameters<
        typeof drawn
      >[0],
    );
    expect(whole).toContain("The reference: 11 entries<"); // the selected one is the last: no more to show
    const all = table({ reference: "all" });
    expect([all.rows, all.title]).toEqual([25, "25 entries. Show the first 10"]);
    const passing = many.filter(({ regs }) => regs === "none").length;
    const filtered = table({ families: ["none"] });
    expect(passing).toBeLessThan(10);
    expect([filtered.rows, filtered.title]).toEqual([passing, `${passing} of 25 entries`]);
  });

  test("stays as the build drew it until its rows are known, but in no other order or columns", () => {
    const rowless = (changes: Partial<BoardView>) => {
      const reference = { count: 2, rows: null, markup: "<tr><td>as built</td></tr>" };
      return drawn(
        boardPart("table", { ...drawing([aRow()], changes), reference }) as Parameters<
          typeof drawn
        >[0],
      );
    };
    expect(rowless({})).toContain("as built");
    for (const changes of [
      { sort: "gap" },
      { order: "descending" },
      { text: "aug" },
      { columns: ["entry", "gap"] },
      { reference: "all" },
    ] as const)
      expect(rowless(changes)).not.toContain("as built");
  });
});

describe("rows of the reference", () => {
  test("are filtered and sorted as the board's, and leave when states are asked for", () => {
    const rows = [
      theirs[0]!,
      { ...theirs[1]!, numbers: { ...theirs[1]!.numbers, learnedComplexity: about(0.1) } },
    ];
    const regs = (changes: Partial<BoardView>) =>
      shownReference(rows, view(changes)).map((row) => row.regs);
    expect(regs({})).toEqual(["aug", "none"]);
    expect(regs({ order: "descending" })).toEqual(["none", "aug"]);
    expect(regs({ text: "aug" })).toEqual(["aug"]);
    expect(regs({ archs: ["cnn-16"] })).toEqual([]);
    expect(regs({ states: ["challenged"] })).toEqual([]);
    expect(regs({ reference: "hidden" })).toEqual([]);
  });

  test("carry six digits and no rank or note of their own log", () => {
    const exact = aRow({ numbers: { ...aRow().numbers, gap: about(1 / 3, 1e-9) } });
    const { numbers, rank, notes } = referenceRow(exact);
    expect(numbers.gap).toEqual({ mean: 0.333333, low: 0.333333, high: 0.333333, count: 8 });
    expect(numbers.learnedComplexity!.count).toBe(8);
    expect([rank, notes]).toEqual([null, []]);
  });
});

test("a log was seeded where the reference's first result stands at its own place, and nowhere else", () => {
  const leaves = [
    { kind: "key", digest: digest(1) },
    { kind: "challenge", digest: digest(2) },
    { kind: "result", digest: digest(3) },
    { kind: "result", digest: digest(4) },
  ] as const;
  const first = firstResult(leaves);
  expect(first).toEqual({ index: 2, digest: digest(3) });
  const digestAt = (of: readonly { digest: string }[]) => (i: number) => of[i]?.digest;
  expect(isSeeded(digestAt(leaves), first)).toBe(true);
  expect(isSeeded(digestAt(leaves.slice(1)), first)).toBe(false);
  expect(isSeeded(digestAt(leaves.slice(0, 2)), first)).toBe(false);
  expect([firstResult(leaves.slice(0, 2)), isSeeded(digestAt(leaves), null)]).toEqual([
    null,
    false,
  ]);
});

test("a log lacks of the reference what came after the dump it was seeded from; one that was not, all of it", () => {
  const result = (of: number) => ({ kind: "result", digest: digest(of) }) as const;
  const key = { kind: "key", digest: digest(1) } as const;
  const theirs = [key, result(2), result(3)];
  const lacked = (...ours: readonly (typeof theirs)[number][]) => [...lackedEntries(theirs, ours)];
  expect(lacked(key, result(2), result(9))).toEqual([digest(3)]);
  expect(lacked(...theirs, result(9))).toEqual([]);
  expect(lacked(key, result(9), result(2))).toEqual([digest(2), digest(3)]); // sent again by a stranger
  expect(lacked()).toEqual([digest(2), digest(3)]);
});
