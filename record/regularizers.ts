/** @file What an entry is trained with, as one short text: `wd=0.005,dropout=0.5,rl=10@2`. */

import { z } from "zod";
import { CUSTOM_FORM, CustomName, customName, parseCustomName } from "./custom-name.ts";
import { type Problem, RecordError, didYouMean, nameProblem } from "./problem.ts";

/**
 * How the trunk is kept from telling random labels (method.md section 3).
 * `log1m`: -log(1 - p_r). `confusion`: cross-entropy to uniform. `reversal`: +log p_r.
 */
const RandomLabelForm = z.enum(["log1m", "confusion", "reversal"]);

const strength = (max: number) => z.number().min(0).max(max);

/** Every regularizer, complete: 0 or false means absent. */
const Regularizers = z.strictObject({
  /** The protocol's own weight decay and augmentation; excludes naming them (see `expandRecipe`). */
  recipe: z.boolean(),
  /** Coupled for SGD, decoupled for AdamW; on every parameter of trunk and class head. */
  weightDecay: strength(1),
  /** Share of activations set to zero. */
  dropout: strength(0.95),
  /** Share of the class target spread evenly over all classes. */
  labelSmoothing: strength(0.95),
  /** The protocol's flip and crop. */
  augment: z.boolean(),
  /** Side in pixels of the square set to zero. */
  cutout: z.int().min(0).max(224),
  /** Alpha of Beta(alpha, alpha). With cutmix, too, a fair coin decides which at each step. */
  mixup: strength(10),
  /** Alpha of Beta(alpha, alpha). */
  cutmix: strength(10),
  /** Radius rho of sharpness-aware minimization. */
  sam: strength(10),
  /** Suppression of the last tap's (or `tap`'s) random labels; acts on draw 0 at the headline n. */
  randomLabel: z.strictObject({
    lambda: strength(10_000),
    form: RandomLabelForm,
    /** From 1; null for the last. */
    tap: z.int().min(1).max(64).nullable(),
  }),
  /** Chance that a training label is another class, each of the others alike. Data, but swept the same way. */
  noise: strength(1),
  /** So many images of no class, `CANARY_COPIES` times each, in the place of training samples. Data, too. */
  canary: z.int().min(0).max(10_000),
  /** One's own, from a file: `strength` times the loss that it computes is added to the trunk's. */
  custom: z.strictObject({ ...CustomName.shape, strength: strength(10_000) }).nullable(),
});

/** Training with nothing but the protocol. */
const NO_REGULARIZERS: Regularizers = {
  recipe: false,
  weightDecay: 0,
  dropout: 0,
  labelSmoothing: 0,
  augment: false,
  cutout: 0,
  mixup: 0,
  cutmix: 0,
  sam: 0,
  randomLabel: { lambda: 0, form: "log1m", tap: null },
  noise: 0,
  canary: 0,
  custom: null,
};

/** How often each image of `canary=` is among the training samples. */
const CANARY_COPIES = 4;

export { CANARY_COPIES, NO_REGULARIZERS, Regularizers, type RandomLabelForm };
const NUMBER = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/;
const RANDOM_LABEL = /^([^:@]*)(?::([^@]*))?(?:@([0-9]+))?$/;

/**
 * Reads `none`, or items separated by commas in any order; zeros are dropped.
 *
 * `recipe` stands for the protocol's weight decay and augmentation, so it excludes `wd`, `aug` and `cutout` and
 * goes with everything else.
 *
 * @example formatRegularizers(parseRegularizers("ls=0, Dropout=0.50, wd=.005")) // "wd=0.005,dropout=0.5"
 * @throws RecordError listing every bad item with what is allowed.
 */
export function parseRegularizers(text: string): Regularizers {
  const items = text.split(",").map((item) => item.trim().toLowerCase());
  if (items.length === 1 && items[0] === "none") return NO_REGULARIZERS;
  const problems: Problem[] = [];
  const found = new Map<FieldName, unknown>();
  for (const item of items) {
    const [head, value] = splitOnce(item, "=");
    const name = head.startsWith("custom:") ? "custom" : head;
    if (!isField(name)) problems.push(unknownItem(item, name));
    else if (found.has(name))
      problems.push(nameProblem("given-twice", item, `${name} is given twice`));
    else {
      found.set(name, name === "custom" ? readCustom(head, value) : readValue(name, value));
      if (!Regularizers.shape[FIELDS[name].key].safeParse(found.get(name)).success)
        problems.push(
          nameProblem("form", item, `write ${FIELDS[name].form} (${FIELDS[name].about})`),
        );
    }
  }
  for (const name of ["wd", "aug", "cutout"] as const)
    if (found.has("recipe") && found.has(name))
      problems.push(
        nameProblem("set-by-recipe", name, "recipe already sets it; leave one of them out"),
      );
  if (problems.length > 0) throw new RecordError(problems);
  const values = [...found].map(([name, value]) => [FIELDS[name].key, value]);
  return withoutIdle(Regularizers.parse({ ...NO_REGULARIZERS, ...Object.fromEntries(values) }));
}

