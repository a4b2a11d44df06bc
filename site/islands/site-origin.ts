/** @file The address that entries are cited by: that of the site which the build was told of, else of the one that is read. */

export function siteOrigin(): string {
  const canonical = document.querySelector<HTMLLinkElement>('link[rel="canonical"]');
  return canonical === null ? location.origin : new URL(canonical.href).origin;
}
