/**
 * @file Elements as Preact has them, written in plain TypeScript. A component is a function of its data that returns
 * elements: `preact-render-to-string` writes them into a page at build, `render` puts the same ones into a browser's.
 * Text is always text, so nothing that a record holds becomes markup.
 */

import { type ComponentChild, type VNode, createElement } from "preact";

export type Child = ComponentChild;

export type Attributes = Readonly<
  Record<string, string | number | boolean | null | undefined | { readonly __html: string }>
>;

/**
 * An element of HTML or SVG: `h("a", { href: "/" }, "Home")`.
 *
 * @param attributes under the names that HTML has for them; null leaves one out. Boolean ones (`disabled`, `open`) and
 * `spellcheck` take true or false, as a browser takes the text "false" of such a property for true; `data-*` and `aria-*`
 * take text, and "" for an empty one.
 * @param children null and false are left out.
 */
export function h(name: string, attributes: Attributes = {}, ...children: Child[]): VNode {
  // Preact would set the property of a null, too: a browser would make an empty title of that.
  const given = Object.entries(attributes).filter(([, value]) => value !== null);
  return createElement(name, Object.fromEntries(given), ...children);
}
