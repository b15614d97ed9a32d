// Tests of the connector: what becomes of the shop's answers, and of bad ones. Put answers of your platform here, with a product of
// each kind; replay records real ones.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startSandbox } from "./sandbox.js";
import { readItems, serve, survivesFaults } from "./sdk/testing.js";
import { shop } from "./shop.js";

test("items", async (t) => {
  const url = await serve(t, (_, response) => {
    response.end(`{"products": [
      {"id": 1, "sku": "A-1", "name": "Bell", "price": 19.90, "stock": 3, "options": {"Size": "M"}},
      {"id": 2, "sku": "A-2", "name": "Lamp", "price": null, "stock": null}
    ], "total": 2}`);
  });
  const got = await readItems(shop, { url, token: "secret" });
  assert.deepEqual(got.items, [
    { sku: "A-1", name: "Bell", price: 19.9, qoh: 3, options: { Size: "M" }, id: "1" },
    { sku: "A-2", name: "Lamp", price: null, qoh: null, options: {}, id: "2" },
  ]);
});

test("faults", async (t) => {
  const { url, token } = await startSandbox("");
  await survivesFaults(t, url, (url) => readItems(shop, { url, token }));
});
