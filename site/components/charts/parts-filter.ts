/** @file Choices of architecture and family, for an island (`filtered-parts.ts`) that leaves out the other parts of a page. */

import type { VNode } from "preact";
import { FAMILIES, type Family } from "../../charts/families.ts";
import { h } from "../../markup/element.ts";

interface Choices {
  architectures: readonly string[];
  families: readonly Family[];
}

/** Null where there is nothing to choose from. @param prefix before anchors. */
export function partsFilter({ architectures, families }: Choices, prefix: string): VNode | null {
  if (architectures.length < 2 && families.length < 2) return null;
  const kinds = families.map((family) => [family, FAMILIES[family].label] as const);
  const names = architectures.map((arch) => [arch, arch] as const);
  return h(
    "form",
    { class: "filter scripted" },
    choice("arch", "Architecture", names, prefix),
    choice("family", "Regularizers", kinds, prefix),
  );
}

function choice(
  name: string,
  label: string,
  options: readonly (readonly [value: string, text: string])[],
  prefix: string,
): VNode | null {
  if (options.length < 2) return null;
  return h(
    "label",
    {},
    `${label} `,
    h(
      "select",
      { "data-filter": name, id: `${prefix}filter-${name}` },
      h("option", { value: "" }, "all"),
      ...options.map(([value, text]) => h("option", { value }, text)),
    ),
  );
}
