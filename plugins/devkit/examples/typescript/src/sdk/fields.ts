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
 *  - a number: number (its shortest text counts), bigint, or a decimal number as text, which is how to keep more than 15
 *    digits; null and "" are unknown
 *  - a bool: boolean; null is unknown
 *  - a list: string[]
 *  - a map: an object of strings
 *
 * What is left out or undefined is unknown, "" or empty; a field that was not asked for is ignored.
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
