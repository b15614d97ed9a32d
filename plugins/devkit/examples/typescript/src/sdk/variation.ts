// The field variation: how the options of a product are structured.

import { asText } from "./columns.js";

/**
 * The value of the field variation, which all variants of a product have: how the options of the product are structured. It takes the options of each
 * variant, as the field options has them, all of them also where some are hidden or sold out. An entry an option, Name=value|value, both sorted; a bar,
 * an equals sign or a backslash within a name or a value has a backslash before it.
 */
export function variation(variants: readonly Readonly<Record<string, string>>[]): string[] {
  const structure = new Map<string, Set<string>>();
  for (const options of variants) {
    for (const [name, value] of Object.entries(options)) {
      const key = asText(name) ?? "";
      structure.set(key, (structure.get(key) ?? new Set()).add(asText(value) ?? ""));
    }
  }
  const escaped = (text: string) => text.replace(/[\\|=]/g, "\\$&");
  return sorted(structure.keys()).map((name) => `${escaped(name)}=${sorted(structure.get(name)!).map(escaped).join("|")}`);
}

/** Texts in the order of their bytes, as the host sorts them. */
function sorted(texts: Iterable<string>): string[] {
  return [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
