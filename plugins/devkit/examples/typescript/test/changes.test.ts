// Tests of changes.ts and decimal.ts: values, and what becomes of changes, mean what they mean in Go. go test runs them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fromWire, guard, holds, isItem, same, toWire, wrongOutcome, type Change, type Kind, type Outcome, type Value } from "../src/sdk/changes.js";
import { compare, round } from "../src/sdk/decimal.js";
import type { FieldType } from "../src/sdk/fields.js";
import { toMinor } from "../src/sdk/json.js";

test("decimals", () => {
  for (const [text, scale, want] of [["1.255", 2, "1.26"], ["-1.255", 2, "-1.26"], ["1.254999", 2, "1.25"], ["0.4", 0, "0"], ["-0.4", 0, "0"], ["99.995", 2, "100.00"],
    ["1e3", 2, "1e3"], ["12345678901234567890.125", 2, "12345678901234567890.13"], ["0.005", 2, "0.01"]] as [string, number, string][]) {
    assert.equal(round(text, scale), want, text);
  }
  for (const [one, other, want] of [["1.0", "1", 0], ["1.", "1", 0], [".5", "0.50", 0], ["1e2", "100", 0], ["-0", "0", 0], ["0.1", "0.10", 0], ["1", "2", -1], ["-1", "-2", 1], ["9007199254740993", "9007199254740992", 1]] as const) {
    assert.equal(compare(one, other), want, `${one} and ${other}`);
  }
  for (const text of ["", "1,5", "0x1", ".", "1e9999999", "1e99999", "9".repeat(2000)]) {
    assert.throws(() => compare(text, "1"), text);
  }
});

test("minor units", () => {
  for (const [amount, want] of [[4.35, 435], ["19.99", 1999], ["0.005", 1], [-4.355, -436], [1e-7, 0], ["1e3", 100000], ["12345678901234567890.125", "1234567890123456789013"]] as const) {
    assert.equal(toMinor(amount, 2), want);
  }
  assert.equal(toMinor(7.5, 0), 8);
});

test("an item that has got another SKU is another item", () => {
  const now = { id: "7", sku: "CAFE\u0301" };
  for (const [id, sku, want] of [["7", "CAF\u00c9", true], ["", "CAF\u00c9", true], ["7", "", true], ["7", "TEA", false], ["", "TEA", false], ["8", "CAF\u00c9", false]] as const) {
    assert.equal(isItem({ id, sku }, now), want, `${id} ${sku}`);
  }
});

test("values go over the wire and back", () => {
  for (const [type, value] of [["string", "Caf\u00e9"], ["string", ""], ["number", 19.9], ["number", "12345678901234567890.5"], ["number", null], ["bool", true], ["bool", null],
    ["list(string)", ["b", "a"]], ["map(string)", { a: "1", __proto__x: "2" }]] as [FieldType, Value][]) {
    assert.deepEqual(fromWire(type, toWire(type, value)), value);
  }
  assert.equal(fromWire("string", null), "");
  assert.equal(fromWire("number", {}), null);
  assert.throws(() => fromWire("number", { text: "1" }), /it is a text, and the field is a number/);
  assert.throws(() => fromWire("number", { number: "one" }));
  assert.throws(() => toWire("number", {}), /an object does not fit a number/);
});

test("values that are the same", () => {
  for (const [type, one, other, want] of [["number", 1, "1.00", true], ["number", null, 0, false], ["number", null, "", true], ["number", 2 ** 53 - 1, "9007199254740992", false],
    ["string", "Cafe\u0301\r\n", "Caf\u00e9\n", true], ["string", "a", "A", false], ["list(string)", ["a", "b"], ["b", "a"], false], ["map(string)", { a: "1", b: "2" }, { b: "2", a: "1" }, true],
    ["bool", null, false, false]] as [FieldType, Value, Value, boolean][]) {
    assert.equal(same(type, one, other), want, `${one} and ${other}`);
  }
});

test("what a platform holds", () => {
  const bounded = { scale: 2, min: 0, max: "100" };
  for (const [takes, type, value, held, problem] of [[bounded, "number", "1.255", 1.26, /^$/], [bounded, "number", 100.001, 100, /^$/], [bounded, "number", -0.01, -0.01, /takes nothing below 0/],
    [bounded, "number", "100.01", "100.01", /takes nothing above 100/], [bounded, "number", null, null, /always has a value/], [{ nullable: true }, "number", null, null, /^$/],
    [{ length: 2 }, "string", "\u{1F514}\u{1F514}", "\u{1F514}\u{1F514}", /^$/], [{ length: 2 }, "string", "abc", "abc", /takes 2 letters, and these are 3/]] as [object, FieldType, Value, Value, RegExp][]) {
    const got = holds(takes, type, value);
    assert.ok(same(type, got.held, held), `${value} is held as ${got.held}`);
    assert.match(got.problem, problem);
  }
});

const change: Change = { key: "k", item: { id: "", sku: "A" }, field: "price", type: "number", expected: 1, desired: "2.005" };

test("guards", () => {
  assert.equal(guard(change, "1.0"), undefined);
  assert.equal(guard(change, 2.005)!.kind, "unchanged");
  assert.equal(guard(change, 2.01, 2.01)!.kind, "unchanged");
  assert.equal(guard(change, 2.01)!.kind, "conflict");
  assert.equal(guard(change, null)!.kind, "conflict");
});

test("outcomes that cannot be", () => {
  for (const [kind, before, after, want] of [["applied", 1, 2.01, /^$/], ["applied", 1, 2, /is said to be applied, and the item has 2, where it shall have "?2.005/], ["applied", 1, undefined, /nobody looked/],
    ["applied", undefined, 2.01, /nobody looked/], ["unchanged", 1, 2.01, /had 1 before, and 2.01 now/], ["unchanged", 2.01, 2.01, /^$/], ["conflict", 3, 3, /^$/], ["conflict", 1, 1, /is said to be a conflict/],
    ["conflict", undefined, undefined, /^$/], ["pending", 1, 1, /^$/], ["unknown", undefined, undefined, /^$/], ["done", 1, 1, /there is no outcome "done"/]] as [Kind, Value | undefined, Value | undefined, RegExp][]) {
    const o: Outcome = { key: "k", kind, before, after };
    assert.match(wrongOutcome(o, change, [2.01]), want, `${kind} ${before} ${after}`);
  }
});
