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
