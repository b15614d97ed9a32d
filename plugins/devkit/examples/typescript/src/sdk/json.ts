// JSON as platforms answer with it: numbers keep their digits.

import { round } from "./decimal.js";

/** A number of an answer: text where a JavaScript number would round it. Both may stand in an item as they are. */
export type Amount = number | string | null;

/** The amount where a number counts minor units, digits of which make one unit: 1999 is 19.99 with 2 digits. null stays null. */
export function ofMinor(amount: Amount, digits: number): Amount {
  if (amount === null) {
    return null;
  }
  const [, sign, whole] = /^(-?)(\d+)$/.exec(String(amount)) ?? [];
  if (whole === undefined) {
    throw new Error(`${JSON.stringify(amount)} is no whole number of minor units`);
  }
  const padded = whole.padStart(digits + 1, "0"), at = padded.length - digits;
  return sign + padded.slice(0, at) + (digits > 0 ? "." + padded.slice(at) : "");
}

/** The other way: how many minor units an amount is, rounded half away from zero. 19.99 is 1999 with 2 digits. */
export function toMinor(amount: number | string, digits: number): Exclude<Amount, null> {
  return amountOf(round(`${amount}`.replace(/(?:e([+-]?\d+))?$/i, (_, exponent = "0") => `e${Number(exponent) + digits}`), 0));
}

/** Strings, and numbers outside of them. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** How many objects an answer may have: a few bytes of it become hundreds in memory. */
const mostObjects = 1 << 20;

/** Reads one JSON value and nothing behind it. A number that JavaScript would round becomes a text. A name that an object has twice is an error. */
export function parseJSON(text: string): unknown {
  let objects = 0;
  for (let at = text.indexOf("{"); at >= 0; at = text.indexOf("{", at + 1)) {
    if (++objects > mostObjects) {
      throw new Error(`it has more than ${mostObjects} objects`);
    }
  }
  const value = JSON.parse(text.replace(tokens, (token) => token.startsWith('"') || isExact(token) ? token : `"${token}"`));
  checkNames(text);
  return value;
}

/** Strings, and the signs between values. */
const signs = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g;

/** Throws where an object of a JSON text has a name twice: JSON.parse takes the last, and which was meant nobody can tell. */
function checkNames(text: string): void {
  const open: (Set<string> | null)[] = []; // the names of the objects around; null for an array
  let last = "";
  for (const [sign] of text.matchAll(signs)) {
    if (sign === "{") {
      open.push(new Set());
    } else if (sign === "[") {
      open.push(null);
    } else if (sign === "}" || sign === "]") {
      open.pop();
    } else if (sign === ":") {
      const names = open[open.length - 1], name: string = JSON.parse(last);
      if (names?.has(name)) {
        throw new Error(`an object has the name ${JSON.stringify(name)} twice`);
      }
      names?.add(name);
    }
    last = sign;
  }
}

/** Whether a JavaScript number has all digits of a text. Fifteen always fit. */
function isExact(text: string): boolean {
  const [digits = ""] = text.replace(/^-?0*\.?0*/, "").split(/[eE]/);
  return digits.replace(".", "").replace(/0+$/, "").length <= 15 && Number.isFinite(Number(text));
}

/** A decimal number as an Amount. */
export function amountOf(text: string): Exclude<Amount, null> {
  return isExact(text) ? Number(text) : text;
}

/** What a value is, for messages. */
export function kindOf(value: unknown): string {
  return value === undefined ? "nothing" : value === null ? "null" : Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}
