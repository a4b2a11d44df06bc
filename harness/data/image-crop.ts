/** @file Which part of an image a network sees. */

/** A part of an image in whole pixels. */
export interface Crop {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** Uniform in [0, 1), a pure function of its words. */
export type Uniform = (...words: number[]) => number;

/** From which ranges a part is drawn. */
export interface CropRanges {
  /** Shares of the image's area. */
  area: readonly [least: number, most: number];
  /** Width by height. */
  aspect: readonly [least: number, most: number];
}

const USUAL: CropRanges = { area: [0.08, 1], aspect: [3 / 4, 4 / 3] };
const ATTEMPTS = 10;

/**
 * A random part of 8 % to 100 % of the area, between 3:4 and 4:3 in shape unless said otherwise: the crop of Szegedy
 * et al. 2015 (arXiv 1409.4842, section 6) as torchvision's RandomResizedCrop draws it, fallback included.
 */
export function randomCrop(
  height: number,
  width: number,
  uniform: Uniform,
  { area: [least, most], aspect }: CropRanges = USUAL,
): Crop {
  const [low, high] = aspect.map(Math.log) as [number, number];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const draw = (word: number) => uniform(attempt, word);
    const area = height * width * (least + (most - least) * draw(0));
    const ratio = Math.exp(low + (high - low) * draw(1));
    const crop = {
      width: Math.round(Math.sqrt(area * ratio)),
      height: Math.round(Math.sqrt(area / ratio)),
    };
    if (crop.width < 1 || crop.height < 1 || crop.width > width || crop.height > height) continue;
    const top = Math.floor(draw(2) * (height - crop.height + 1));
    const left = Math.floor(draw(3) * (width - crop.width + 1));
    return { ...crop, top, left };
  }
  return centralCrop(height, width, aspect);
}

/** The largest centred part that is no narrower and no wider than the ratios allow. */
function centralCrop(height: number, width: number, [least, most]: CropRanges["aspect"]): Crop {
  const crop = {
    height: Math.min(height, Math.round(width / least)),
    width: Math.min(width, Math.round(height * most)),
  };
  return {
    ...crop,
    top: Math.floor((height - crop.height) / 2),
    left: Math.floor((width - crop.width) / 2),
  };
}

/** Size after scaling the shorter side to `side`; the longer one is rounded down. */
export function shorterSideTo(side: number, height: number, width: number): [number, number] {
  const shorter = Math.min(height, width);
  // Multiplied before it is divided: a factor such as 256/2999 is rounded, and would make 255 of 2999 pixels.
  const scaled = (length: number) => Math.floor((length * side) / shorter);
  return [scaled(height), scaled(width)];
}
