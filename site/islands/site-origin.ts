/** @file The address that entries are cited by: that of the site which the build was told of, else of the one that is read. */

export function siteOrigin(): string {
  return document.documentElement.dataset["site"] ?? location.origin;
}

/** Of a page that shows something at another address than its own, once that is here; nothing where the build was told of none. */
export function nameCanonical(path: string): void {
  const { site } = document.documentElement.dataset;
  if (site === undefined || document.querySelector('link[rel="canonical"]') !== null) return;
  const link = document.createElement("link");
  link.rel = "canonical";
  link.href = site + path;
  document.head.append(link);
}
