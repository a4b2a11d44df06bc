import { expect, test } from "vitest";
import { reproductionTable } from "../../harness/cli/commands/repro.ts";
import { reproducedNumbers, reproductionVerdict } from "../../record/statement/result-problems.ts";
import type { Run } from "../../record/run.ts";
import { aWholeDivergedRun, micro, withFinal } from "../world/runs.ts";
import { aReproduction, aResult } from "../world/statements.ts";

const result = aResult();
const { reproduction } = aReproduction(result);
const learned = (runs: Run[], counts: number[]) =>
  runs.map((run, i) => withFinal(run, { tap: 2, n: 100 }, [counts[i]!, counts[i]!]));

/** What `repro` prints when the heads of the runs know these counts. */
function printed(panel: number[], entryFresh: number[], fresh: number[]): string {
  const entry = {
    panel: learned(result.panel, panel),
    fresh: learned(result.fresh, entryFresh),
  };
  const ours = { fresh: learned(reproduction.fresh, fresh) };
  const verdict = reproductionVerdict(entry, ours, micro);
  return reproductionTable(reproducedNumbers(entry, ours, micro), verdict);
}

test("all three quantities are printed with the difference's interval and the tolerance", () => {
  const text = printed([1500, 1510, 1490, 1505, 1495], [1502, 1498, 1500], [1503, 1508, 1496]);
  // SciPy, see reproduction.test.ts: -.00268 to .00456
  expect(text).toMatch(
    /learned complexity +59\.60 % +59\.69 % +-0\.27 % to 0\.46 % +5\.00 % +agrees\n/,
  );
  expect(text).toMatch(/\ncapacity .* agrees\n/);
  expect(text).toMatch(/\ntest accuracy +45\.00 % +45\.00 % .* 3\.00 % +agrees\n/);
  expect(text).toContain("Agrees: the interval of every difference lies inside the tolerance.");
  expect(text).not.toContain("noisy");
});

test("an entry that these seeds can hardly confirm is called too noisy", () => {
  const text = printed([1300, 1600, 1400, 1700, 1500], [1350, 1650, 1500], [1300, 1500, 1700]);
  expect(text).toMatch(/learned complexity .* open\n/);
  expect(text).toMatch(/\nInconclusive: .*\nThe entry is too noisy .* in learned complexity\.\n$/);
});

test("a difference wholly outside disagrees, and a diverged run leaves no mean", () => {
  const text = printed([1500, 1510, 1490, 1505, 1495], [1502, 1498, 1500], [1640, 1650, 1645]);
  expect(text).toMatch(/learned complexity .* disagrees\n/);
  expect(text).toContain("\nDisagrees: ");
  const fresh = reproduction.fresh.with(
    0,
    aWholeDivergedRun({ seed: reproduction.fresh[0]!.seed }),
  );
  const numbers = reproducedNumbers(result, { fresh }, micro);
  const diverged = reproductionTable(numbers, reproductionVerdict(result, { fresh }, micro));
  expect(diverged).toMatch(/\ntest accuracy +45\.00 % +- +- +3\.00 % *\nInconclusive: /);
});
