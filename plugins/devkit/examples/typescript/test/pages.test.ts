// Tests of pages.ts: lists are whole, or there is an error. go test runs them.

import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";

import { connector, known, setting } from "../src/sdk/sdk.js";
import { catalogue, readItems, serve, survivesFaults } from "../src/sdk/testing.js";
import { Client, byCursor, byLink, byNumber, byOffset, members, nextLink, type Answer, type List, type Page, type Session } from "../src/sdk/webapi.js";

interface Ware { id: string; sku: string; price: string | null }

type How = "offset" | "cursor" | "link" | "number" | "pages" | "silent";

/** A platform with seven wares, three on a page. */
function platform(how: How) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? "/", `http://${request.headers.host}`), wares = catalogue(7);
    const from = how === "offset" ? Number(url.searchParams.get("skip")) : how === "cursor" ? Number(url.searchParams.get("after") ?? 0) : (Number(url.searchParams.get("page") ?? 1) - 1) * 3;
    const answer: Record<string, unknown> = { wares: wares.slice(from, from + 3) };
    if (how === "cursor") {
      answer.next = from + 3 < wares.length ? from + 3 : null;
    } else if (how === "link" && from + 3 < wares.length) {
      response.setHeader("Link", `</first>; rel="first", <?page=${from / 3 + 2}>; rel="last next"`);
    } else if (how === "number" || how === "offset") {
      answer.total = wares.length;
    } else if (how === "pages") {
      answer.pages = 3;
    }
    response.end(JSON.stringify(answer));
  };
}

const readers: Record<How, (session: Session) => AsyncGenerator<Ware>> = {
  offset: (s) => byOffset(s, { ask: (skip) => ({ path: "/wares", query: { skip } }), read: members({ items: "wares", total: "total", each: ["id"] }), key: (w) => w.id }),
  cursor: (s) => byCursor(s, { ask: (after) => ({ path: "/wares", query: { after } }), read: members({ items: "wares", next: "next", each: ["id", "price"] }), key: (w) => w.id }),
  link: (s) => byLink(s, { ask: () => ({ path: "/wares", query: { page: 1 } }), key: (w) => w.id, size: 100,
    read: (a) => ({ ...members<Ware>({ items: "wares", each: ["id"] })(a), next: nextLink(a) }) }),
  number: (s) => byNumber(s, { ask: (page) => ({ path: "/wares", query: { page } }), read: members({ items: "wares", total: "total", each: ["id"] }), key: (w) => w.id }),
  pages: (s) => byNumber(s, { ask: (page) => ({ path: "/wares", query: { page } }), key: (w) => w.id,
    read: (a) => ({ ...members<Ware>({ items: "wares", each: ["id"] })(a), pages: a.object("pages").pages as number }) }),
  silent: (s) => byNumber(s, { ask: (page) => ({ path: "/wares", query: { page } }), read: members({ items: "wares", each: ["id"] }), key: (w) => w.id }),
};

const shop = (how: How) => connector({
  name: "wares", version: "1.0.0", doc: "Reads wares.", settings: { url: setting.string({ doc: "Where.", required: true }) },
  source: ({ url }) => ({
    schema: () => known("sku", "price"),
    async *read(request) {
      for await (const { sku, price } of readers[how](new Client({ url }).session(request))) {
        yield { sku, price };
      }
    },
  }),
});

for (const how of Object.keys(readers) as How[]) {
  test(`all items by ${how}, or an error`, async (t) => {
    const url = await serve(t, platform(how));
    const got = await readItems(shop(how), { url });
    assert.deepEqual(got.items, catalogue(7).map(({ sku, price }) => ({ sku, price: price === null ? null : Number(price) })));
    if (how === "cursor" || how === "link" || how === "number" || how === "offset") {
      await survivesFaults(t, url, (url) => readItems(shop(how), { url }));
    }
  });
}

