/** @file From the address of an entry that is newer than these pages to the page that fetches it. */

const [, id] = /^\/entries\/([0-9a-f]{64})\/?$/.exec(location.pathname) ?? [];
if (id !== undefined) location.replace(`/entries/?id=${id}`);
