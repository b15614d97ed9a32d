// Fields: what a source offers, and what an item may hold for each.

import { knownFields } from "./known.js";

/** The types of fields. */
export type FieldType = "string" | "number" | "bool" | "list(string)" | "map(string)";

/** A field that a source offers. Its name has letters, digits and underscores. */
export interface Field {
  name: string;
  type: FieldType;
  /** One sentence for people. Known fields need none. */
  doc?: string;
}

/**
 * One item: its fields by name.
 *
 *  - a string: string
 *  - a number: number (its shortest text counts; not beyond 2^53, where it may be rounded), bigint, or a decimal number as
 *    text, which is how to keep more than 15 digits; null and "" are unknown
 *  - a bool: boolean; null is unknown
 *  - a list: string[]
 *  - a map: an object of strings
 *
 * What is left out or undefined is unknown, "" or empty; a field that was not asked for is ignored. A field that schema does
 * not offer is an error: a misspelt one would look as if no item had it.
 */
export type Item = { [field: string]: string | number | bigint | boolean | null | undefined | readonly string[] | Readonly<Record<string, string>> };

/** Returns the fields of those names that every connector names and types alike (sku, name, price, ...). */
export function known(...names: (keyof typeof knownFields)[]): Field[] {
  return names.map((name) => {
    const type = knownFields[name];
    if (type === undefined) {
      throw new Error(`known: "${name}" is not a field that every connector knows`);
    }
    return { name, type };
  });
}

/** Says that schema does not offer a field, and which is nearest. */
export function noField(name: string, offered: Iterable<string>): string {
  let best = "", least = Math.floor(name.length / 3) + 2;
  for (const field of offered) {
    const d = distance(name.toLowerCase(), field);
    if (d < least) {
      [best, least] = [field, d];
    }
  }
  return `schema offers no field "${name}"` + (best === "" ? `, but: ${[...offered].join(", ")}` : `: did you mean "${best}"?`);
}

/** How many letters have to be put in, taken out or replaced to make one word of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}
