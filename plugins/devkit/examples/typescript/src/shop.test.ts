// Tests of the connector: what becomes of the shop's answers, and of bad ones. replay records real ones.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { readItems, serve, survivesFaults } from "./sdk/testing.js";
import { shop } from "./shop.js";

/** What a shop answers, by what it is asked for. Put answers of your platform here, with a product of each kind. */
const answers: Record<string, string> = {
  "/shop": `{"name": "Bells", "currency": "CAD"}`,
  "/products": `{"products": [
    {"id": 1, "sku": "A-1", "name": "Bell", "price": 19.90, "stock": 3, "options": {"Size": "M"}},
    {"id": 2, "sku": "A-2", "name": "Lamp", "price": null, "stock": null, "options": {}}
  ], "next": 2, "total": 3}`,
  "/products?after=2": `{"products": [{"id": 5, "sku": "0007", "name": "Shade", "price": "7", "stock": 0, "options": {}}], "total": 3}`,
};

const served = (t: TestContext) => serve(t, (request, response) => {
  const answer = answers[request.url ?? ""];
  response.writeHead(answer === undefined ? 404 : 200).end(answer);
});

const read = (url: string) => readItems(shop, { url, token: "secret" });

test("items", async (t) => {
  const got = await read(await served(t));
  assert.deepEqual(got.items, [
    { sku: "A-1", name: "Bell", price: 19.9, qoh: 3, options: { Size: "M" }, id: "1" },
    { sku: "A-2", name: "Lamp", price: null, qoh: null, options: {}, id: "2" },
    { sku: "0007", name: "Shade", price: 7, qoh: 0, options: {}, id: "5" },
  ]);
  assert.deepEqual(got.currencies, { price: "CAD" });
});

test("faults", async (t) => {
  await survivesFaults(t, await served(t), read);
});
