/** @file The board stood at "/" once: whoever follows an address with its query or a row's anchor is led on, before the first paint. */

(() => {
  const NAMES =
    "sort order q arch family state device hidden custom reference columns page axis scale compare entry".split(
      " ",
    );
  const { search, hash } = location;
  const query = new URLSearchParams(search);
  if (NAMES.some((name) => query.has(name)) || /^#(e-[0-9a-f]{16}$|table$)/.test(hash))
    location.replace(`/boards/micro-1/${search}${hash}`);
})();
