/** @file A document to draw on where there is no browser, and the drawing as text for a page. */

import { serialize } from "../charts/element.ts";

const HTML = "http://www.w3.org/1999/xhtml";

/** As much of one as is asked for. */
class StandIn {
  readonly documentElement = this.createElement("html");

  createElement(name: string): StandInElement {
    return this.createElementNS(HTML, name);
  }

  createElementNS(space: string, name: string): StandInElement {
    return new StandInElement(this as unknown as Document, space, name);
  }

  createTextNode(text: string): StandInText {
    return new StandInText(text);
  }
}

/** Text; also what an element has in common with it. */
class StandInText {
  readonly nodeType = 3;
  parentNode: StandInElement | null = null;
  textContent: string;

  constructor(text: string) {
    this.textContent = text;
  }
}

class StandInElement {
  readonly nodeType = 1;
  readonly ownerDocument: Document;
  readonly namespaceURI: string;
  readonly localName: string;
  readonly childNodes: StandInNode[] = [];
  parentNode: StandInElement | null = null;
  readonly #attributes = new Map<string, string>();

  constructor(ownerDocument: Document, namespaceURI: string, localName: string) {
    this.ownerDocument = ownerDocument;
    this.namespaceURI = namespaceURI;
    this.localName = localName;
  }

  get attributes(): { name: string; value: string }[] {
    return Array.from(this.#attributes, ([name, value]) => ({ name, value }));
  }

  getAttribute(name: string): string | null {
    return this.#attributes.get(name) ?? null;
  }

  setAttribute(name: string, value: unknown): void {
    this.#attributes.set(name, String(value));
  }

  setAttributeNS(_space: string, name: string, value: unknown): void {
    this.setAttribute(name, value);
  }

  removeAttribute(name: string): void {
    this.#attributes.delete(name);
  }

  append(...added: Addable[]): void {
    this.#insert(this.childNodes.length, added);
  }

  prepend(...added: Addable[]): void {
    this.#insert(0, added);
  }

  appendChild<N extends StandInNode>(child: N): N {
    this.append(child);
    return child;
  }

  insertBefore<N extends StandInNode>(child: N, next: StandInNode | null): N {
    take(child);
    this.#insert(next === null ? this.childNodes.length : this.childNodes.indexOf(next), [child]);
    return child;
  }

  remove(): void {
    take(this);
  }

  #insert(place: number, added: readonly Addable[]): void {
    const nodes = added.map((each) => (typeof each === "string" ? new StandInText(each) : each));
    for (const node of nodes) {
      take(node);
      node.parentNode = this;
    }
    if (place === this.childNodes.length) this.childNodes.push(...nodes);
    else this.childNodes.splice(place, 0, ...nodes);
  }

  get textContent(): string {
    return this.childNodes.map(({ textContent }) => textContent).join("");
  }

  set textContent(text: string) {
    for (const node of this.childNodes.splice(0)) node.parentNode = null;
    if (text !== "") this.append(String(text));
  }

  querySelector(selector: string): StandInElement | null {
    return this.querySelectorAll(selector)[0] ?? null;
  }

  /** @param selector a name, or a name with an attribute that is there: `g[aria-label]`. */
  querySelectorAll(selector: string): StandInElement[] {
    const parts = /^([a-z]+)(?:\[([a-z-]+)\])?$/.exec(selector);
    if (parts === null) throw new RangeError(`${selector}: more than the stand-in can find`);
    const [, name, attribute] = parts;
    return this.#below().filter(
      (each) =>
        each.localName === name &&
        (attribute === undefined || each.getAttribute(attribute) !== null),
    );
  }

  #below(): StandInElement[] {
    return this.childNodes.flatMap((node) =>
      node instanceof StandInElement ? [node, ...node.#below()] : [],
    );
  }
}

const document = new StandIn() as unknown as Document;

/** HTML of what a component draws; the same component draws in the browser. */
export function drawn(draw: (document: Document) => Element | null): string {
  const element = draw(document);
  return element === null ? "" : serialize(element);
}

type StandInNode = StandInText | StandInElement;
type Addable = StandInNode | string;

/** From wherever it is. */
function take(node: StandInNode): void {
  const siblings = node.parentNode?.childNodes;
  if (siblings !== undefined) siblings.splice(siblings.indexOf(node), 1);
  node.parentNode = null;
}
