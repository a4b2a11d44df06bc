/** @file A source text as a reader may trust his eyes with it: what shows nothing is written out, what is not ASCII is marked. */

/** A piece of the text as it is shown. */
export interface SourcePart {
  text: string;
  /** What it is, for a marked piece: its code points; null for plain ASCII, and beyond the first `MOST_MARKS`. */
  codePoints: string | null;
}

export interface ShownSource {
  parts: SourcePart[];
  lines: number;
  /** Bytes of UTF-8. */
  bytes: number;
  /** Pieces that are not ASCII, marked or not. */
  foreign: number;
}

/** A page with more marks than these is a carpet that tells nobody anything. */
export const MOST_MARKS = 500;

/** Anything but ASCII; letters that look like others are among them. */
const FOREIGN = /\P{ASCII}+/gu;

/** What has no shape of its own: format characters, separators, marks that stand on others, private ones. */
const SHAPELESS = /[\p{C}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/gu;

const codePoint = (sign: string) =>
  `U+${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;

/** @param text as `SourceText` allows it: no control character but tab and line feed, no bidi control. */
export function shownSource(text: string): ShownSource {
  const parts: SourcePart[] = [];
  let [end, foreign] = [0, 0];
  for (const { 0: piece, index } of text.matchAll(FOREIGN)) {
    if (index > end) parts.push({ text: text.slice(end, index), codePoints: null });
    foreign += 1;
    const isMarked = foreign <= MOST_MARKS;
    const points = [...piece].slice(0, 12).map(codePoint).join(" ");
    const shown = piece.replace(SHAPELESS, (sign) => `⟨${codePoint(sign)}⟩`);
    parts.push({ text: shown, codePoints: isMarked ? points : null });
    end = index + piece.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), codePoints: null });
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return { parts: joined(parts), lines, bytes: new TextEncoder().encode(text).length, foreign };
}

/** Pieces without a mark, one after the other, are one: a page has few elements, however long the text. */
function joined(parts: readonly SourcePart[]): SourcePart[] {
  const few: SourcePart[] = [];
  for (const part of parts) {
    const last = few.at(-1);
    if (last?.codePoints === null && part.codePoints === null) last.text += part.text;
    else few.push({ ...part });
  }
  return few;
}
