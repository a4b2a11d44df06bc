/** @file The names of networks: `mlp-512`, `wrn-16-4`, `vit-ti-4` (method.md section 6). */

import { z } from "zod";
import { CUSTOM_FORM, CustomName, customName, parseCustomName } from "./custom-name.ts";
import { RecordError, didYouMean, nameProblem, problemLine, schemaProblems } from "./problem.ts";
import { namedTaps } from "./tap-names.ts";

const patch = z.int().min(1).max(64);

/** What a name says, and nothing else; `classes` and image size come from the protocol. */
export const Architecture = z.discriminatedUnion("family", [
  z.strictObject({ family: z.literal("mlp"), width: z.int().min(1).max(16_384) }),
  z.strictObject({ family: z.literal("cnn"), channels: z.int().min(1).max(1024) }),
  z.strictObject({ family: z.literal("vgg") }),
  z.strictObject({ family: z.literal("resnet"), depth: z.literal([18, 20]) }),
  z.strictObject({
    family: z.literal("wrn"),
    /** 6 k + 4: three groups of k blocks of two convolutions. */
    depth: z.literal([10, 16, 22, 28, 34, 40]),
    widen: z.int().min(1).max(32),
  }),
  z.strictObject({ family: z.literal("vit"), size: z.enum(["xs", "ti", "s", "b"]), patch }),
  z.strictObject({ family: z.literal("mixer"), size: z.literal("s"), patch }),
  /** One's own, from a file: its taps are what the file declares. */
  z.strictObject({ family: z.literal("custom"), ...CustomName.shape }),
]);

export type Architecture = z.infer<typeof Architecture>;
type Family = Exclude<Architecture["family"], "custom">;

/** One line per family: how it is written, an example, what it is. */
export const ARCHITECTURES: readonly {
  family: Family;
  form: string;
  example: string;
  about: string;
}[] = [
  {
    family: "mlp",
    form: "mlp-W",
    example: "mlp-512",
    about: "two hidden layers of width W",
  },
  {
    family: "cnn",
    form: "cnn-C",
    example: "cnn-16",
    about: "3x3 convolution, BatchNorm, ReLU with C, 2C, 4C channels",
  },
  { family: "vgg", form: "vgg-11", example: "vgg-11", about: "VGG with BatchNorm" },
  {
    family: "resnet",
    form: "resnet-18|20",
    example: "resnet-20",
    about: "residual network with a CIFAR stem",
  },
  {
    family: "wrn",
    form: "wrn-D-K",
    example: "wrn-16-4",
    about: "wide residual network, pre-activation; D = 10, 16, 22, 28, 34 or 40",
  },
  {
    family: "vit",
    form: "vit-xs|ti|s|b-P",
    example: "vit-ti-4",
    about: "simple vision transformer with patches of P x P",
  },
  {
    family: "mixer",
    form: "mixer-S[-P]",
    example: "mixer-s-4",
    about: "MLP-Mixer S with patches of P x P (4 unless said)",
  },
];

const NUMBER = "([1-9][0-9]{0,5})";

const PATTERNS: readonly [RegExp, (parts: string[]) => Record<string, unknown>][] = [
  [new RegExp(`^mlp-${NUMBER}$`), ([w]) => ({ family: "mlp", width: Number(w) })],
  [new RegExp(`^cnn-${NUMBER}$`), ([c]) => ({ family: "cnn", channels: Number(c) })],
  [/^vgg-11$/, () => ({ family: "vgg" })],
  [new RegExp(`^resnet-${NUMBER}$`), ([d]) => ({ family: "resnet", depth: Number(d) })],
  [
    new RegExp(`^wrn-${NUMBER}-${NUMBER}$`),
    ([d, k]) => ({ family: "wrn", depth: Number(d), widen: Number(k) }),
  ],
  [
    new RegExp(`^(vit|mixer)-([a-z]+)-${NUMBER}$`),
    ([family, size, p]) => ({ family, size, patch: Number(p) }),
  ],
  [/^mixer-(s)$/, ([size]) => ({ family: "mixer", size, patch: 4 })],
];

/**
 * Reads a name in any case.
 *
 * @throws RecordError saying what is allowed, with the name that was probably meant.
 * @example parseArchitecture("wrn-16-4") // { family: "wrn", depth: 16, widen: 4 }
 */
export function parseArchitecture(text: string): Architecture {
  const name = text.trim().toLowerCase();
  const own = parseCustomName(name);
  if (own !== null) return { family: "custom", ...own };
  if (name.startsWith("custom:"))
    throw new RecordError([nameProblem("architecture-part", text, `write ${CUSTOM_FORM}`)]);
  for (const [pattern, read] of PATTERNS) {
    const match = pattern.exec(name);
    if (!match) continue;
    const parts = read(match.slice(1));
    const parsed = Architecture.safeParse(parts);
    if (parsed.success) return parsed.data;
    const meant = suggestion(name);
    throw new RecordError(
      schemaProblems(parsed.error, parts).map((problem) =>
        nameProblem("architecture-part", text, `${problemLine(problem)}${meant}`),
      ),
    );
  }
  const forms = ARCHITECTURES.map(({ form }) => form).join(", ");
  const rule = `no such architecture (${forms}, or a file such as ./my-net.ts)${suggestion(name)}`;
  throw new RecordError([nameProblem("unknown-architecture", text || "(nothing)", rule)]);
}

/** Tries the known examples, and the text's own numbers after each family's name. */
function suggestion(name: string): string {
  const numbers = name.slice(name.indexOf("-") + 1);
  return didYouMean(name, [
    "resnet-18",
    ...ARCHITECTURES.map(({ example }) => example),
    ...ARCHITECTURES.map(({ family }) => `${family}-${numbers}`).filter(isArchitecture),
  ]);
}

function isArchitecture(name: string): boolean {
  return PATTERNS.some(([pattern, read]) => {
    const match = pattern.exec(name);
    return match !== null && Architecture.safeParse(read(match.slice(1))).success;
  });
}

/** The canonical name; `parseArchitecture(architectureName(a))` is `a`. */
export function architectureName(arch: Architecture): string {
  if (arch.family === "custom") return customName(arch);
  return arch.family === "vgg" ? "vgg-11" : Object.values(arch).join("-");
}

const TapName = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,22}[A-Za-z0-9])?$/, {
  message: "1 to 24 letters and digits; inside it also spaces, dots, dashes and underscores",
});

/** Names of a trunk's taps in order of depth: tap t of a record is entry t - 1. */
export const TapNames = z
  .array(TapName)
  .min(1)
  .max(64)
  .refine((names) => new Set(names).size === names.length, { message: "every name once" });

/**
 * Names of the taps; the last is the class head's input.
 *
 * @param declared what a custom architecture declares; null for every other.
 */
export function tapNames(arch: Architecture, declared: readonly string[] | null): string[] {
  const names =
    arch.family === "custom" ? declared : namedTaps(arch.family, "depth" in arch ? arch.depth : 0);
  if (names === null) throw new Error(`${architectureName(arch)} declares no taps`);
  return [...names];
}

/** Names of the taps of what a run or a configuration was trained with. */
export function tapsOf(trained: { arch: string; customTaps: readonly string[] | null }): string[] {
  return tapNames(parseArchitecture(trained.arch), trained.customTaps);
}
