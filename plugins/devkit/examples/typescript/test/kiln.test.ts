// Tests of kiln.ts: the whole of a connector on webapi.ts. go test runs them.

import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";

import { variation, type Item } from "../src/sdk/sdk.js";
import { bodyOf, readItems, serve, survivesFaults } from "../src/sdk/testing.js";
import { Client, entries, type Answer, type Entry } from "../src/sdk/webapi.js";
import { kiln } from "./kiln.js";

const password = "clay-and-fire";

/** A form of a ware: what lies on each shelf, and its traits. */
function form(no: string, price: unknown, shelves: unknown[], traits: Record<string, string> = {}) {
  return { no, price, shelves: shelves.map((pieces) => ({ shelf: "front", pieces })),
    traits: Object.entries(traits).map(([trait, value]) => ({ trait, value })) } as Record<string, unknown>;
}

/** What a Kiln shop has, and what the connector makes of it. */
const wares = () => [
  { id: 1, label: "Bowl", forms: [form("BOWL-S", "12.50", [2, 3], { Size: "S" }), form("BOWL-L", "18", [4, null], { Size: "L" })] },
  { id: 2, label: "Jug", forms: [form("JUG", "", [0])] },
  { id: 3, label: "To come", forms: [] },
  { id: 4, label: "Glaze", forms: [form("0040", 9.1, [], { Colour: "Blue", Litres: "2.5" }), form("0041", null, ["1.5", 1], { Colour: "Red", Litres: "1" })] },
] as Record<string, unknown>[];

const items = [
  { sku: "BOWL-S", name: "Bowl", price: 12.5, qoh: 5, options: { Size: "S" } },
  { sku: "BOWL-L", name: "Bowl", price: 18, qoh: null, options: { Size: "L" } },
  { sku: "JUG", name: "Jug", price: null, qoh: 0, options: {} },
  { sku: "0040", name: "Glaze", price: 9.1, qoh: null, options: { Colour: "Blue", Litres: "2.5" } },
  { sku: "0041", name: "Glaze", price: null, qoh: 2.5, options: { Colour: "Red", Litres: "1" } },
];

/** A Kiln shop. A token holds for so many requests. */
function shop(holds: number, all = wares()) {
  let made = 0, left = 0;
  return async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", "http://shop");
    if (url.pathname === "/api/session") {
      const given = JSON.parse((await bodyOf(request)).toString()) as { password: string };
      left = holds;
      response.writeHead(given.password === password ? 200 : 401).end(JSON.stringify({ token: `session-${++made}-4c1e` }));
      return;
    }
    if (request.headers["x-kiln-session"] !== `session-${made}-4c1e` || left-- <= 0) {
      response.writeHead(401).end(JSON.stringify({ message: `${request.headers["x-kiln-session"]} is not open` }));
      return;
    }
    const cursor = url.searchParams.get("cursor"), from = Number(cursor ?? 0);
    if (cursor === "") {
      response.writeHead(400).end(); // an empty cursor is none
      return;
    }
    response.end(JSON.stringify({ wares: all.slice(from, from + 2), total: all.length, cursor: from + 2 < all.length ? String(from + 2) : null }));
  };
}

const read = (url: string, password: string) => readItems(kiln, { url, user: "clerk", password, currency: "EUR" });

test("a read", async (t) => {
  for (const holds of [100, 2]) {
    const url = await serve(t, shop(holds));
    const got = await read(url, password);
    assert.deepEqual([got.items, got.currencies], [items, { price: "EUR" }]);
    await assert.rejects(read(url, "wet-clay"), (err: Error) => /signing in: .*401/.test(err.message) && !err.message.includes("wet-clay"));
  }
  await assert.rejects(read(await serve(t, shop(0)), password), (err: Error) => /is not open/.test(err.message) && !err.message.includes("4c1e"));
});

test("what an entry has", () => {
  const entry = (members: object) => entries({ items: "list" })({ object: () => ({ list: [members] }) } as unknown as Answer).items[0];
  const given = (members: object, ...path: string[]) => entry(members).given(...path);
  assert.deepEqual([given({}, "a"), given({ a: null }, "a"), given({ a: "" }, "a"), given({ a: 0 }, "a")], ["absent", "null", "empty", "present"]);
  assert.deepEqual([given({ a: null }, "a", "b"), given({ a: {} }, "a", "b"), given({ a: { b: [] } }, "a", "b")], ["null", "absent", "present"]);
  assert.throws(() => given({ a: 5 }, "a", "b"), /"a" is a number, where an object is expected/);
  // Of a variant null is the product's price, and "" is none that is known.
  const price = (v: Entry, product: Entry) => (v.given("price") === "null" ? product.number("price") : v.number("price"));
  assert.deepEqual([null, "", "9.5"].map((p) => price(entry({ price: p }), entry({ price: 7 }))), [7, null, "9.5"]);
  assert.deepEqual([entry({ n: "4." }).number("n"), entry({ n: ".5" }).number("n"), entry({ l: [{ n: "4." }, { n: ".5" }] }).sum("l", "n")], ["4.", ".5", 4.5]);
  assert.throws(() => entry({ n: "." }).number("n"), /"n" is ".", where a number is expected/);
});

