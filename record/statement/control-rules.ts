/** @file The controls a protocol asks for, all of them, and what can be recomputed of the null. */

import { controlPlaces } from "../control-places.ts";
import { nullAccuracy } from "../null-accuracy.ts";
import { problemAt, type Problem } from "../problem.ts";
import type { Protocol } from "../protocol.ts";
import type { Controls, Run } from "../run.ts";

/** Two machines' exp and log, or sums in another order, may differ in the last bits. */
const ROUNDING = 1e-9;

export function controlProblems(run: Run, protocol: Protocol, taps: number): Problem[] {
  const { controls } = run;
  if (controls === null) return [];
  const places = controlPlaces(protocol, taps);
  const kinds = (["refit", "frozen", "null"] as const).filter(
    (kind) => placesText(controls[kind]) !== placesText(places),
  );
  const { penalties } = protocol.measures.spectrum;
  const isSpectrum = controls.spectrum.ridge.map(({ l }) => l).join() === penalties.join();
  return [
    ...kinds.map((kind) =>
      problemAt(run, ["controls", kind], `the protocol's: ${placesText(places)}`),
    ),
    ...(isSpectrum
      ? []
      : [problemAt(run, ["controls", "spectrum", "ridge"], `at ${penalties.join(", ")}`)]),
    ...(kinds.length > 0 || !isSpectrum ? [] : nullProblems(run, controls, protocol)),
  ];
}

function placesText(places: readonly { tap: number; n: number }[]): string {
  return places.map(({ tap, n }) => `tap ${tap} n ${n}`).join(", ");
}

function nullProblems(run: Run, controls: Controls, protocol: Protocol): Problem[] {
  const shares = shareProblems(run, controls, protocol);
  return shares.length > 0 ? shares : accuracyProblems(run, controls);
}

/**
 * A tap has one cloud: h = (D + 1)/m for its width D >= 1, and a ridge uses no more directions than that. The last tap's
 * are those of the spectrum: ridgeH = (dimension + 1)/m at the refits' penalty (method.md section 4).
 */
function shareProblems(run: Run, controls: Controls, { measures }: Protocol): Problem[] {
  const { trainSamples: m } = run;
  const lastTap = controls.null.at(-1)?.tap;
  const refit = controls.spectrum.ridge.find(({ l }) => l === measures.refit.penalty);
  return controls.null.flatMap((place, i) => {
    const first = controls.null.find(({ tap }) => tap === place.tap)!;
    const dimension = place.tap === lastTap && refit ? refit.dimension : null;
    return shareRules(place, first, m, dimension)
      .filter(([holds]) => !holds)
      .map(([, name, rule]) => problemAt(run, ["controls", "null", i, name], rule));
  });
}

type Share = "h" | "ridgeH";

/** @param dimension of the spectrum, where the place is at the last tap. */
function shareRules(
  { tap, h, ridgeH }: Controls["null"][number],
  first: Controls["null"][number],
  m: number,
  dimension: number | null,
): [holds: boolean, name: Share, rule: string][] {
  const width = Math.max(1, Math.round(h * m - 1));
  const fromSpectrum = dimension === null ? ridgeH : (dimension + 1) / m;
  return [
    [isNear(h, (width + 1) / m), "h", `(D + 1)/${m}, D a whole number from 1`],
    [isNear(h, first.h), "h", `${first.h}, as of every n at tap ${tap}`],
    [ridgeH >= 1 / m - ROUNDING && ridgeH <= h + ROUNDING, "ridgeH", `1/${m} to h = ${h}`],
    [isNear(ridgeH, fromSpectrum), "ridgeH", `(${dimension} + 1)/${m}, as the spectrum says`],
  ];
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= ROUNDING;
}

function accuracyProblems(run: Run, controls: Controls): Problem[] {
  return controls.null.flatMap((place, i) =>
    (
      [
        ["accuracy", place.h],
        ["ridgeAccuracy", place.ridgeH],
      ] as const
    ).flatMap(([name, h]) => {
      const expected = nullAccuracy(place.n, h);
      if (isNear(place[name], expected)) return [];
      return [problemAt(run, ["controls", "null", i, name], `${expected}, which its h gives`)];
    }),
  );
}