/** Reads a list of which the pages are these, again and again; each is an answer, or what makes one of how often it was asked for. */
async function read(t: Parameters<typeof serve>[0], by: typeof byCursor, pages: Record<string, object | ((time: number) => object)>, size?: number): Promise<string[]> {
  const times: Record<string, number> = {};
  const url = await serve(t, (request, response) => {
    const at = new URL(request.url!, "http://x").searchParams.get("at") ?? "";
    times[at] = (times[at] ?? 0) + 1;
    const page = pages[at];
    response.writeHead(page === undefined ? 404 : 200).end(JSON.stringify(typeof page === "function" ? page(times[at]) : page));
  });
  const list: List<{ id: string }> = { ask: (at) => ({ path: "/w", query: { at } }), read: (a: Answer) => a.object("items") as unknown as Page<{ id: string }>, key: (w) => w.id, size };
  const got: string[] = [];
  for await (const w of by(new Client({ url }).session({ signal: new AbortController().signal }), list)) {
    got.push(w.id);
  }
  return got;
}

const ids = (...names: string[]) => names.map((id) => ({ id }));

test("cursors", async (t) => {
  assert.deepEqual(await read(t, byCursor, { "": { items: ids("a"), next: "2" }, 2: { items: [], next: "3" }, 3: { items: ids("b") } }), ["a", "b"]);
  for (const [pages, want] of [
    [{ "": { items: ids("a"), next: "2" }, 2: { items: ids("b"), next: "2" } }, /^GET \/w: page 2 leads back to a page that was read before, in each of 3 attempts/],
    [{ "": { items: ids("a"), next: "2" }, 2: { items: ids("a") } }, /page 2 has nothing that did not come before/],
    [{ "": { items: ids("a", "b"), next: "2" }, 2: { items: ids("b", "c") } }, /item "b" came twice/],
    [{ "": { items: ids("a"), total: 3 } }, /the API says there are 3 entries but gave 1 different ones/],
    [{ "": { items: ids("a"), more: true } }, /page 1 says that more follow, but not where/],
    [{ "": { items: ids("a", "b") } }, /its first page is full, and says neither how many items there are nor what follows/],
  ] as [Record<string, object>, RegExp][]) {
    await assert.rejects(read(t, byCursor, pages, 2), (err: Error) => want.test(err.message));
  }
});

test("an empty page is no end where it says so itself", async (t) => {
  const numbered = (s: Session, l: List<any>) => byNumber(s, l);
  assert.deepEqual(await read(t, byLink, { "": { items: ids("a"), next: "?at=2" }, 2: { items: [], next: "?at=3" }, 3: { items: ids("b") } }), ["a", "b"]);
  assert.deepEqual(await read(t, numbered, { 1: { items: [], more: true }, 2: { items: ids("a"), more: true }, 3: { items: [], more: true }, 4: { items: ids("b"), more: true },
    5: { items: [], more: false } }), ["a", "b"]);
  for (const [by, page] of [
    [byCursor, (n: number) => ({ items: [], next: String(n + 1) })],
    [byLink, (n: number) => ({ items: [], next: `?at=${n + 1}` })],
    [numbered, () => ({ items: [], more: true })],
  ] as [typeof byCursor, (n: number) => object][]) {
    const endless = Object.fromEntries([["", page(0)], ...Array.from({ length: 200 }, (_, n) => [String(n + 1), page(n + 1)])]);
    await assert.rejects(read(t, by, endless), (err: Error) => /101 pages in a row are empty, in each of /.test(err.message) || assert.fail(err.message));
  }
});

test("a next page that is never found", async (t) => {
  const wares = connector({
    name: "wares", version: "1.0.0", doc: "", settings: { url: setting.string({ doc: "Where.", required: true }) },
    source: ({ url }) => ({
      schema: () => known("sku"),
      async *read(request) {
        for await (const { id } of byCursor<{ id: string }>(new Client({ url }).session(request), { ask: () => ({ path: "/w" }), key: (w) => w.id,
          read: members({ items: "items", total: "total", next: "paging.next", each: ["id"] }) })) {
          yield { sku: id };
        }
      },
    }),
  });
  const said = async (page: object) => {
    const url = await serve(t, (_, response) => { response.end(JSON.stringify(page)); });
    return readItems(wares, { url }).then(({ items }) => items.length, (err: Error) => err.message);
  };
  assert.equal(await said({ items: ids("a"), total: 2, next: "2" }), "GET /w: the API says there are 2 entries but gave 1 different ones, in each of 3 attempts; " +
    `its first page has nothing at "paging.next", where the place of the next page is looked for: see where an answer has it`);
  assert.match(String(await said({ items: ids("a"), total: 2, paging: { next: null } })), /try again when the store is quieter$/);
  assert.equal(await said({ items: ids("a"), total: 1 }), 1);
});

