/** @file A site's `_headers` file, as Cloudflare reads it: a path pattern, then its headers, indented. */

export interface HeaderRule {
  pattern: RegExp;
  headers: [name: string, value: string][];
}

/** Patterns may hold `*`; all rules that fit a path apply. */
export function parseHeaders(text: string): HeaderRule[] {
  const rules: HeaderRule[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    if (!/^\s/.test(line)) {
      rules.push({ pattern: patternOf(line.trim()), headers: [] });
      continue;
    }
    const colon = line.indexOf(":");
    rules.at(-1)?.headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  return rules;
}

export function headersFor(path: string, rules: readonly HeaderRule[]): HeaderRule["headers"] {
  return rules.filter(({ pattern }) => pattern.test(path)).flatMap(({ headers }) => headers);
}

function patternOf(path: string): RegExp {
  const parts = path.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}
