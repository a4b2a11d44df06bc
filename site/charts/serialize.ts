/** @file A document as text. Unlike the stand-in's own, it escapes `&` and `<` in attributes and shortens numbers. */

const VOID = new Set(["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"]);
const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
/** Attributes of pictures that hold coordinates in pixels. */
const COORDINATES = new Set(
  "d transform x y x1 x2 y1 y2 dx dy cx cy r width height points".split(" "),
);
const [ELEMENT, TEXT] = [1, 3];

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
