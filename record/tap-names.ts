/** @file Names of the taps of networks that have a name of their own (method.md section 2). Without a validator, for pages. */

/** Depths; their taps are after the blocks at a quarter, a half and three quarters. */
export const TRANSFORMER_BLOCKS = { vit: 12, mixer: 8 } as const;

/** In order of depth; null for a family that is none. @param depth of a resnet. */
export function namedTaps(family: string, depth: number): string[] | null {
  switch (family) {
    case "mlp":
      return numbered("hidden", 2);
    case "cnn":
      return numbered("stage", 3);
    case "vgg":
      return numbered("stage", 5);
    case "resnet":
      return ["stem", ...numbered("stage", depth === 18 ? 4 : 3)];
    case "wrn":
      return numbered("group", 3);
    case "vit":
    case "mixer": {
      const blocks = TRANSFORMER_BLOCKS[family];
      return [...[1, 2, 3].map((quarter) => `block ${(quarter * blocks) / 4}`), "mean"];
    }
    default:
      return null;
  }
}

/** `tap 1` and so on where the names do not fit. @param declared names that a custom architecture has for its own. */
export function tapTitles(
  arch: string,
  count: number,
  declared: readonly string[] | null = null,
): string[] {
  const [family = "", depth] = arch.split("-");
  const named = family.startsWith("custom:") ? declared : namedTaps(family, Number(depth));
  return named?.length === count ? [...named] : numbered("tap", count);
}

const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${name} ${i + 1}`);
