/** @file From reference runs to findings: every verdict of the plan, and what stands beside it (docs/replication-plan.md). */

import { tapsOf } from "../architecture.ts";
import { normalizedAccuracy } from "../normalized-accuracy.ts";
import type { Interval } from "../statistics/interval.ts";
import { tInterval, variance } from "../statistics/t-interval.ts";
import { CLAIMS } from "./claims.ts";
import { type Control, controlsOf, own, tapLevels } from "./controls.ts";
import { explanationOf } from "./explanation.ts";
import { type TestOutcome, testFamily } from "./family-test.ts";
import type { Findings, Verdict } from "./findings.ts";
import { FEWER_HEADS, isSameClassTask } from "./inertness.ts";
import { type Bounds, labellingVariance, labellingVarianceBounds } from "./labelling-variance.ts";
import { measured } from "./measured.ts";
import { replicationPlan } from "./plan.ts";
import type { Reference, ReferenceRun } from "./reference.ts";
import { type Cell, type RunTable, cellName, runTable, samplesName } from "./run-table.ts";
import {
  type Best,
  EMPTY_CONTRAST,
  type SeedContrast,
  type SeedValues,
  type Term,
  cellsOf,
  seedValues,
} from "./seed-contrast.ts";

type Plan = typeof replicationPlan;
type PlannedContrast = Plan["contrasts"][number];

/** Numbers have six significant digits, so that the last bits of a platform's logarithms change no committed file. */
export async function findingsOf(
  { runs, reproductions }: Reference,
  plan: Plan = replicationPlan,
): Promise<Findings> {
  const table = runTable(runs);
  const judged = judgeAll(plan, table);
  const verdicts = [...inertness(plan, table), ...judged];
  const networks = Object.keys(plan.seeds);
  const listed = runs.filter(({ entry }) => entry !== null);
  return shortened({
    ...{ plan: plan.version, alpha: plan.alpha, networks },
    runs: {
      listed: listed.length,
      unlisted: runs.length - listed.length,
      entries: new Set(listed.map(({ entry }) => entry)).size,
    },
    reproductions: reproductionsOf(reproductions),
    families: familiesOf(judged),
    claims: CLAIMS.map(({ id, untestable }) => {
      const own = verdicts.filter(({ claim }) => claim === id);
      const has = (network: string) => own.some(({ verdict }) => verdict.network === network);
      return {
        id,
        verdicts: networks.flatMap((network) =>
          own.flatMap(({ verdict }) => (verdict.network === network ? [verdict] : [])),
        ),
        untestable: untestable.flatMap(({ networks: of, reason }) => {
          const left = networks.filter(
            (network) => (of === "all" || of.includes(network)) && !has(network),
          );
          return left.length === 0 ? [] : [{ networks: left, reason }];
        }),
      };
    }),
    labellings: networks.map((network) => labellingsOf(network, seedsOf(plan, network), table)),
    explanation: await explanationOf(
      table,
      new Map(networks.map((network) => [network, seedsOf(plan, network)])),
    ),
  });
}

function reproductionsOf(reproductions: Reference["reproductions"]): Findings["reproductions"] {
  const counts = { agree: 0, disagree: 0, inconclusive: 0 };
  for (const { verdict } of reproductions) counts[verdict] += 1;
  return counts;
}

function seedsOf({ seeds }: Plan, network: string): number[] {
  return Array.from({ length: seeds[network]! }, (_, i) => i + 1);
}

/** One contrast of one network. */
interface Member {
  claim: string;
  family: string;
  network: string;
  margin: number;
  contrast: SeedContrast;
  seeds: number[];
  found: SeedValues;
}

interface Judged {
  claim: string;
  family: string;
  verdict: Verdict;
}

