// Tests of kiln.ts: the whole of a connector on webapi.ts. go test runs them.

import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";

import { bodyOf, catalogue, readItems, serve, survivesFaults } from "../src/sdk/testing.js";
import { kiln } from "./kiln.js";

const password = "clay-and-fire";

/** A Kiln shop. A token holds for so many requests. */
function shop(holds: number) {
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
    const items = catalogue(7), from = Number(url.searchParams.get("cursor") ?? 0);
    const wares = items.slice(from, from + 3).map((it) => ({ id: it.id, no: it.sku, label: it.name, price: it.price, stock: it.qoh, form: it.options }));
    response.end(JSON.stringify({ wares, total: items.length, cursor: from + 3 < items.length ? String(from + 3) : null }));
  };
}

const read = (url: string, password: string) => readItems(kiln, { url, user: "clerk", password });

test("a read", async (t) => {
  const want = catalogue(7).map((it) => ({ sku: it.sku, name: it.name, price: it.price === null ? null : Number(it.price), qoh: it.qoh, options: it.options }));
  for (const holds of [100, 2]) {
    const url = await serve(t, shop(holds));
    assert.deepEqual((await read(url, password)).items, want);
    await assert.rejects(read(url, "wet-clay"), (err: Error) => /signing in: .*401/.test(err.message) && !err.message.includes("wet-clay"));
  }
  await assert.rejects(read(await serve(t, shop(0)), password), (err: Error) => /is not open/.test(err.message) && !err.message.includes("4c1e"));
});

test("faults", async (t) => {
  await survivesFaults(t, await serve(t, shop(1000)), (url) => read(url, password));
});
