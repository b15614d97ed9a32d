// Entries of an answer, such as products, whose members are taken by their names:
//
//   for (const v of product.each("variants")) {
//     yield { sku: v.text("code"), price: v.number("price", "amount"), qoh: v.sum("stock", "units") };
//   }
//
// Several names lead into objects within an entry. What is null is not known. What is absent, or of another kind, is an error, and so is null where
// a list or an object is to be: an answer that lacks a list does not say that the list is empty.

import { sum } from "./decimal.js";
import { amountOf, kindOf, type Amount } from "./json.js";
import { members, type Page } from "./pages.js";
import type { Answer, Request } from "./webapi.js";

type Members = Record<string, unknown>;

const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,6})?$/;

/** An object of an answer. */
export class Entry {
  constructor(private readonly members: Members, private readonly where: string) {}

  private fail(path: string[], found: string): Error {
    return new Error(`${this.where}${named(path)} ${found}`);
  }

  /** What stands at a place as it is: null where it is null, or an object above it is. */
  get(...path: string[]): unknown {
    let value: unknown = this.members;
    for (const [n, name] of path.entries()) {
      if (value === null) {
        return null;
      }
      if (!isObject(value)) {
        throw this.fail(path.slice(0, n), `is ${kindOf(value)}, where an object is expected`);
      }
      if (!Object.hasOwn(value, name)) {
        throw new Error(`${this.where}it has no ${named(path.slice(0, n + 1))}`);
      }
      value = value[name];
    }
    return value;
  }

  /**
   * What stands at a place: nothing ("absent"), null ("null"), "" ("empty"), or something else ("present"). Where an object above the place is null,
   * it is "null". It is for what an entry may lack, and for a place where null and "" mean different things. Of a variant whose price is null where
   * it is the product's:
   *
   *   const price = v.given("price") === "null" ? product.number("price") : v.number("price");
   *
   * `v.number("price") ?? product.number("price")` would take the product's price for "", too, which does not say that it holds.
   */
  given(...path: string[]): "absent" | "null" | "empty" | "present" {
    let value: unknown = this.members;
    for (const [n, name] of path.entries()) {
      if (value === null) {
        return "null";
      }
      if (!isObject(value)) {
        throw this.fail(path.slice(0, n), `is ${kindOf(value)}, where an object is expected`);
      }
      if (!Object.hasOwn(value, name)) {
        return "absent";
      }
      value = value[name];
    }
    return value === null ? "null" : value === "" ? "empty" : "present";
  }

  /** Whether something stands at a place that is not null. It is for what an entry may lack; given tells null from what is absent. */
  has(...path: string[]): boolean {
    let value: unknown = this.members;
    for (const name of path) {
      value = isObject(value) && Object.hasOwn(value, name) ? value[name] : null;
    }
    return value !== null;
  }

  /** A text, or the digits of a whole number: identifiers come as either. It is "" for null. */
  text(...path: string[]): string {
    const value = this.get(...path), text = value === null ? "" : textOf(value);
    if (text === undefined) {
      throw this.fail(path, `is ${kindOf(value)}, where a text is expected`);
    }
    return text;
  }

  /** A number, or one that stands in a text, with all its digits. It is null for null and for "", which given tells apart. */
  number(...path: string[]): Amount {
    const value = this.get(...path);
    if (value === null || value === "") {
      return null;
    }
    if (typeof value !== "number" && typeof value !== "string") {
      throw this.fail(path, `is ${kindOf(value)}, where a number is expected`);
    }
    if (!number.test(String(value))) {
      throw this.fail(path, `is ${JSON.stringify(String(value).slice(0, 80))}, where a number is expected`);
    }
    return value;
  }

  /** true or false, or null for null. */
  bool(...path: string[]): boolean | null {
    const value = this.get(...path);
    if (value !== null && typeof value !== "boolean") {
      throw this.fail(path, `is ${kindOf(value)}, where true or false is expected`);
    }
    return value;
  }

  /** The objects of a list. */
  each(...path: string[]): Entry[] {
    return this.list(path).map((value, i) => {
      if (!isObject(value)) {
        throw this.fail(path, `${i + 1} is ${kindOf(value)}, where an object is expected`);
      }
      return new Entry(value, `${this.where}${named(path)} ${i + 1}: `);
    });
  }

  /** The texts of a list. */
  texts(...path: string[]): string[] {
    return this.list(path).map((value, i) => {
      const text = textOf(value);
      if (text === undefined) {
        throw this.fail(path, `${i + 1} is ${kindOf(value)}, where a text is expected`);
      }
      return text;
    });
  }

  /** The texts of an object by their names. Those that are null are left out. */
  map(...path: string[]): Record<string, string> {
    const value = this.get(...path), texts: [string, string][] = [];
    if (!isObject(value)) {
      throw this.fail(path, `is ${kindOf(value)}, where an object is expected`);
    }
    for (const [name, member] of Object.entries(value)) {
      const text = textOf(member);
      if (text === undefined && member !== null) {
        throw this.fail([...path, name], `is ${kindOf(member)}, where a text is expected`);
      }
      if (text !== undefined) {
        texts.push([name, text]);
      }
    }
    return Object.fromEntries(texts);
  }

  /**
   * The options of a list whose objects have the name of an option and its value in these members. One whose value is null is left out. A list
   * without any is that of a product that has no options.
   */
  options(list: string, name: string, value: string): Record<string, string> {
    const options = new Map<string, string>();
    for (const o of this.each(list)) {
      const key = o.text(name).normalize(), text = o.text(value);
      if (key === "") {
        throw o.fail([name], "is empty, where an option's name is expected");
      }
      if (options.has(key)) {
        throw new Error(`${o.where}the option ${JSON.stringify(key)} is there twice`);
      }
      if (o.has(value)) {
        options.set(key, text);
      }
    }
    return Object.fromEntries(options);
  }

  /**
   * Adds up a number of each object of a list, such as the stock at each location. It is null, which is not known, where one of the numbers is
   * null, and where the list is empty: a sum of the others would be too small.
   */
  sum(list: string, ...path: string[]): Amount {
    const numbers = this.each(list).map((part) => part.number(...path));
    return numbers.length === 0 || numbers.includes(null) ? null : amountOf(sum(numbers.map(String)));
  }

  private list(path: string[]): unknown[] {
    const value = this.get(...path);
    if (!Array.isArray(value)) {
      throw this.fail(path, `is ${kindOf(value)}, where a list is expected`);
    }
    return value;
  }
}

/** Returns a function for List.read, like members, that takes the items as entries. */
export function entries(names: { items: string; total?: string; next?: string }): (answer: Answer) => Page<Entry> {
  const read = members<Members>({ ...names, each: [] });
  return (answer) => {
    const { items, ...page } = read(answer);
    return { ...page, items: items.map((item, i) => new Entry(item, `item ${i + 1} of "${names.items}": `)) };
  };
}

/**
 * Returns a function for List.ask: it asks for a path, which may have parameters, with the place of the page in the parameter param. The first page of
 * a list by cursors is asked for without it.
 */
export function at(path: string, param: string): (place: string) => Request {
  return (place) => ({ path, query: { [param]: place } });
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : typeof value === "number" && /^-?\d+$/.test(String(value)) ? String(value) : undefined;
}

/** Writes a place for people: "price.amount". */
function named(path: string[]): string {
  return `"${path.join(".")}"`;
}
