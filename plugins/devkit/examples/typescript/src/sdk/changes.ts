// The words in which changes of a platform are told: which field of which item, from what to what, what the platform would make of it,
// and what became of it. They mean what they mean in Go.

import { asNumber, asText } from "./columns.js";
import { compare, round } from "./decimal.js";
import type { FieldType, Item } from "./fields.js";
import { amountOf, kindOf, type Amount } from "./json.js";
import type { ReadRequest, Told } from "./read.js";
import { Mistake, type Fact, type Source } from "./source.js";

/**
 * A value of a field. A number is an Amount: text where a JavaScript number would round it. null is of numbers and bools alone: the
 * platform has no value of its own there.
 */
export type Value = string | number | boolean | null | readonly string[] | Readonly<Record<string, string>>;

/** Names an item of the platform. What is not known is ""; id counts where both are given. */
export interface Ref {
  /** The platform's own, as the field id has it. */
  readonly id: string;
  /** As the platform has it. */
  readonly sku: string;
}

/**
 * Says whether an item with an id and a SKU, as the platform has them now, is the one that is named. One that has got another SKU is another
 * item, whatever its id: what it was to have is the value of the SKU that it had.
 */
export function isItem(named: Ref, now: Ref): boolean {
  return (named.id === "" || named.id === now.id) && (named.sku === "" || named.sku === asText(now.sku));
}

/** One field of one item that is to be set. */
export interface Change {
  /** Names this change; the same on each try, and another one for each change. A platform that knows such keys gets it. */
  readonly key: string;
  readonly item: Ref;
  readonly field: string;
  /** The field's type, as schema has it. */
  readonly type: FieldType;
  /** What the item has. */
  readonly expected: Value;
  /** What it shall have. */
  readonly desired: Value;
}

/** Says how a platform takes the values of a field. Plans count on it. */
export interface Writable {
  /** The field belongs to the item's parent: with one item its siblings change, too. */
  parent?: boolean;
  /** It can be set to null. */
  nullable?: boolean;
  /** No two items have the same value. */
  unique?: boolean;
  /** The platform itself compares with the expected value, so that no foreign write can come between look and write. */
  guarded?: boolean;
  /** The platform takes it and does it later, so that reading it back may not show it at once. */
  late?: boolean;
  /** How many digits behind the point the platform keeps; it rounds what has more. It keeps all if this is left out. */
  scale?: number;
  min?: Amount;
  max?: Amount;
  /** How many letters a text has at most. */
  length?: number;
}

/** What the platform would make of a change. */
export interface Prepared {
  key: string;
  /** What the platform will hold, after its rounding and limits. */
  will?: Value;
  /** Other items that change with it, since they share the field. */
  also?: readonly Ref[];
  /** Why it cannot be made, for people. */
  problem?: string;
}

/** What carrying out changes takes. */
export interface Cost {
  /** Requests to the platform, reading included. */
  requests: number;
  milliseconds: number;
}

/**
 * What became of a change:
 *
 *  - applied: it was written, and seen there
 *  - unchanged: the item had the desired value already; nothing was written
 *  - pending: the platform took it, and did not show it yet
 *  - conflict: the item had neither the expected nor the desired value; nothing was written
 *  - rejected: the platform refuses it
 *  - failed: it was not written, and may be tried again
 *  - unknown: it was sent, and nobody knows whether it arrived
 *  - skipped: it was not tried, since what it waited for did not happen
 */
export type Kind = "applied" | "unchanged" | "pending" | "conflict" | "rejected" | "failed" | "unknown" | "skipped";

export const kinds: readonly Kind[] = ["applied", "unchanged", "pending", "conflict", "rejected", "failed", "unknown", "skipped"];

/** What became of one change. */
export interface Outcome {
  key: string;
  kind: Kind;
  /** What the item had right before; undefined if it was not seen. */
  before?: Value;
  /** What it had at the last look; undefined if it was not seen. */
  after?: Value;
  /** For people, in the platform's words where it gave some. */
  reason?: string;
}