function isField(name: string): name is FieldName {
  return Object.hasOwn(FIELDS, name);
}

function splitOnce(text: string, separator: string): [string, string | null] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

function unknownItem(item: string, name: string): Problem {
  if (name === "none") return nameProblem("none-alone", item, "none stands alone");
  const names = Object.keys(FIELDS);
  const known = `none, or of ${names.join(", ")}`;
  const rule = `no such regularizer (${known})${didYouMean(name, names)}`;
  return nameProblem("unknown-regularizer", item || "(nothing)", rule);
}

/** The value as its schema wants it; undefined or NaN, which no schema takes, when it cannot be read. */
function readValue(name: FieldName, text: string | null): unknown {
  if (name === "aug" || name === "recipe") return text === null ? true : undefined;
  if (text === null) return undefined;
  if (name !== "rl") return readNumber(text);
  const [, lambda, form, tap] = RANDOM_LABEL.exec(text) ?? [];
  return {
    lambda: readNumber(lambda ?? ""),
    form: form ?? "log1m",
    tap: tap === undefined ? null : Number(tap),
  };
}

/** NaN also for one so small that its double is zero: it would be left out in silence. */
function readNumber(text: string): number {
  const value = NUMBER.test(text) ? Number(text) : NaN;
  return value === 0 && /[1-9]/.test(text.replace(/e.*$/i, "")) ? NaN : value;
}

/** @returns what no schema takes where the name is not of the form. */
function readCustom(head: string, strength: string | null): unknown {
  const name = parseCustomName(head);
  if (name === null) return undefined;
  return { ...name, strength: strength === null ? 1 : readNumber(strength) };
}

/** With lambda 0 neither form nor tap means anything, with strength 0 no code does. */
function withoutIdle({ randomLabel, custom, ...rest }: Regularizers): Regularizers {
  return {
    ...rest,
    randomLabel: randomLabel.lambda > 0 ? randomLabel : NO_REGULARIZERS.randomLabel,
    custom: custom !== null && custom.strength > 0 ? custom : null,
  };
}

/** The canonical text: fixed order, shortest numbers, absent ones dropped, `none` when all are. */
export function formatRegularizers(regularizers: Regularizers): string {
  const parts = Object.entries(FIELDS).flatMap(([name, { key }]) => {
    const value = regularizers[key];
    if (value === null) return [];
    if (typeof value === "boolean") return value ? [name] : [];
    if (typeof value === "number") return value === 0 ? [] : [`${name}=${value}`];
    if ("digest" in value)
      return [customName(value) + (value.strength === 1 ? "" : `=${value.strength}`)];
    if (value.lambda === 0) return [];
    const form = value.form === "log1m" ? "" : `:${value.form}`;
    return [`${name}=${value.lambda}${form}${value.tap === null ? "" : `@${value.tap}`}`];
  });
  return parts.join(",") || "none";
}

type RandomLabelForm = z.infer<typeof RandomLabelForm>;
type Regularizers = z.infer<typeof Regularizers>;

/** How each is written, in canonical order. */
export const FIELDS = {
  recipe: { key: "recipe", form: "recipe", about: "the protocol's weight decay and augmentation" },
  wd: { key: "weightDecay", form: "wd=0.005", about: "weight decay, 0 to 1" },
  dropout: { key: "dropout", form: "dropout=0.5", about: "dropout, 0 to 0.95" },
  ls: { key: "labelSmoothing", form: "ls=0.1", about: "label smoothing, 0 to 0.95" },
  aug: { key: "augment", form: "aug", about: "the protocol's flip and crop" },
  cutout: { key: "cutout", form: "cutout=16", about: "side in whole pixels, 0 to 224" },
  mixup: { key: "mixup", form: "mixup=0.2", about: "alpha of Beta(alpha, alpha), 0 to 10" },
  cutmix: { key: "cutmix", form: "cutmix=1", about: "alpha of Beta(alpha, alpha), 0 to 10" },
  sam: { key: "sam", form: "sam=0.05", about: "sharpness-aware radius, 0 to 10" },
  rl: {
    key: "randomLabel",
    form: "rl=10[:log1m|confusion|reversal][@TAP]",
    about: "random-label suppression, lambda 0 to 10000",
  },
  noise: { key: "noise", form: "noise=0.2", about: "share of noisy training labels, 0 to 1" },
  canary: {
    key: "canary",
    form: "canary=25",
    about: "images of no class among the training samples, 0 to 10000 in whole numbers",
  },
  custom: {
    key: "custom",
    form: `${CUSTOM_FORM}[=STRENGTH]`,
    about: "a loss of one's own, from a file: --reg ./my-reg.ts=0.1",
  },
} as const satisfies Record<string, { key: keyof Regularizers; form: string; about: string }>;

export type FieldName = keyof typeof FIELDS;
