/** @file What an entry is trained with, as one short text: `wd=0.005,dropout=0.5,rl=10@2`. */

import { didYouMean } from "./nearest.ts";
import { RecordError } from "./record-error.ts";
import {
  FIELDS,
  NO_REGULARIZERS,
  Regularizers,
  type FieldName,
  type RandomLabelForm,
} from "./regularizer-fields.ts";

export { NO_REGULARIZERS, Regularizers, type RandomLabelForm };

const NUMBER = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/;
const RANDOM_LABEL = /^([^:@]*)(?::([^@]*))?(?:@([0-9]+))?$/;

/**
 * Reads `none`, or items separated by commas in any order; zeros are dropped.
 *
 * `recipe` stands for the protocol's weight decay and augmentation, so it excludes `wd`, `aug` and `cutout` and
 * goes with everything else.
 *
 * @throws RecordError listing every bad item with what is allowed.
 */
export function parseRegularizers(text: string): Regularizers {
  const items = text.split(",").map((item) => item.trim().toLowerCase());
  if (items.length === 1 && items[0] === "none") return NO_REGULARIZERS;
  const problems: string[] = [];
  const found = new Map<FieldName, unknown>();
  for (const item of items) {
    const [name, value] = splitOnce(item, "=");
    if (!isField(name)) problems.push(unknownItem(item, name));
    else if (found.has(name)) problems.push(`${item}: ${name} is given twice`);
    else {
      found.set(name, readValue(name, value));
      if (!Regularizers.shape[FIELDS[name].key].safeParse(found.get(name)).success)
        problems.push(`${item}: write ${FIELDS[name].form} (${FIELDS[name].about})`);
    }
  }
  for (const name of ["wd", "aug", "cutout"] as const)
    if (found.has("recipe") && found.has(name))
      problems.push(`${name}: recipe already sets it; leave one of them out`);
  if (problems.length > 0) throw new RecordError(problems);
  const values = [...found].map(([name, value]) => [FIELDS[name].key, value]);
  return withoutIdleForm(Regularizers.parse({ ...NO_REGULARIZERS, ...Object.fromEntries(values) }));
}

function isField(name: string): name is FieldName {
  return Object.hasOwn(FIELDS, name);
}

function splitOnce(text: string, separator: string): [string, string | null] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

function unknownItem(item: string, name: string): string {
  if (name === "none") return `${item}: none stands alone`;
  const names = Object.keys(FIELDS);
  const known = `none, or of ${names.join(", ")}`;
  return `${item || "(nothing)"}: no such regularizer (${known})${didYouMean(name, names)}`;
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

/** At lambda 0 neither form nor tap means anything. */
function withoutIdleForm(regularizers: Regularizers): Regularizers {
  if (regularizers.randomLabel.lambda > 0) return regularizers;
  return { ...regularizers, randomLabel: NO_REGULARIZERS.randomLabel };
}

/** The canonical text: fixed order, shortest numbers, absent ones dropped, `none` when all are. */
export function formatRegularizers(regularizers: Regularizers): string {
  const parts = Object.entries(FIELDS).flatMap(([name, { key }]) => {
    const value = regularizers[key];
    if (typeof value === "boolean") return value ? [name] : [];
    if (typeof value === "number") return value === 0 ? [] : [`${name}=${value}`];
    if (value.lambda === 0) return [];
    const form = value.form === "log1m" ? "" : `:${value.form}`;
    return [`${name}=${value.lambda}${form}${value.tap === null ? "" : `@${value.tap}`}`];
  });
  return parts.join(",") || "none";
}