function judgeAll(plan: Plan, table: RunTable): Judged[] {
  const members = plan.contrasts.flatMap((planned) =>
    planned.networks.map((network): Member => {
      const [contrast, seeds] = [seedContrast(planned), seedsOf(plan, network)];
      const { claim, family, margin } = planned;
      const found = seedValues(contrast, network, seeds, table);
      return { claim, family, network, margin, contrast, seeds, found };
    }),
  );
  const families = Map.groupBy(members, ({ family }) => family);
  const outcomes = new Map(
    Array.from(families.values()).flatMap((family) => {
      const tests = family.map(({ found, margin }) =>
        found.state === "complete" ? { ...found, margin } : null,
      );
      return testFamily(tests, plan.alpha).map((outcome, i) => [family[i]!, outcome] as const);
    }),
  );
  return members.map((member) => ({
    ...{ claim: member.claim, family: member.family },
    verdict: verdictOf(member, outcomes.get(member) ?? null, table),
  }));
}

/** As the plan writes it, with its numbers. */
export function seedContrast({ constant, terms, selected, ranks }: PlannedContrast): SeedContrast {
  return {
    constant,
    terms: terms.map(({ settings, regs, quantity, weight }) => ({
      ...{ cell: own(regs, settings), measured: measured(quantity), weight },
    })),
    choices: selected.map(({ among, chosenAt, settings, quantity, weight }) => ({
      among: among.map((regs) => ({ judged: own(regs, chosenAt), taken: own(regs, settings) })),
      judgedBy: measured(quantity),
      ...{ measured: measured(quantity), weight },
    })),
    ranks: ranks.map(({ cells, x, y, weight }) => ({
      cells: cells.map(({ regs, settings }) => own(regs, settings)),
      ...{ x: measured(x), y: measured(y), weight },
    })),
  };
}

function verdictOf(member: Member, outcome: TestOutcome | null, table: RunTable): Verdict {
  const { network, margin, contrast, seeds, found } = member;
  const isComplete = found.state === "complete";
  const { verdict, ...test } = outcome ?? { verdict: null };
  const notTested = found.state === "not yet run" ? "not yet run" : "inconclusive";
  return {
    ...{ network, margin, status: verdict ?? notTested },
    test: outcome === null ? null : (test as Omit<TestOutcome, "verdict">),
    seeds: isComplete ? seeds.map((seed, i) => ({ seed, value: found.values[i]! })) : [],
    differing: null,
    chosen: isComplete ? found.chosen.map((each, i) => chosenNames(contrast, i, each)) : [],
    levels: levelsOf(member, table),
    controls: controlValues(member, table),
    cells: cellsOf(contrast).map((cell) => cellRuns(network, cell, seeds, table)),
  };
}

function chosenNames(
  { choices }: SeedContrast,
  i: number,
  { odd, even }: Best,
): { odd: string; even: string } {
  const name = (at: number) => choices[i]!.among[at]!.judged.regs;
  return { odd: name(odd), even: name(even) };
}

/** Where a contrast is a fall over three levels or more, or a rise over taps: each, and each step as claimed. */
function levelsOf(member: Member, table: RunTable): Verdict["levels"] {
  const { claim, network, contrast } = member;
  const isRise = claim === "T7";
  const levels: readonly { name: string; term: Term }[] = isRise
    ? tapLevels(tapsIn(network))
    : contrast.terms.map((term) => ({ name: levelName(term.cell, contrast), term }));
  if (!isRise && (levels.length < 3 || contrast.choices.length > 0)) return [];
  return levels.map(({ name, term }, i) => {
    const before = levels[i - 1]?.term;
    const sign = isRise ? 1 : -1;
    const step = before && [
      { ...term, weight: sign },
      { ...before, weight: -sign },
    ];
    return {
      name,
      value: meanOf([{ ...term, weight: 1 }], member, table),
      step: step ? meanOf(step, member, table) : null,
    };
  });
}

/** By what differs between the levels. */
function levelName(cell: Cell, { terms }: SeedContrast): string {
  const isOfSamples = terms.every(({ cell: { regs } }) => regs === cell.regs);
  return isOfSamples ? samplesName(cell.settings) : cellName(cell);
}

function meanOf(
  terms: readonly Term[],
  { network, seeds }: Member,
  table: RunTable,
): Interval | null {
  const found = seedValues({ ...EMPTY_CONTRAST, terms }, network, seeds, table);
  return found.state === "complete" ? tInterval(found.values, found.least) : null;
}

