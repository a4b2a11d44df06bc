/** @file A link that holds the file which it saves: it needs neither a network nor a script. */

import type { VNode } from "preact";
import { encodeBase64 } from "../../record/signature/base64.ts";
import { h } from "./element.ts";

export const CSV = "text/csv;charset=utf-8";

/** @param about what is in it, read out after the label. @param name of the file. @param type its media type. */
export function fileLink(
  label: string,
  about: string,
  name: string,
  type: string,
  content: string,
): VNode {
  const data = encodeBase64(new TextEncoder().encode(content));
  const href = `data:${type};base64,${data}`;
  return h("a", { download: name, href, "aria-label": `${label}: ${about}` }, label);
}
