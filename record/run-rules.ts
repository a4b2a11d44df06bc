/** @file What must hold of a run beyond its schema: the counts fit each other and the protocol. */

import { architectureName, parseArchitecture } from "./architecture.ts";
import { headPlaces, isSamePlace, regularizedPlace } from "./head-places.ts";
import type { Protocol } from "./protocol.ts";
import { protocolId } from "./protocols.ts";
import { formatRegularizers, parseRegularizers } from "./regularizers.ts";
import type { Run } from "./run.ts";
import { tapCount } from "./taps.ts";

type Rule = [holds: boolean, problem: string];

/** Every broken rule, with the place it is broken at; empty for a sound run. */
export function runProblems(run: Run, protocol: Protocol): string[] {
  const named: Rule[] = [
    [run.protocol === protocolId(protocol), `protocol: not the id of ${protocol.name}`],
    [isCanonical(run), "arch, regs: not in canonical form"],
  ];
  const problems = broken(named);
  if (problems.length > 0) return problems;
  const { epochs } = protocol;
  const tooMany = broken([[run.epochs.length <= epochs, `epochs: more than ${epochs}`]]);
  if (tooMany.length > 0) return tooMany; // as many as a body holds: none of them is looked at
  return broken([...statusRules(run, protocol), ...headRules(run, protocol), ...countRules(run)]);
}

function broken(rules: Rule[]): string[] {
  return rules.filter(([holds]) => !holds).map(([, problem]) => problem);
}

function isCanonical({ arch, regs }: Run): boolean {
  try {
    const canonical = [
      architectureName(parseArchitecture(arch)),
      formatRegularizers(parseRegularizers(regs)),
    ];
    return canonical[0] === arch && canonical[1] === regs;
  } catch {
    return false;
  }
}

function statusRules(run: Run, { subset, classes }: Protocol): Rule[] {
  const { status, final, heads, controls, trainSamples } = run;
  const measured = [final, heads, controls].filter((part) => part !== null).length;
  return [
    [
      measured === (status === "completed" ? 3 : 0),
      `status: ${status}, with ${measured} of 3 parts`,
    ],
    [status === "diverged" || run.epochs.length > 0, "epochs: none"],
    [
      subset === null || trainSamples === subset.perClass * classes,
      `trainSamples: not ${subset?.perClass} of each class`,
    ],
  ];
}

function headRules(run: Run, protocol: Protocol): Rule[] {
  const taps = tapCount(parseArchitecture(run.arch));
  const places = headPlaces(protocol, taps);
  const regularized = regularizedPlace(parseRegularizers(run.regs), protocol, taps);
  const { heads } = run;
  return [
    [
      heads === null || heads.length === places.length,
      `heads: not the protocol's ${places.length}`,
    ],
    ...(heads ?? []).map((head, i): Rule => {
      const place = places[i] ?? null;
      const flagged = head.regularized === isSamePlace(head, regularized);
      return [isSamePlace(head, place) && flagged, `heads.${i}: not the protocol's`];
    }),
    ...run.epochs.map(({ online }, i): Rule => {
      return [online.length === places.length, `epochs.${i}.online: not ${places.length} counts`];
    }),
  ];
}

function countRules(run: Run): Rule[] {
  const { trainSamples: m, testSamples, epochs, heads, final, controls } = run;
  const isNoisy = parseRegularizers(run.regs).noise > 0;
  return [
    [m > 0 && testSamples > 0, "trainSamples, testSamples: none"],
    ...epochs.map(({ seen, correct, online }, i): Rule => {
      const fits = [correct, ...online].every((count) => count <= seen);
      return [seen > 0 && seen <= m && fits, `epochs.${i}: seen`];
    }),
    ...(heads ?? []).map((head, i): Rule => {
      return [Math.max(head.final, head.unseen) <= m, `heads.${i}: more than ${m} correct`];
    }),
    ...[...(controls?.refit ?? []), ...(controls?.frozen ?? [])].map(
      ({ tap, n, correct }): Rule => {
        return [correct <= m, `controls: more than ${m} correct at tap ${tap}, n = ${n}`];
      },
    ),
    [
      final === null || Math.max(final.trainCorrect, final.trainCleanCorrect) <= m,
      `final: more than ${m} train images correct`,
    ],
    [
      final === null || isNoisy || final.trainCleanCorrect === final.trainCorrect,
      `final.trainCleanCorrect: ${final?.trainCorrect}, like trainCorrect, without label noise`,
    ],
    [
      final === null || final.testCorrect <= testSamples,
      `final: more than ${testSamples} test images correct`,
    ],
  ];
}
