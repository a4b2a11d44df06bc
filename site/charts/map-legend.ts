/** @file What shapes and colours stand for on the map of complexity and gap. */

import { FAMILIES, architectureSymbols, regularizerFamily } from "./families.ts";
import type { LegendEntry } from "./legend.ts";

/** @param architectures that share the shapes out, of which `rows` may have some alone. */
export function mapLegend(
  rows: readonly { arch: string; regs: string }[],
  architectures: readonly string[] = rows.map(({ arch }) => arch),
): LegendEntry[] {
  const families = new Set(rows.map(({ regs }) => regularizerFamily(regs)));
  const here = new Set(rows.map(({ arch }) => arch));
  const symbols = [...architectureSymbols(architectures)].filter(([arch]) => here.has(arch));
  return [
    ...symbols.map(([text, symbol]): LegendEntry => ({
      sign: { kind: "dot", symbol, color: "currentColor", hollow: true },
      text,
    })),
    ...Object.entries(FAMILIES)
      .filter(([family]) => families.has(family as keyof typeof FAMILIES))
      .map(([, { label, color }]): LegendEntry => ({
        sign: { kind: "dot", symbol: "circle", color },
        text: label,
      })),
  ];
}