test("offsets", async (t) => {
  // One is deleted between two pages: "c" moves to where the first page ended, and would be missed. The second page does not begin with "b".
  const shifts = { 0: (time: number) => ({ items: time === 1 ? ids("a", "b") : ids("b", "c"), total: 4 }), 1: (time: number) => ({ items: time === 1 ? ids("c", "d") : ids("c", "d"), total: 4 }),
    2: { items: ids("d", "e"), total: 4 } };
  assert.deepEqual(await read(t, byOffset, shifts), ["a", "b", "c", "d", "e"]);
  assert.deepEqual(await read(t, byOffset, { 0: { items: ids("a", "b") }, 1: { items: ids("b", "c") }, 2: { items: ids("c") } }), ["a", "b", "c"]); // only the last once more: the end
  assert.deepEqual(await read(t, byOffset, { 0: { items: ids("a", "b"), more: true }, 1: { items: ids("b", "c"), more: false } }), ["a", "b", "c"]);
  assert.deepEqual(await read(t, byOffset, { 0: { items: ids("a"), total: 1 } }), ["a"]);
  assert.deepEqual(await read(t, byOffset, { 0: { items: [], total: 0 } }), []);
  // Pages of one item cannot overlap, so that two readings have to agree.
  const single = { 0: { items: ids("a"), total: 2 }, 1: (time: number) => ({ items: time < 3 ? ids("b") : ids("c"), total: 2 }) };
  assert.deepEqual(await read(t, byOffset, single), ["a", "b"]);
  for (const [pages, want] of [
    [{ 0: { items: ids("a", "b"), total: 3 }, 1: { items: ids("c"), total: 3 } }, /page 2 does not begin with the last item of the page before, in each of 3 attempts/],
    [{ 0: { items: ids("a", "b"), total: 3 }, 1: { items: [], total: 3 } }, /page 2 does not begin with the last item|page 2 is empty/],
    [{ 0: { items: ids("a", "b"), total: 5 }, 1: { items: ids("b"), total: 5 } }, /the API says there are 5 entries but gave 2 different ones/],
    [{ 0: { items: ids("a", "b"), total: 2, more: true } }, /says that more follow/],
    [{ 0: { items: ids("a", "b"), total: 2 }, 2: { items: ids("c"), total: 2 } }, /page 1 announces the 2 entries that it has, and page 2 has more/],
    [{ 0: { items: ids("a"), total: 2 }, 1: (time: number) => ({ items: ids(`b${time}`), total: 2 }) }, /no two readings in a row have the same items, in each of 4 attempts/],
  ] as [Record<string, object>, RegExp][]) {
    await assert.rejects(read(t, byOffset, pages), (err: Error) => want.test(err.message));
  }
});

