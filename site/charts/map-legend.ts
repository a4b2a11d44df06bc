/** @file What shapes and colours stand for on the map of complexity and gap. */

import { FAMILIES, architectureSymbols, regularizerFamily } from "./families.ts";
import type { LegendEntry } from "./legend.ts";

export function mapLegend(rows: readonly { arch: string; regs: string }[]): LegendEntry[] {
  const families = new Set(rows.map(({ regs }) => regularizerFamily(regs)));
  const symbols = architectureSymbols(rows.map(({ arch }) => arch));
  return [
    ...Array.from(symbols, ([text, symbol]): LegendEntry => ({
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
