/** @file The controls a protocol asks for, all of them, and the one number among them that can be recomputed. */

import { controlPlaces } from "../control-places.ts";
import { nullAccuracy } from "../null-accuracy.ts";
import { problemAt, type Problem } from "../problem.ts";
import type { Protocol } from "../protocol.ts";
import type { Controls, Run } from "../run.ts";

/** Two machines' exp and log may differ in the last bits. */
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
    ...(kinds.length > 0 ? [] : nullProblems(run, controls)),
  ];
}

function placesText(places: readonly { tap: number; n: number }[]): string {
  return places.map(({ tap, n }) => `tap ${tap} n ${n}`).join(", ");
}

function nullProblems(run: Run, controls: Controls): Problem[] {
  return controls.null.flatMap((place, i) =>
    (
      [
        ["accuracy", place.h],
        ["ridgeAccuracy", place.ridgeH],
      ] as const
    ).flatMap(([name, h]) => {
      const expected = nullAccuracy(place.n, h);
      if (Math.abs(place[name] - expected) <= ROUNDING) return [];
      return [problemAt(run, ["controls", "null", i, name], `${expected}, which its h gives`)];
    }),
  );
}
