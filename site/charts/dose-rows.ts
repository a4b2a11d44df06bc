/** @file Which configurations are the same but for the strength of one regularizer: what a chart of dose and response shows. */

import type { Interval } from "../../record/statistics/interval.ts";
import type { Summary } from "../../record/summary.ts";
import { type Family, regularizerFamily } from "./families.ts";

/** Means over seeds as shares; null where a run diverged, or the protocol does not measure it. */
export type DoseNumbers = Readonly<
  Record<
    | "learnedComplexity"
    | "capacity"
    | "gap"
    | "testAccuracy"
    | "frozenComplexity"
    | "frozenCapacity",
    Interval | null
  >
>;

interface Dose extends DoseNumbers, Pick<Summary, "runs" | "diverged"> {
  /** 0 stands for the same configuration without this regularizer. */
  strength: number;
  /** Canonical regularizers. */
  regs: string;
}

/** All strengths of one regularizer, everything else alike. */
export interface DoseRow {
  /** `wd`, `rl:confusion@2`. */
  regularizer: string;
  /** The other regularizers, `none` without any. */
  base: string;
  architectures: readonly {
    arch: string;
    /** By strength; at least two above 0. */
    doses: readonly Dose[];
  }[];
}

export interface Dosed extends Omit<Dose, "strength"> {
  arch: string;
  /** The same regularizers with what `recipe` stands for in its place. */
  parts: string;
}

/**
 * The series that these configurations hold: every regularizer of which one architecture has two strengths or more, all
 * else alike. A configuration with two regularizers can be part of two series.
 */
export function doseRows(configurations: readonly Dosed[]): DoseRow[] {
  const items = configurations.flatMap((configuration) =>
    dosesOf(configuration).map((dose) => ({ ...dose, configuration })),
  );
  const series = Map.groupBy(items, ({ regularizer, base }) => `${regularizer} ${base}`);
  return Array.from(series.values()).flatMap((group) => {
    const { regularizer, base } = group[0]!;
    const byArchitecture = Map.groupBy(group, ({ configuration }) => configuration.arch);
    const architectures = Array.from(byArchitecture, ([arch, members]) => {
      const without = configurations.find((each) => each.arch === arch && each.regs === base);
      const doses = [
        ...(without ? [{ ...without, strength: 0 }] : []),
        ...members.map(({ strength, configuration }) => ({ ...configuration, strength })),
      ].toSorted((a, b) => a.strength - b.strength);
      return { arch, doses };
    }).filter(({ doses }) => strengthsOf(doses).length > 1);
    return architectures.length > 0 ? [{ regularizer, base, architectures }] : [];
  });
}

const STRENGTH = /^([a-z]+)=([0-9.]+(?:e[+-]?[0-9]+)?)(.*)$/;
/** Canonical text leaves a strength of 1 out. */
const CUSTOM = /^(custom:[^=]+)(?:=(.*))?$/;

/** Those of its name and, for the recipe, those of its parts: `recipe` is one strength of `wd=` beside the others. */
function dosesOf({ regs, parts }: Dosed) {
  const own = dosesIn(regs);
  const named = new Set(own.map(({ regularizer }) => regularizer));
  return [...own, ...dosesIn(parts).filter(({ regularizer }) => !named.has(regularizer))];
}

/** Each item of a canonical text that has a strength, and what is left without it. */
function dosesIn(regs: string): { regularizer: string; strength: number; base: string }[] {
  const items = regs.split(",");
  return items.flatMap((item) => {
    const [, custom, dose = "1"] = CUSTOM.exec(item) ?? [];
    const [, name, strength, rest] = STRENGTH.exec(item) ?? [];
    const base = items.filter((other) => other !== item).join(",") || "none";
    if (custom !== undefined) return [{ regularizer: custom, strength: Number(dose), base }];
    if (name === undefined) return [];
    return [{ regularizer: `${name}${rest}`, strength: Number(strength), base }];
  });
}

/** Those above 0. */
export const strengthsOf = (doses: readonly Dose[]): number[] =>
  doses.flatMap(({ strength }) => (strength > 0 ? [strength] : []));

/** The family of `rl:confusion@2` is that of `rl=`. */
export function doseFamily({ regularizer }: Pick<DoseRow, "regularizer">): Family {
  const isCustom = regularizer.startsWith("custom:");
  return regularizerFamily(isCustom ? regularizer : `${/^[a-z]+/.exec(regularizer)![0]}=1`);
}
