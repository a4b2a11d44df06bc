import { expect, test } from "vitest";
import method from "../../record/method.json" with { type: "json" };
import { protocols } from "../../record/protocols.ts";
import { type LabelKind } from "../../record/random-label.ts";
import { parseRegularizers } from "../../record/regularizers.ts";

/** What the Python package takes from the file, and a run from its protocol. */
test.each(Object.values(protocols))("$name has the constants of record/method.json", (protocol) => {
  const { redraws, penalty, permutations } = protocol.measures.refit;
  expect({ redraws, penalty }).toEqual({
    redraws: method.refit.redraws,
    penalty: method.refit.penalty,
  });
  expect([0, method.refit.permutations]).toContain(permutations); // 0: selectivity is not measured
  expect(protocol.measures.spectrum).toEqual(method.spectrum);
  const { rms, momentum } = method.heads;
  expect([protocol.headRms, protocol.headOptimizer]).toEqual([rms, { kind: "sgd", momentum }]);
});

test("micro-1 has the headline and the label spaces of record/method.json", () => {
  const { heads, headline } = protocols["micro-1"]!;
  expect(heads.map(({ n }) => n)).toEqual(method.probe.labelSpaces);
  const draws = heads.find(({ n }) => n === headline)?.draws;
  expect({ n: headline, draws }).toEqual({ n: method.heads.n, draws: method.heads.draws });
});

test("its forms of the regularizer and kinds of labels are those that there are", () => {
  for (const form of method.heads.forms)
    expect(parseRegularizers(`rl=1:${form}`).randomLabel.form).toBe(form);
  expect(() => parseRegularizers("rl=1:other")).toThrow(method.heads.forms.join("|"));
  const kinds: Record<LabelKind, true> = {
    "random-label": true,
    "unseen-label": true,
    redraw: true,
  };
  expect(method.randomLabels.kinds).toEqual(Object.keys(kinds));
});
