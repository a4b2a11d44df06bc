/** @file How what differs between measurements is told; apart from its schema, so that a page needs no validator. */

import type { Difference } from "./conditions.ts";

/** `threads: 1 (A, B); 2 (C): another number of threads ...`. @param names by place. */
export function differenceText(
  { condition, values }: Pick<Difference, "condition" | "values">,
  names: readonly string[],
): string {
  const groups = Map.groupBy(values.keys(), (place) => values[place] ?? null);
  const said = Array.from(groups, ([value, places]) => {
    const some = places.slice(0, MOST_NAMES).map((place) => names[place]);
    const more = places.length > MOST_NAMES ? ` and ${places.length - MOST_NAMES} more` : "";
    return `${value ?? "not known"} (${some.join(", ")}${more})`;
  });
  const meaning = MEANINGS[condition];
  return `${condition}: ${said.join("; ")}${meaning === undefined ? "" : `: ${meaning}`}`;
}

const MOST_NAMES = 3;

/** What a reader has to know of each that is noted. */
const MEANINGS: Readonly<Record<string, string>> = {
  seeds: "only those that both have run are paired",
  device: "another device adds up in another order: the last digits of every sum differ",
  precision: "products rounded otherwise move every number a little",
  "deterministic operations": "without them a second run gives other digits",
  library: "another version of the library may compute otherwise in the last digits",
  processor: "the library chooses its code by the processor: the last digits may differ",
  threads: "another number of threads adds up in another order: the last digits may differ",
  harness: "another version of the method may measure otherwise; CHANGELOG.md says what changed",
};
