/** @file Where a point's name goes so that it covers neither points nor other names. All lengths in pixels. */

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Anchor {
  x: number;
  y: number;
  text: string;
}

/** Left end and middle height of a text. */
export interface Place {
  x: number;
  y: number;
}

const LINE = 13;
/** Mean advance of an 11 px system font, of a wide one: too much room is seen by nobody. */
const LETTER = 6.8;
/** From the middle of a point to its name. */
const AWAY = 9;

/**
 * Greedy in the order given; null for a name that fits nowhere inside `frame`.
 *
 * @param bars kept free where that is possible, such as intervals.
 */
export function placeLabels(
  anchors: readonly Anchor[],
  frame: Box,
  bars: readonly Box[] = [],
): (Place | null)[] {
  const taken = anchors.map(({ x, y }) => textBox({ x: x - AWAY + 2, y }, 2 * AWAY - 4));
  return anchors.map((anchor) => {
    const width = anchor.text.length * LETTER;
    const free = candidates(anchor, width).filter((place) => {
      const box = textBox(place, width);
      return isInside(box, frame) && !taken.some((other) => overlap(box, other));
    });
    const clear = free.find((place) => !bars.some((bar) => overlap(textBox(place, width), bar)));
    const chosen = clear ?? free[0] ?? null;
    if (chosen) taken.push(textBox(chosen, width));
    return chosen;
  });
}

/** Right, left, above and below, then the corners. */
function candidates({ x, y }: Anchor, width: number): Place[] {
  const [right, left, middle] = [x + AWAY, x - AWAY - width, x - width / 2];
  const [above, below] = [y - LINE, y + LINE];
  return [
    { x: right, y },
    { x: left, y },
    { x: middle, y: above },
    { x: middle, y: below },
    { x: right, y: above },
    { x: right, y: below },
    { x: left, y: above },
    { x: left, y: below },
  ];
}

function textBox({ x, y }: Place, width: number): Box {
  return { left: x, right: x + width, top: y - LINE / 2, bottom: y + LINE / 2 };
}

function isInside(box: Box, frame: Box): boolean {
  return (
    box.left >= frame.left &&
    box.right <= frame.right &&
    box.top >= frame.top &&
    box.bottom <= frame.bottom
  );
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