/** What docs/plugins.md shows under "The options of a product". */
function itemsOf(p: Entry): Item[] {
  const items = p.each("variants").map((v) => ({ sku: v.text("sku"), name: p.text("title"), options: v.options("traits", "trait", "value") }));
  const all = variation(items.map((item) => item.options));
  return items.map((item) => ({ ...item, variation: all }));
}

test("the options of a product", () => {
  const variant = (sku: string, value: string) => ({ sku, traits: [{ trait: "Size", value }] });
  const product = entries({ items: "list" })({ object: () => ({ list: [{ title: "Mug", variants: [variant("M", "M"), variant("L", "L")] }] }) } as unknown as Answer).items[0];
  assert.deepEqual(itemsOf(product), [{ sku: "M", name: "Mug", options: { Size: "M" }, variation: ["Size=L|M"] }, { sku: "L", name: "Mug", options: { Size: "L" }, variation: ["Size=L|M"] }]);
  // engine/catalog has the same cases of the same in Go.
  for (const [variants, want] of [
    [[], []],
    [[{}, {}], []],
    [[{ Size: "M" }, { Size: "L" }, { Size: "M" }], ["Size=L|M"]],
    [[{ Size: "M", Color: "Red" }, { Color: "Blue", Size: "L" }], ["Color=Blue|Red", "Size=L|M"]],
    [[{ Size: "M" }, { Color: "Red" }], ["Color=Red", "Size=M"]],
    [[{ "A|": "1" }, { AB: "1" }], ["AB=1", "A\\|=1"]],
    [[{ "a=b": "1|2" }, { "a=b": "\\" }], ["a\\=b=1\\|2|\\\\"]],
    [[{ Size: "" }, { Size: "M" }], ["Size=|M"]],
    [[{ Taille: "é" }, { Taille: "e\u0301" }], ["Taille=é"]],
    [[{ Size: "m" }, { Size: "M" }], ["Size=M|m"]],
    [[{ Sign: "\u{1f48d}" }, { Sign: "\uff5e" }], ["Sign=\uff5e|\u{1f48d}"]], // by bytes: UTF-16 has them the other way round
  ] as [Record<string, string>[], string[]][]) {
    assert.deepEqual(variation(variants), want);
  }
});

test("a byte order mark before an answer", async (t) => {
  const url = await serve(t, (_, response) => { response.end(`\ufeff{"name": "Bells"}`); });
  assert.equal((await new Client({ url }).session({ signal: new AbortController().signal }).get("/shop", "name")).name, "Bells");
});

test("wares of which something is missing", async (t) => {
  for (const [want, spoil] of [
    [`"forms" is null, where a list is expected`, (ware) => { ware.forms = null; }],
    [`it has no "forms"`, (ware) => { delete ware.forms; }],
    [`"forms" 1: it has no "traits"`, (_, form) => { delete form.traits; }],
    [`"forms" 1: "traits" is null, where a list is expected`, (_, form) => { form.traits = null; }],
    [`"forms" 1: it has no "no"`, (_, form) => { delete form.no; }],
    [`"forms" 1: "no" is a boolean, where a text is expected`, (_, form) => { form.no = true; }],
    [`"forms" 1: "shelves" 1: it has no "pieces"`, (_, form) => { form.shelves = [{}]; }],
    [`"forms" 1: "price" is "on request", where a number is expected`, (_, form) => { form.price = "on request"; }],
    [`"forms" 1: "traits" 2: the option "Size" is there twice`, (_, form) => { form.traits = [{ trait: "Size", value: "S" }, { trait: "Size", value: "L" }]; }],
  ] as [string, (ware: Record<string, unknown>, form: Record<string, unknown>) => void][]) {
    const all = wares();
    spoil(all[1], (all[1].forms as Record<string, unknown>[])[0]);
    await assert.rejects(read(await serve(t, shop(100, all)), password), (err: Error) => err.message.includes(`item 2 of "wares": ${want}`) || assert.fail(err.message));
  }
});

test("faults", async (t) => {
  await survivesFaults(t, await serve(t, shop(1000)), (url) => read(url, password));
});