/** What is asked of fetch. */
export interface FetchRequest extends ReadRequest {
  /** At most 2000. */
  readonly items: readonly Ref[];
}

/** What is asked of prepare and apply. Each key is there once. */
export interface ApplyRequest extends Told {
  /** In the order in which they are to be made, as far as the platform allows. */
  readonly changes: readonly Change[];
}

/** A source that can read single items. */
export interface Fetcher extends Source {
  /**
   * Yields each item that one of request.items names, as the platform has it now: it asks the platform each time. An item that is not there
   * is left out; one that was not asked for may come, too.
   */
  fetch(request: FetchRequest): AsyncIterable<Item>;
}

/**
 * A source that can change its platform. Settings that only prepare and apply need, such as a token that may write, are declared with
 * apply: they are there only in a process that is asked for these. There check says whether they let us write.
 *
 * writing.ts does all of it for a platform of which it is said how items are looked at, and how a request sets their fields.
 */
export interface Applier extends Fetcher {
  /**
   * Calls answer once for each change: what the platform would make of it, or why it cannot be made. It may read, and writes nothing. It
   * returns what apply will cost.
   */
  prepare(request: ApplyRequest, answer: (prepared: Prepared) => void): Promise<Cost>;
  /**
   * Makes the changes, and calls answer once for each, as soon as its outcome is known. Right before it writes, it looks at the items: guard
   * says whether there is anything to be written. After it has written, it looks again: only what the item then has makes it applied. What it
   * throws means that the changes it did not answer are unknown. It ends promptly where request.signal is aborted, but not between a write
   * and its answer.
   *
   * The SDK fails the call if a key is answered twice or was not asked for, or if an outcome cannot be.
   */
  apply(request: ApplyRequest, answer: (outcome: Outcome) => void): Promise<void>;
}

export type { Fact, Source };

/** What stands for no value of a type. */
export function nothing(type: FieldType): Value {
  return type === "string" ? "" : type === "list(string)" ? [] : type === "map(string)" ? {} : null;
}

/** A value as the protocol has it. */
export interface WireValue {
  text?: string;
  number?: string;
  truth?: boolean;
  list?: { elements: string[] };
  map?: { entries: { key: string; value: string }[] };
}

/** Writes a value, whose texts are brought into the form that the host compares. */
export function toWire(type: FieldType, value: unknown): WireValue {
  switch (type) {
    case "string": return { text: asText(value) };
    case "number": {
      const number = asNumber(value);
      return number === null ? {} : { number };
    }
    case "bool":
      if (value !== undefined && value !== null && typeof value !== "boolean") {
        throw new Mistake(`${kindOf(value)} does not fit a bool`);
      }
      return value === undefined || value === null ? {} : { truth: value };
    case "list(string)":
      if (value !== undefined && value !== null && !Array.isArray(value)) {
        throw new Mistake(`${kindOf(value)} does not fit a list(string)`);
      }
      return { list: { elements: (value ?? []).map(asText) } };
    case "map(string)": {
      if (value !== undefined && value !== null && (typeof value !== "object" || Array.isArray(value))) {
        throw new Mistake(`${kindOf(value)} does not fit a map(string)`);
      }
      const entries = Object.entries(value ?? {}).map(([key, v]) => ({ key: asText(key), value: asText(v) }));
      return { map: { entries: entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)) } };
    }
  }
}