function controlValues(member: Member, table: RunTable): Verdict["controls"] {
  const { claim, network, seeds, contrast } = member;
  return controlsOf(claim, { network, taps: tapsIn(network), main: contrast }).map(
    ({ title, shown, contrast: beside }) => {
      const found = seedValues(beside, network, seeds, table);
      return { title, shown, value: shownValue(found, shown) };
    },
  );
}

function shownValue(found: SeedValues, shown: Control["shown"]): Interval | null {
  if (found.state !== "complete") return null;
  if (shown === "mean") return tInterval(found.values, found.least);
  const spread = Math.sqrt(variance(found.values, found.least));
  return { mean: spread, low: null, high: null, count: found.values.length };
}

const tapsIn = (network: string): number => tapsOf({ arch: network, customTaps: null }).length;

function cellRuns(
  network: string,
  cell: Cell,
  seeds: readonly number[],
  table: RunTable,
): Verdict["cells"][number] {
  const runs = seeds.flatMap((seed): ReferenceRun[] => {
    const run = table.find(network, cell, seed);
    return run ? [run] : [];
  });
  return {
    name: cellName(cell),
    asked: seeds.length,
    found: runs.length,
    diverged: runs.filter(({ run }) => run.status === "diverged").length,
    entries: [...new Set(runs.flatMap(({ entry }) => entry ?? []))],
  };
}

/** T1, which is exact. */
function inertness(plan: Plan, table: RunTable): Judged[] {
  return Object.keys(plan.seeds).map((network) => {
    const seeds = seedsOf(plan, network);
    const cells = [own("none"), own("none", FEWER_HEADS)];
    const pairs = seeds.flatMap((seed) => {
      const [a, b] = cells.map((cell) => table.find(network, cell, seed));
      return a && b ? [{ seed, isSame: isSameClassTask(a.run, b.run) }] : [];
    });
    const differing = pairs.filter(({ isSame }) => !isSame).map(({ seed }) => seed);
    const isWhole = pairs.length === seeds.length;
    return {
      ...{ claim: "T1", family: "exact" },
      verdict: {
        ...{ network, margin: 0, test: null, seeds: [], chosen: [], levels: [], controls: [] },
        status: differing.length > 0 ? "fails" : isWhole ? "holds" : "not yet run",
        differing,
        cells: cells.map((cell) => cellRuns(network, cell, seeds, table)),
      },
    };
  });
}

function familiesOf(judged: readonly Judged[]): Findings["families"] {
  return Array.from(
    Map.groupBy(judged, ({ family }) => family),
    ([name, members]) => ({
      ...{ name, contrasts: members.length },
      tested: members.filter(({ verdict }) => verdict.test !== null).length,
    }),
  );
}

/** Q4 of one network: redraws at the last tap and the headline n, under `none`. */
function labellingsOf(
  network: string,
  seeds: readonly number[],
  table: RunTable,
): Findings["labellings"][number] {
  const redraws = seeds.flatMap((seed) => {
    const found = table.find(network, own("none"), seed);
    return found?.run.controls ? [redrawsOf(found)] : [];
  });
  const isWhole = redraws.length === seeds.length;
  return {
    network,
    seeds: redraws.length,
    redraws: redraws[0]?.length ?? 0,
    components: isWhole ? componentsOf(redraws) : null,
    cells: [cellRuns(network, own("none"), seeds, table)],
  };
}

function redrawsOf({ run, protocol: { headline } }: ReferenceRun): number[] {
  const refit = run.controls!.refit.findLast(({ n }) => n === headline)!;
  return refit.redraws.map((correct) => normalizedAccuracy(correct / run.trainSamples, headline));
}

function componentsOf(redraws: readonly (readonly number[])[]) {
  const [values, bounds] = [labellingVariance(redraws), labellingVarianceBounds(redraws)];
  const bounded = (value: number | null, { low, high }: Bounds) => ({ value, low, high });
  return {
    labelling: bounded(values.labelling, bounds.labelling),
    seed: bounded(values.seed, bounds.seed),
    ratio: bounded(values.ratio, bounds.ratio),
  };
}

function shortened<T>(value: T): T {
  if (typeof value === "number")
    return (Number.isInteger(value) ? value : Number(value.toPrecision(6))) as T;
  if (Array.isArray(value)) return value.map(shortened) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, shortened(member)]),
  ) as T;
}