test("numbers", async (t) => {
  const numbered = (s: Session, l: List<any>) => byNumber(s, l);
  // One is deleted between two pages: the last item of the second moves to the first, and is missed by the first reading.
  assert.deepEqual(await read(t, numbered, { 1: (time) => ({ items: time === 1 ? ids("a", "b") : ids("b", "c"), more: true }), 2: { items: ids("d"), more: false } }), ["a", "b", "d", "c"]);
  assert.deepEqual(await read(t, numbered, { 1: { items: ids("a"), total: 1 } }), ["a"]);
  assert.deepEqual(await read(t, numbered, { 1: { items: [], total: 0 } }), []);
  for (const [pages, want] of [
    [{ 1: { items: ids("a"), total: 1 }, 2: { items: ids("b"), total: 1 } }, /page 1 announces the 1 entries that it has, and page 2 has more/],
    [{ 1: { items: ids("a"), total: 2 }, 2: { items: [], total: 2 } }, /page 2 is empty, though 2 items are announced and 1 came/],
    [{ 1: { items: ids("a"), total: 2 }, 2: { items: ids("b"), total: 3 } }, /it had 2 items, and then 3/],
    [{ 1: { items: ids("a") }, 2: { items: [] }, 3: { items: ids("b") } }, /page 2 is empty, and page 3 is not/],
    [{ 1: { items: ids("a"), pages: 2 }, 2: { items: ids("b"), pages: 3 } }, /it had 2 pages, and then 3/],
    [{ 1: (time: number) => ({ items: ids(`a${time}`), pages: 2 }), 2: (time: number) => ({ items: ids(`b${time}`), pages: 2 }) }, /no two readings in a row have the same items, in each of 4 attempts/],
  ] as [Record<string, object>, RegExp][]) {
    await assert.rejects(read(t, numbered, pages), (err: Error) => want.test(err.message));
  }
});

test("links", () => {
  const link = (text: string) => nextLink({ headers: new Headers({ link: text }), url: new URL("https://shop.example/api/wares?page=1") } as Answer);
  assert.equal(link(`<https://shop.example/api/wares?page=2>; rel="next"; title="a, b"`), "https://shop.example/api/wares?page=2");
  assert.equal(link(`</a,b>; rel=prev, <?page=2>;title="x";REL=next`), "https://shop.example/api/wares?page=2");
  assert.equal(link(`<?page=2>; rel="prev"`), undefined);
});

test("what an answer lacks", () => {
  const answer = (text: string) => ({ object: () => JSON.parse(text) as Record<string, unknown> }) as Answer;
  const read = members<Ware>({ items: "wares", total: "total", next: "next", each: ["id", "price"] });
  assert.deepEqual(read(answer(`{"wares": [{"id": "1", "price": null}], "total": 1, "next": ""}`)), { items: [{ id: "1", price: null }], total: 1, next: undefined });
  for (const [text, want] of [
    [`{"error": "maintenance"}`, /"wares" is nothing, where a list is expected/],
    [`{"wares": null, "total": 0}`, /"wares" is null/],
    [`{"wares": [{"id": "1"}], "total": 1}`, /item 1 of "wares" has no "price"/],
    [`{"wares": [null], "total": 1}`, /item 1 of "wares" is null/],
    [`{"wares": [], "total": "many"}`, /"total" is a string/],
    [`{"wares": [], "total": 0, "next": {}}`, /"next" is an object/],
  ] as [string, RegExp][]) {
    assert.throws(() => read(answer(text)), want);
  }
  assert.throws(() => members<Ware>({ items: "wares", next: "next", each: [] })(answer(`{"wares": []}`)), /"next" is nothing, where it is to be said whether a page follows/);
  const within = members<Ware>({ items: "data.wares", total: "meta.total", next: "meta.pagination.next", each: [] });
  assert.deepEqual(within(answer(`{"data": {"wares": [{"id": "1"}]}, "meta": {"total": 3, "pagination": {"next": "n2"}}}`)), { items: [{ id: "1" }], total: 3, next: "n2" });
  assert.deepEqual(within(answer(`{"data": {"wares": []}, "meta.total": 4, "meta": {"pagination": {"next": 5}}}`)), { items: [], total: 4, next: "5" });
  assert.deepEqual(within(answer(`{"data": {"wares": []}, "meta": {"total": 0}}`)), { items: [], total: 0, next: undefined, lacks: `"meta.pagination.next"` });
  assert.throws(() => within(answer(`{"data": {"wares": []}, "meta": null}`)), /"meta.total" is nothing/);
  assert.throws(() => within(answer(`{"data": [], "meta": {"total": 1}}`)), /"data.wares" is nothing, where a list is expected/);
});
