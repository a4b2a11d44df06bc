/** @file What counts as one address: of IPv6 its /64, as a customer is given no less. */

/**
 * `1.2.3.4`; `2001:db8:0:1::/64`; IPv4 in IPv6 (RFC 4291 section 2.5.5.2) as IPv4; other text as it is. Without the port
 * that some proxies write behind it: each connection has another one.
 */
export function addressBlock(text: string): string {
  const address = withoutPort(text);
  const [plain] = address.split("%"); // without a zone (RFC 4007)
  if (!plain!.includes(":") || !URL.canParse(`http://[${plain}]/`)) return address;
  const groups = groupsOf(new URL(`http://[${plain}]/`).hostname.slice(1, -1));
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join(".");
  const block = groups.slice(0, 4).map((group) => group.toString(16));
  return `${block.join(":")}::/64`;
}

/** A colon alone is a port's: IPv6 has two at least, and stands in brackets before one (RFC 3986 section 3.2.2). */
function withoutPort(text: string): string {
  const [, bracketed, single] = /^(?:\[([^\]]*)\](?::\d*)?|([^:]*):\d*)$/.exec(text) ?? [];
  return bracketed ?? single ?? text;
}

/** The eight groups of 16 bits, from the form with at most one `::` (WHATWG URL writes no dotted quad). */
function groupsOf(canonical: string): number[] {
  const [head = "", tail = ""] = canonical.split("::");
  const [before, after] = [head, tail].map((part) => (part === "" ? [] : part.split(":")));
  const zeros = Array.from({ length: 8 - before!.length - after!.length }, () => "0");
  return [...before!, ...zeros, ...after!].map((group) => parseInt(group, 16));
}
