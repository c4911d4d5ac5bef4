// The tasks: plain functions that a module exports. The program never loads them; its workers do.

/**
 * How often each letter stands in a text.
 *
 * @param {string} text
 */
export function countLetters(text) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const [letter] of text.toLowerCase().matchAll(/\p{L}/gu))
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return counts;
}
