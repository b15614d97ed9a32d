// What the connector that plugin new writes makes of shops that answer something else than products: all products, or an error that says
// what is missing. The one in Go has a test of its own.

import assert from "node:assert/strict";
import { test } from "node:test";

import { readItems, serve, skipWaits } from "../src/sdk/testing.js";
import { shop } from "../src/shop.js";

const two = `{"products": [{"id": 1, "sku": "A", "name": "Bell", "price": 10.10, "stock": null, "options": {}}, {"id": 2, "sku": "B", "name": "Lamp", "price": null, "stock": 5, "options": {}}], "total": 2}`;

test("answers", async (t) => {
  for (const [name, body, want] of [
    ["well", two],
    ["no next page", two.replace(`"total"`, `"next": null, "total"`)],
    ["an empty object", "{}", /"products" is nothing, where a list is expected; it begins with "\{\}"/],
    ["null", "null", /it is null, where an object is expected/],
    ["an array", "[]", /it is an array, where an object is expected/],
    ["maintenance", `{"error": "maintenance"}`, /"products" is nothing/],
    ["products that are none", `{"products": null, "total": 0}`, /"products" is null/],
    ["products that are no list", `{"products": {}, "total": 0}`, /"products" is an object/],
    ["no total", two.replace(`, "total": 2`, ""), /"total" is nothing/],
    ["no stock", two.replace(`, "stock": 5`, ""), /item 2 of "products": it has no "stock"/],
    ["a product short", two.replace(`"total": 2`, `"total": 3`), /the API says there are 3 entries but gave 2 different ones/],
    ["in a circle", two.replace(`"total"`, `"next": 7, "total"`), /page 2 has nothing that did not come before/],
    ["a page for people", "<html>We are back soon", /the answer makes no sense: .*it begins with "<html>We are back soon"/],
    ["nothing", "", /the answer makes no sense/],
    ["cut short", two.slice(0, 40), /the answer makes no sense/],
    ["something behind it", two + two, /the answer makes no sense/],
  ] as [string, string, RegExp?][]) {
    const url = await serve(t, (request, response) => void response.end(request.url === "/shop" ? `{"name": "Lanterns", "currency": "CAD"}` : body));
    const reading = readItems(shop, { url, token: "tok-7f3a" }, "sku", "price", "qoh");
    if (want !== undefined) {
      await assert.rejects(reading, want, name);
      continue;
    }
    assert.deepEqual((await reading).items, [{ sku: "A", price: 10.1, qoh: null }, { sku: "B", price: null, qoh: 5 }], name);
  }
});

test("an empty shop, and one without a name", async (t) => {
  const url = await serve(t, (_, response) => void response.end(`{"products": [], "total": 0}`));
  assert.deepEqual((await readItems(shop, { url, token: "tok-7f3a" }, "sku")).items, []);
  skipWaits();
  const source = await shop.source({ url, token: "tok-7f3a", rate_limit: undefined });
  await assert.rejects(source.check!(new AbortController().signal), /GET \/shop: the answer makes no sense: it has no "name", "currency".* after 3 tries/);
});
