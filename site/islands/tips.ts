/** @file Titles that also come by keyboard: a browser shows them on hover only, and late. */

/** What the tooltip says, by the element that it belongs to. */
const texts = new WeakMap<Element, string>();

/** The title leaves the element while it is shown here, so that the browser does not show it a second time. */
function textOf(element: Element): string | null {
  const title = element.getAttribute("title") ?? titleChild(element)?.textContent ?? null;
  if (title !== null && title !== "") {
    texts.set(element, title);
    titleChild(element)?.remove();
    element.removeAttribute("title");
    if (element.namespaceURI !== SVG) element.setAttribute("aria-description", title);
  }
  return texts.get(element) ?? null;
}

const SVG = "http://www.w3.org/2000/svg";
const titleChild = (element: Element) =>
  element.namespaceURI === SVG ? element.querySelector(":scope > title") : null;

function markOf(target: EventTarget | null): Element | null {
  for (let at = target instanceof Element ? target : null; at !== null; at = at.parentElement) {
    const inside = at.localName === "a" && at.namespaceURI === SVG ? at.firstElementChild : null;
    if (inside !== null && textOf(inside) !== null) return inside;
    if (textOf(at) !== null) return at;
    if (at.localName === "table" || at.localName === "main") return null;
  }
  return null;
}

export function showTips(root: Element): void {
  new MutationObserver((changes) => {
    for (const { target } of changes) if (target instanceof Element) forget(target);
  }).observe(root, { subtree: true, attributeFilter: ["title"] });
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.dir = "auto";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  document.body.append(tip);
  const show = ({ target }: Event) => {
    const mark = markOf(target);
    tip.hidden = mark === null;
    if (mark !== null) place(tip, mark);
  };
  const hide = () => (tip.hidden = true);
  root.addEventListener("pointerover", show);
  root.addEventListener("focusin", show);
  root.addEventListener("focusout", hide);
  root.addEventListener("pointerleave", hide);
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") hide();
  });
}

/** Forgets the old title of an element that was drawn anew and has another one now, or none. */
function forget(element: Element): void {
  const title = element.getAttribute("title");
  if (title === null) return; // taken away here
  texts.delete(element);
  element.removeAttribute("aria-description");
  if (title === "") element.removeAttribute("title");
}

function place(tip: HTMLElement, mark: Element): void {
  tip.textContent = texts.get(mark)!;
  const box = mark.getBoundingClientRect();
  const left = Math.min(box.left, innerWidth - tip.offsetWidth - 8);
  const below = box.bottom + 6;
  const top = below + tip.offsetHeight > innerHeight ? box.top - tip.offsetHeight - 6 : below;
  tip.style.left = `${Math.max(8, left) + scrollX}px`;
  tip.style.top = `${Math.max(0, top) + scrollY}px`;
}
