/** @file What colour and shape stand for: families of regularizers and of architectures, the same on every page. */

import type { Architecture } from "../../record/architecture.ts";
import type { FieldName } from "../../record/regularizers.ts";

/** In the order of the legend; the colours are variables of charts.css, one set for light and one for dark. */
export const FAMILIES = {
  none: { label: "none", color: "var(--family-none)" },
  "weight-decay": { label: "weight decay", color: "var(--family-weight-decay)" },
  dropout: { label: "dropout", color: "var(--family-dropout)" },
  "label-smoothing": { label: "label smoothing", color: "var(--family-label-smoothing)" },
  augmentation: { label: "flips and crops", color: "var(--family-augmentation)" },
  cutout: { label: "cutout", color: "var(--family-cutout)" },
  mixup: { label: "mixup", color: "var(--family-mixup)" },
  cutmix: { label: "cutmix", color: "var(--family-cutmix)" },
  sharpness: { label: "sharpness-aware", color: "var(--family-sharpness)" },
  "random-label": { label: "random-label suppression", color: "var(--family-random-label)" },
  noise: { label: "label noise, canaries", color: "var(--family-noise)" },
  several: { label: "several or custom", color: "var(--family-several)" },
} as const;
export type Family = keyof typeof FAMILIES;

const FAMILY_OF: Record<FieldName, Family> = {
  recipe: "several",
  wd: "weight-decay",
  dropout: "dropout",
  ls: "label-smoothing",
  aug: "augmentation",
  cutout: "cutout",
  mixup: "mixup",
  cutmix: "cutmix",
  sam: "sharpness",
  rl: "random-label",
  noise: "noise",
  canary: "noise",
  custom: "several", // no thirteenth colour could be told from all others
};

/**
 * The family of a canonical text such as `wd=0.005`; `several` for a mixture. Canonical text needs no parser, and
 * a page in a browser should not load one for its colours.
 *
 * @throws RangeError for a regularizer that does not exist.
 */
export function regularizerFamily(text: string): Family {
  if (text === "none") return "none";
  const [first = "none", ...others] = new Set(text.split(",").map(familyOfItem));
  return others.length > 0 ? "several" : first;
}

function familyOfItem(item: string): Family {
  const name = item.split(/[=:]/, 1)[0]!;
  if (!Object.hasOwn(FAMILY_OF, name)) throw new RangeError(`${item}: no such regularizer`);
  return FAMILY_OF[name as FieldName];
}

/** Plot's symbols, told apart by outline even when small. */
const SYMBOLS = [
  "circle",
  "square",
  "triangle",
  "diamond2",
  "star",
  "cross",
  "wye",
  "hexagon",
] as const;
export type SymbolName = (typeof SYMBOLS)[number];

const SHAPES: Readonly<Record<Architecture["family"], SymbolName>> = {
  mlp: "circle",
  cnn: "square",
  vgg: "cross",
  resnet: "triangle",
  wrn: "wye",
  vit: "star",
  mixer: "diamond2",
  custom: "hexagon",
};

/** `mlp` of `mlp-256`. A name needs no parser for it, as above. */
export function architectureFamily(arch: string): string {
  return arch.split(/[-:]/, 1)[0]!;
}

/** That of its family, whatever else is drawn: of two of a family their names tell which is which. */
export function architectureShape(arch: string): SymbolName {
  const family = architectureFamily(arch);
  return Object.hasOwn(SHAPES, family) ? SHAPES[family as Architecture["family"]] : SHAPES.custom;
}

/** Of lines within one picture, whose names stand at their ends: each architecture has a shape of its own. */
export function architectureSymbols(architectures: Iterable<string>): Map<string, SymbolName> {
  const names = [...new Set(architectures)].sort();
  return new Map(names.map((name, i) => [name, SYMBOLS[i % SYMBOLS.length]!]));
}
