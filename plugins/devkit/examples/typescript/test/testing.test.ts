// What the SDK's own tests of testing.ts are: go test runs them.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { connector, known, setting, type Item } from "../src/sdk/sdk.js";
import { catalogue, faults, faulty, readItems, replay, serve, slow, survivesFaults, type Test } from "../src/sdk/testing.js";

const password = 'pa"ss wörd/7', session = "sess-5f3a91";

/** A platform that tells its secrets wherever it can. */
function platform(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
  if (url.pathname === "/login") {
    const ok = request.headers.authorization === "Basic " + Buffer.from(`clerk:${password}`).toString("base64");
    response.writeHead(ok ? 200 : 401, { "set-cookie": `s=${session}`, "x-session": session });
    response.end(JSON.stringify({ access_token: session, for: `clerk:${password}` }));
    return;
  }
  if (url.searchParams.get("access_token") !== session) {
    response.writeHead(403).end();
    return;
  }
  const all = catalogue(5), from = Number(url.searchParams.get("from"));
  const next = from + 2 < all.length ? `http://${request.headers.host}/items?access_token=${session}&from=${from + 2}` : "";
  response.end(JSON.stringify({ items: all.slice(from, from + 2), nextPageToken: `page-${from}`, next }).replaceAll("/", "\\/"));
}

const lamps = (careful: boolean) => connector({
  name: "lamps",
  version: "1.0.0",
  doc: "Reads lamps.",
  settings: { url: setting.string({ doc: "Where.", required: true }), password: setting.string({ doc: "What opens it.", required: true, sensitive: true }) },
  source({ url, password }) {
    const ask = async (method: string, address: string) => {
      const response = await fetch(address, { method, headers: { Authorization: "Basic " + Buffer.from(`clerk:${password}`).toString("base64") } });
      if (careful && response.status !== 200) {
        throw new Error(`the shop answered ${response.status}`);
      }
      return await response.json() as { access_token: string; items: Item[]; next: string };
    };
    return {
      schema: () => known("sku", "name", "price", "qoh", "options"),
      async *read(request) {
        const { access_token } = await ask("POST", `${url}/login`);
        request.warn("a warning");
        request.currency("price", "CAD");
        let last = "";
        for (let next = `${url}/items?from=0&access_token=${access_token}`; next; ) {
          let page: { items: Item[]; next: string };
          try {
            page = await ask("GET", next);
            if (careful && (!Array.isArray(page.items) || String(page.items[0].sku) <= last)) {
              throw new Error("that is no next page");
            }
          } catch (err) {
            if (careful) {
              throw err;
            }
            return;
          }
          for (const { sku, name, price, qoh, options } of page.items ?? []) {
            yield { sku, name, price, qoh, options };
          }
          last = String(page.items?.[0]?.sku);
          next = page.next;
        }
      },
    };
  },
});

const read = (url: string, careful = true) => readItems(lamps(careful), { url, password }, "sku", "price", "qoh", "options");
const want = catalogue(5).map(({ sku, price, qoh, options }) => ({ sku, price: price === null ? null : Number(price), qoh, options }));

/** A test of which the end can be brought about. */
class Ended implements Test {
  private readonly clean: (() => void | Promise<void>)[] = [];
  after(clean: () => void | Promise<void>): void { this.clean.push(clean); }
  async end(): Promise<void> { for (const clean of this.clean) await clean(); }
}

test("a read", async (t) => {
  const got = await read(await serve(t, platform));
  assert.deepEqual(got.items, want);
  assert.deepEqual([got.warnings, got.currencies], [["a warning"], { price: "CAD" }]);
  await assert.rejects(readItems(lamps(true), { url: "x" }), /Setting "password" is missing/);
  await assert.rejects(readItems(lamps(true), { url: "x", password }, "prise"), /schema offers no field "prise"/);
});

test("faults", async (t) => {
  const url = await serve(t, platform);
  await survivesFaults(t, url, read);
  await assert.rejects(survivesFaults(t, url, (url) => read(url, false)), (err: Error) =>
    ["again in request 3", "busy in request 3", "cut in request 3", "page in request 3", "nothing in request 2"].every((what) => err.message.includes(what)));
  const spoilt = await faulty(t, url, { 1: faults.denied, 2: slow(1) });
  assert.deepEqual([(await fetch(spoilt.url)).status, (await fetch(spoilt.url)).status, spoilt.requests()], [401, 403, 2]);
});

test("a recording", async () => {
  const folder = mkdtempSync(join(tmpdir(), "testing-"));
  const file = join(folder, "new", "shop.json"), live = new Ended();
  const url = await serve(live, platform);
  process.env.RECONCILE_RECORD = "1";
  const recording = new Ended();
  assert.deepEqual((await read(await replay(recording, file, { url: url + "/", secrets: [password, undefined] }))).items, want);
  await recording.end();
  delete process.env.RECONCILE_RECORD;
  await live.end();

  const text = readFileSync(file, "utf8");
  for (const secret of [password, 'pa\\"ss', "wörd", session, Buffer.from(`clerk:${password}`).toString("base64"), url, "127.0.0.1", "set-cookie"]) {
    assert.ok(!text.includes(secret), `${secret} stands in ${text}`);
  }
  assert.ok(text.includes("page-0") && text.includes("{{url}}") && text.includes("Crème"), text);

  const played = new Ended();
  const address = await replay(played, file, { secrets: ["another password"] });
  for (let i = 0; i < 2; i++) {
    assert.deepEqual((await readItems(lamps(true), { url: address, password: "another password" }, "sku", "price", "qoh", "options")).items, want);
  }
  await played.end();

  const unknown = new Ended();
  const response = await fetch((await replay(unknown, file, {})) + "/other?page=2");
  assert.equal(response.status, 501);
  await assert.rejects(unknown.end(), /GET \/other\?page=2 was not recorded\. .* has POST \/login, GET \/items\?access_token=struck-out&from=0/);
  writeFileSync(file, "no recording");
  await assert.rejects(replay(new Ended(), file, {}));
  await assert.rejects(replay(new Ended(), join(folder, "none.json"), {}), /there is no recording/);
  rmSync(folder, { recursive: true });
});
