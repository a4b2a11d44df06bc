/** @file What colour and shape stand for: families of regularizers, and architectures. */

import {
  NO_REGULARIZERS,
  parseRegularizers,
  type Regularizers,
} from "../../record/regularizers.ts";

/** In the order of the legend; the colours are variables of charts.css, one set for light and one for dark. */
export const FAMILIES = {
  none: { label: "none", color: "var(--family-none)" },
  "weight-decay": { label: "weight decay", color: "var(--family-weight-decay)" },
  dropout: { label: "dropout", color: "var(--family-dropout)" },
  "label-smoothing": { label: "label smoothing", color: "var(--family-label-smoothing)" },
  augmentation: { label: "augmentation", color: "var(--family-augmentation)" },
  sharpness: { label: "sharpness-aware", color: "var(--family-sharpness)" },
  "random-label": { label: "random-label suppression", color: "var(--family-random-label)" },
  noise: { label: "label noise", color: "var(--family-noise)" },
  several: { label: "several", color: "var(--family-several)" },
} as const;
export type Family = keyof typeof FAMILIES;

const FAMILY_OF: Record<keyof Regularizers, Family> = {
  recipe: "several",
  weightDecay: "weight-decay",
  dropout: "dropout",
  labelSmoothing: "label-smoothing",
  augment: "augmentation",
  cutout: "augmentation",
  mixup: "augmentation",
  cutmix: "augmentation",
  sam: "sharpness",
  randomLabel: "random-label",
  noise: "noise",
};

/**
 * The family of a canonical text such as `wd=0.005`; `several` for a mixture.
 *
 * @throws RecordError for a text that is not canonical.
 */
export function regularizerFamily(text: string): Family {
  const regularizers = parseRegularizers(text);
  const keys = Object.keys(FAMILY_OF) as (keyof Regularizers)[];
  const found = new Set(keys.filter((key) => isOn(regularizers, key)).map((key) => FAMILY_OF[key]));
  const [only = "none"] = found;
  return found.size > 1 ? "several" : only;
}

function isOn(regularizers: Regularizers, key: keyof Regularizers): boolean {
  return key === "randomLabel"
    ? regularizers.randomLabel.lambda > 0
    : regularizers[key] !== NO_REGULARIZERS[key];
}

/** Plot's symbols, told apart by outline even when small; an eighth architecture begins again. */
const SYMBOLS = ["circle", "square", "triangle", "diamond2", "star", "cross", "wye"] as const;
export type SymbolName = (typeof SYMBOLS)[number];

/** One symbol per architecture, in order of first appearance. */
export function architectureSymbols(architectures: Iterable<string>): Map<string, SymbolName> {
  const names = [...new Set(architectures)];
  return new Map(names.map((name, i) => [name, SYMBOLS[i % SYMBOLS.length]!]));
}
