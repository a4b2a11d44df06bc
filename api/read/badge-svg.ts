/** @file An entry in two words and a number. */

import type { BoardRow } from "../../record/board/board-row.ts";
import { stateText } from "../../record/board/states.ts";
import { escapeMarkup } from "./markup.ts";

const HEIGHT = 20;
/** Of a character of Verdana 11, about: the text is fitted to it. */
const CHARACTER = 6.6;
const PADDING = 12;

/** Dark enough for white text on both sides (4.5 : 1). */
const COLOURS = { label: "#3d4450", rung: "#1f5f99", side: "#8a4b08" };

/** No fonts, links or scripts: it works as a picture in any page. */
export function badgeSvg({ numbers, standing, arch, regs }: BoardRow): string {
  const { state } = standing;
  const complexity = numbers.complexity?.mean;
  const number = complexity === undefined ? "no complexity" : `complexity ${complexity.toFixed(3)}`;
  const isRung = ["self-reported", "challenged", "reproduced"].includes(state);
  return svg(number, stateText(standing), isRung ? COLOURS.rung : COLOURS.side, `${arch}, ${regs}`);
}

function svg(label: string, message: string, colour: string, about: string): string {
  const [left, right] = [widthOf(label), widthOf(message)];
  const title = escapeMarkup(`${about}: ${label}, ${message}`);
  const text = (value: string, start: number, width: number) =>
    `<text x="${start + width / 2}" y="14" textLength="${width - PADDING}">${escapeMarkup(value)}</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="${HEIGHT}" role="img" aria-label="${title}">` +
    `<title>${title}</title>` +
    `<rect width="${left}" height="${HEIGHT}" fill="${COLOURS.label}"/>` +
    `<rect x="${left}" width="${right}" height="${HEIGHT}" fill="${colour}"/>` +
    `<g fill="#fff" font-family="Verdana,Geneva,sans-serif" font-size="11" text-anchor="middle">` +
    `${text(label, 0, left)}${text(message, left, right)}</g></svg>`
  );
}

function widthOf(text: string): number {
  return Math.round(text.length * CHARACTER) + PADDING;
}
