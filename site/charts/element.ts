/** @file Building elements: text is always text, so nothing that a record holds becomes markup. */

const SVG = "http://www.w3.org/2000/svg";
export type Child = Node | string | null;

/** Null leaves an attribute out, true writes it empty. */
export type Attributes = Record<string, string | number | true | null>;

/** An HTML element; null children are left out. */
export function html(
  document: Document,
  name: string,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElement {
  return fill(document.createElement(name), attributes, children);
}

/** The same in the SVG name space. */
export function svg(
  document: Document,
  name: string,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElement {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes))
    if (value !== null) element.setAttribute(name, value === true ? "" : String(value));
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** What a ± stands for, said below every table that has one. */
export const PLUS_MINUS_HELP =
  "± is half the width of the 95 % t-interval over seeds; a mean without it comes from a single seed.";

/** Null for a table without a ±. */
export function plusMinusNote(
  document: Document,
  rows: readonly (readonly (Cell | string)[])[],
): HTMLElement | null {
  const isTold = rows.some((row) => row.some((cell) => textOf(cell).includes("±")));
  return isTold ? html(document, "p", { class: "faint small" }, PLUS_MINUS_HELP) : null;
}

function textOf(cell: Cell | string): string {
  const content = typeof cell === "string" ? cell : cell.content;
  return typeof content === "string" ? content : (content?.textContent ?? "");
}

const VOID = new Set(["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"]);
const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Attributes of pictures that hold coordinates in pixels. */
const COORDINATES = new Set(
  "d transform x y x1 x2 y1 y2 dx dy cx cy r width height points".split(" "),
);

const [ELEMENT, TEXT] = [1, 3];

/** A document as text. Unlike the stand-in's own, it escapes `&` and `<` in attributes and shortens numbers. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => ESCAPES[letter]!);
}

/** HTML of an element and all that is in it; comments are left out. */
export function serialize(node: Node): string {
  if (node.nodeType === TEXT) return escapeText(node.textContent ?? "");
  if (node.nodeType !== ELEMENT) return "";
  const element = node as Element;
  const name = element.localName;
  const attributes = Array.from(element.attributes, writeAttribute).join("");
  if (VOID.has(name)) return `<${name}${attributes}>`;
  const children = Array.from(element.childNodes, serialize).join("");
  return `<${name}${attributes}>${children}</${name}>`;
}

function writeAttribute({ name, value }: Attr): string {
  const written = COORDINATES.has(name) ? shorten(value) : value;
  return written === "" ? ` ${name}` : ` ${name}="${escapeText(written)}"`;
}

/** A hundredth of a pixel is less than anybody sees. */
function shorten(coordinates: string): string {
  return coordinates.replace(/-?\d+\.\d+(e-?\d+)?/g, (digits) =>
    String(Number(Number(digits).toFixed(2))),
  );
}

/** The table behind a chart. */
export interface Column {
  title: string;
  /** Numbers go right. */
  numeric?: true;
  /** Longer explanation, shown on hover and read out. */
  help?: string;
}

/** A cell; `order` is what a sort goes by, where the text is not. */
export interface Cell {
  content: Child;
  order?: number | null;
}

/** The first cell of each row names the row. */
export function table(
  document: Document,
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly (Cell | string)[])[],
): HTMLElement {
  const el = html.bind(null, document);
  const titles = columns.map(({ title, numeric, help }) =>
    el(
      "th",
      { scope: "col", class: numeric ? "number" : null },
      help === undefined ? title : el("abbr", { title: help }, title),
    ),
  );
  return el(
    "div",
    { class: "scroll", role: "region", tabindex: 0, "aria-label": caption },
    el(
      "table",
      {},
      el("caption", {}, caption),
      el("thead", {}, el("tr", {}, ...titles)),
      el("tbody", {}, ...rows.map((row) => el("tr", {}, ...cells(document, columns, row)))),
    ),
  );
}

function cells(
  document: Document,
  columns: readonly Column[],
  row: readonly (Cell | string)[],
): HTMLElement[] {
  return row.map((given, i) => {
    const cell: Cell = typeof given === "string" ? { content: given } : given;
    const attributes = {
      class: columns[i]?.numeric ? "number" : null,
      "data-order": cell.order ?? null,
    };
    return i === 0
      ? html(document, "th", { scope: "row", ...attributes }, cell.content)
      : html(document, "td", attributes, cell.content);
  });
}
