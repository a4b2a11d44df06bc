import { expect, test } from "vitest";
import {
  MOST_ARROWS,
  byArchitecture,
  byFamily,
  fewerArrows,
} from "../../../site/data/shown-rows.ts";
import { leading } from "../../../site/data/board-model.ts";
import { aRow, about, digest } from "./rows.ts";

test("what was found leads a board's sentences", () => {
  const sentence = (text: string) => ({ arch: "", regs: "", entry: "", none: "", text });
  const found = "aug on mlp-512 lowers its complexity from 44.0 to 5.0 %.";
  const not = "ls=0.1 on mlp-512: complexity: not distinguishable.";
  expect(leading({ sentences: [sentence(not), sentence(found)] })).toEqual([found, not]);
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
  expect(byFamily(rows).map(({ title }) => title)).toEqual(["augmentation"]);
});

test("of more arrows than a panel shows the weakest and the strongest stay, none twice", () => {
  const configurations = Array.from({ length: 1000 }, (_, i) =>
    aRow({
      entry: digest(i + 2),
      regs: i === 0 ? "none" : `wd=${(i * 7) % 1000}`,
      numbers: { ...aRow().numbers, complexity: about(((i * 7) % 1000) / 1000) },
    }),
  );
  const [row] = byArchitecture(configurations);
  const levels = fewerArrows(row!).others.map(({ complexity }) => complexity.mean);
  expect(levels).toHaveLength(MOST_ARROWS);
  expect(new Set(levels).size).toBe(MOST_ARROWS);
  expect([levels[0], levels.at(-1)]).toEqual([0.001, 0.999]);
  expect(fewerArrows({ ...row!, others: row!.others.slice(0, 9) }).others).toHaveLength(9);
});
