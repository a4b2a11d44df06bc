/** @file What a submission needs, and when a reproduction agrees. */

import type { Protocol } from "../../../record/protocols.ts";
import { plural } from "../numbers.ts";
import { type ProtocolField, field } from "./field.ts";
import { write } from "./write.ts";

export function trustFields(protocol: Protocol): ProtocolField[] {
  const { tolerance, panelSeeds, freshSeeds, challengeDays, minimumHarness } = protocol;
  return [
    field(
      "panelSeeds",
      write.list(panelSeeds),
      "Public seeds, the same for everybody, so that entries compare seed by seed.",
    ),
    field(
      "freshSeeds",
      String(freshSeeds),
      "Seeds that a challenge issues once the configuration is committed to.",
    ),
    field(
      "challengeDays",
      plural(challengeDays, "day"),
      "Time to answer a challenge before it expires.",
    ),
    field(
      "tolerance.complexity",
      write.points(tolerance.complexity),
      "A reproduction agrees when both its means are within tolerance; it disagrees when one is beyond, and Welch's test at 5 % finds it different.",
    ),
    field(
      "tolerance.testAccuracy",
      write.points(tolerance.testAccuracy),
      "The same for test accuracy.",
    ),
    field("minimumHarness", minimumHarness, "Results of older versions are refused."),
  ];
}