/** Reads a value of a type. It throws if it is of another. */
export function fromWire(type: FieldType, wire: WireValue | null | undefined): Value {
  const [kind] = Object.keys(wire ?? {}), fits = { "string": "text", "number": "number", "bool": "truth", "list(string)": "list", "map(string)": "map" }[type];
  if (wire === null || wire === undefined || kind === undefined) {
    return nothing(type);
  }
  if (kind !== fits) {
    throw new Error(`it is a ${kind}, and the field is a ${type}`);
  }
  switch (type) {
    case "string": return wire.text!;
    case "number":
      compare(wire.number!, "0"); // it throws if that is no number
      return amountOf(wire.number!);
    case "bool": return wire.truth!;
    case "list(string)": return wire.list!.elements;
    case "map(string)": return Object.fromEntries(wire.map!.entries.map(({ key, value }) => [key, value]));
  }
}

/** Whether two values of a type are the same: numbers by what they amount to, texts as items have them. */
export function same(type: FieldType, one: unknown, other: unknown): boolean {
  const a = toWire(type, one), b = toWire(type, other);
  if (a.number !== undefined && b.number !== undefined) {
    return compare(a.number, b.number) === 0;
  }
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What the platform holds after it was given a value, and why it does not take it; "" if it does. */
export function holds(takes: Writable, type: FieldType, value: Value): { held: Value; problem: string } {
  if (value === null) {
    return { held: value, problem: takes.nullable ? "" : "the platform always has a value there, and this is none" };
  }
  if (type === "number") {
    const text = asNumber(value)!, held = takes.scale === undefined ? text : round(text, takes.scale);
    for (const [bound, side, past] of [[takes.min, "below", -1], [takes.max, "above", 1]] as const) {
      if (bound !== undefined && bound !== null && compare(held, asNumber(bound)!) === past) {
        return { held: value, problem: `the platform takes nothing ${side} ${bound}, and this is ${held}` };
      }
    }
    return { held: amountOf(held), problem: "" };
  }
  if (type === "string" && takes.length) {
    const letters = [...asText(value)].length;
    if (letters > takes.length) {
      return { held: value, problem: `the platform takes ${takes.length} letters, and these are ${letters}` };
    }
  }
  return { held: value, problem: "" };
}

/**
 * Compares what an item has now with what a change expects. If there is nothing to be written it returns the outcome: the item has the
 * desired value already, or it is a conflict. held are values that may stand for the desired one.
 */
export function guard(change: Change, now: Value, ...held: Value[]): Outcome | undefined {
  const { key, type } = change;
  if ([change.desired, ...held].some((value) => same(type, now, value))) {
    return { key, kind: "unchanged", before: now, after: now };
  }
  return same(type, now, change.expected) ? undefined : { key, kind: "conflict", before: now, after: now };
}

/** Says what is wrong with the outcome of a change; "" if nothing is. held are the values that may stand for the desired one. */
export function wrongOutcome(o: Outcome, change: Change, held: readonly Value[]): string {
  const wanted = (value: Value) => [change.desired, ...held].some((h) => same(change.type, h, value));
  switch (o.kind) {
    case "applied":
    case "unchanged":
      if (o.before === undefined || o.after === undefined) {
        return `it is said to be ${o.kind}, and nobody looked at what the item had before and what it has now`;
      }
      if (!wanted(o.after)) {
        return `it is said to be ${o.kind}, and the item has ${show(o.after)}, where it shall have ${show(change.desired)}`;
      }
      if (o.kind === "unchanged" && !wanted(o.before)) {
        return `it is said to be unchanged, and the item had ${show(o.before)} before, and ${show(o.after)} now`;
      }
      return "";
    case "conflict":
      if (o.before !== undefined && (wanted(o.before) || same(change.type, o.before, change.expected))) {
        return `it is said to be a conflict, and the item had ${show(o.before)}, which is the value that is expected or desired`;
      }
      return "";
    default:
      return kinds.includes(o.kind) ? "" : `there is no outcome ${JSON.stringify(o.kind)}`;
  }
}

const mostShown = 80;

/** Writes a value for a message, shortened. */
export function show(value: Value | undefined): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > mostShown ? kindOf(value) : text;
}

/** Names an item for people. */
export const nameOf = (item: Ref) => (item.sku === "" ? `id ${item.id}` : item.sku);
