/** @file How many entries stand side by side; apart from the schema, as a page in a browser holds no validator. */

export const MOST_COMPARED = 5;
