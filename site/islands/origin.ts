/** @file Commands that name an address name the one that this page was read from. */

export function nameOrigin(): void {
  for (const place of document.querySelectorAll("[data-origin]"))
    place.textContent = location.origin;
}

nameOrigin();
