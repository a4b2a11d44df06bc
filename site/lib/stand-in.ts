/** @file A document to draw on where there is no browser, and the drawing as text for a page. */

import { serialize } from "../charts/serialize.ts";
import { StandInElement, StandInText } from "./stand-in/node.ts";

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

const document = new StandIn() as unknown as Document;

/** HTML of what a component draws; the same component draws in the browser. */
export function drawn(draw: (document: Document) => Element | null): string {
  const element = draw(document);
  return element === null ? "" : serialize(element);
}
