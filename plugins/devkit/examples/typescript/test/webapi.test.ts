// Tests of webapi.ts: requests, and what becomes of them. go test runs them.

import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { beforeEach, test } from "node:test";

import { clock, host } from "../src/sdk/clock.js";
import { ofMinor, parseJSON } from "../src/sdk/json.js";
import { bodyOf, serve, skipWaits } from "../src/sdk/testing.js";
import { Client, Failure, basic, bearer, header, login, query, type Auth, type Config, type Request } from "../src/sdk/webapi.js";

beforeEach(skipWaits);

/** A platform that answers each request as the next of these say, and then as the last one. */
type Reply = (response: ServerResponse, request: IncomingMessage) => void;

const says = (status: number, body = "", headers: Record<string, string> = {}): Reply => (response) => response.writeHead(status, headers).end(body);
const well = says(200, `{"ok": true}`);
const cut: Reply = (response) => {
  response.writeHead(200, { "content-length": 100 });
  response.flushHeaders();
  response.write("{");
  setImmediate(() => response.destroy());
};

/** Serves the replies, and returns a session of a client for them, with what it was told and what was asked. */
async function platform(t: Parameters<typeof serve>[0], replies: Reply[], config: Partial<Config> = {}, signal = new AbortController().signal) {
  const asked: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] = [], told: string[] = [], waits: string[] = [];
  const url = await serve(t, async (request, response) => {
    const body = (await bodyOf(request)).toString();
    asked.push({ method: request.method!, url: request.url!, headers: request.headers, body });
    replies[Math.min(asked.length, replies.length) - 1](response, request);
  });
  const client = new Client({ url: url + "/api/", ...config });
  const session = client.session({ signal, step: (text) => told.push(text), waiting: (until, why) => waits.push(`${Math.round((until.getTime() - clock.now()) / 1000)} s: ${why}`) });
  return { session, asked, told, waits, url, get: (r: Request = {}) => session.do({ path: "/x", ...r }, (answer) => answer.object()) };
}

/** What a promise is rejected with. */
async function failure(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (err) {
    assert.ok(err instanceof Failure, String(err));
    return err;
  }
  throw new Error("it was not rejected");
}

test("what passes is tried again", async (t) => {
  const p = await platform(t, [says(429, "", { "retry-after": "7" }), says(503), cut, says(200, "<html>"), says(200, "[]"), well], { name: "Kiln" });
  assert.deepEqual(await p.get(), { ok: true });
  assert.equal(p.asked.length, 6);
  assert.deepEqual(p.told, Array(6).fill("GET /x"));
  assert.equal(p.asked[0].url, "/api/x");
  assert.match(p.waits[0], /^7 s: try 2 of 6 of GET \/x \(429 Too Many Requests\)$/);
  assert.deepEqual(p.waits.map((w) => w.split(":")[0]), ["7 s", "2 s", "4 s", "8 s", "16 s"]);
});

test("what stays broken is an error that says what to do", async (t) => {
  for (const [reply, want, blame] of [
    [says(503), /^GET \/x: 503 Service Unavailable: it is down, or has too much to do after 6 tries in 3[1-9]/, "platform"],
    [says(200, "<html>We are back soon"), /the answer makes no sense: .* after 6 tries in .*/s, "platform"],
    [says(200, "null"), /it is null, where an object is expected; it begins with "null"/, "platform"],
    [says(200, "{} {}"), /the answer makes no sense/, "platform"],
    [cut, /the answer broke off: .* after 6 tries/, "platform"],
    [says(401), /^GET \/x: 401 Unauthorized: the credentials are wrong or were revoked$/, "credentials"],
    [says(403, `{"message": "ask  Bob", "errors": []}`), /^GET \/x: 403 Forbidden \(ask Bob\): the credentials may not do that$/, "credentials"],
    [says(404), /there is nothing at this address; check shop_url$/, "settings"],
    [says(302, "", { location: "https://elsewhere.example/" }), /302 Found: the API redirects, which is not followed with credentials; check shop_url/, "settings"],
    [says(400, `[{"title": "no page"}, {"detail": "size"}]`), /400 Bad Request \(no page; size\)$/, "connector"],
    [says(204), /204 No Content|the status 204/, "platform"],
    [says(429, "", { "retry-after": "600" }), /429 Too Many Requests after 1 try in .*; the API asks to wait 600s$/, "platform"],
    [says(200, JSON.stringify("x".repeat(5000))), /^GET \/x: the answer is larger than 5000 bytes$/, "platform"],
    [(response: ServerResponse) => response.end(Buffer.from([0x7b, 0x22, 0xe9, 0x22, 0x7d])), /the answer's text is not UTF-8/, "platform"],
  ] as [Reply, RegExp, string][]) {
    const p = await platform(t, [reply], { setting: "shop_url", mostBytes: 5000 });
    const f = await failure(p.get());
    assert.match(f.message, want);
    assert.equal(f.blame, blame, f.message);
  }
});

test("an address that leads nowhere", async (t) => {
  let end = () => {};
  const gone = await serve({ after: (clean) => { end = clean; } }, () => {});
  end();
  const f = await failure(new Client({ url: gone }).session({ signal: new AbortController().signal }).get("/x"));
  assert.match(f.message, /^GET \/x: no answer: the connection is refused, as nothing listens there: .*; check url, and whether a firewall is in between$/);
  assert.deepEqual([f.blame, f.sent, f.mayBeDone], ["settings", "not sent", false]);
  assert.throws(() => new Client({ url: "shop.example" }), /url is no web address/);
  const p = await platform(t, [well]);
  for (const address of ["https://elsewhere.example/x", "//elsewhere.example/", "http://user@127.0.0.1/", "http://[/"]) {
    const f = await failure(p.get({ address }));
    assert.match(f.message, /which does not get the credentials|makes no sense/);
  }
  assert.equal(p.asked.length, 0);
  await p.get({ address: p.url + "/elsewhere?page=2" });
  assert.equal(p.asked[0].url, "/elsewhere?page=2");
});

test("a request that hangs ends", async (t) => {
  const hangs: Reply = () => {};
  const p = await platform(t, [hangs, (response) => { response.writeHead(200); response.write("{"); }, well], { timeout: 1500 });
  assert.deepEqual(await p.get(), { ok: true });
  assert.match(p.waits[0], /no answer within 1\.5s/);
  assert.match(p.waits[1], /the answer did not end within 1\.5s/);
  host.readTimeout = 600; // a try may take a third of it
  t.after(() => { host.readTimeout = 0; });
  const f = await failure((await platform(t, [hangs])).get());
  assert.match(f.message, /no answer within 0\.2s after 6 tries/);
  const abort = new AbortController();
  const waiting = (await platform(t, [(response) => { abort.abort(new Error("called off")); response.destroy(); }], {}, abort.signal)).get();
  await assert.rejects(waiting, /^Error: called off$/);
});

test("secrets stand in no error", async (t) => {
  const secret = 'pa"ss wörd/7+';
  const tells: Reply = (response, request) => says(400, JSON.stringify({ message: `not with ${JSON.stringify(request.headers)} at ${request.url} ${secret}` }))(response, request);
  for (const auth of [header("X-Key", Buffer.from(secret).toString("base64"), secret), basic("clerk", secret), query("key", secret), bearer("tok-1"), undefined] as (Auth | undefined)[]) {
    const p = await platform(t, [tells], { auth, secrets: [secret] });
    const { message } = await failure(p.get());
    assert.match(message, /\[secret\]/);
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), "w%C3%B6rd", "tok-1", Buffer.from(secret).toString("base64"), Buffer.from(`clerk:${secret}`).toString("base64")]) {
      assert.ok(!message.includes(form), `${form} stands in ${message}`);
    }
  }
  const p = await platform(t, [well], { auth: bearer("two\nlines") });
  const { message } = await failure(p.get());
  assert.match(message, /^GET \/x: signing in: /);
  assert.ok(!message.includes("lines"), message);
});

test("a login", async (t) => {
  let made = 0, left = 0;
  const shop = (holds: number): Reply => (response, request) => {
    if (request.url === "/api/session") {
      left = holds;
      response.end(JSON.stringify({ token: `session-${++made}-4c1e` }));
    } else if (request.headers["x-session"] !== `session-${made}-4c1e` || left-- <= 0) {
      response.writeHead(401).end(JSON.stringify({ message: `${request.headers["x-session"]} is not open` }));
    } else {
      response.end(`{"ok": true}`);
    }
  };
  const auth = () => login("/session", { user: "clerk", password: "clay-and-fire" }, "token", "X-Session", "");
  let p = await platform(t, [shop(2)], { auth: auth() });
  await Promise.all([p.get(), p.get()]);
  for (let i = 0; i < 3; i++) {
    await p.get();
  }
  assert.equal(p.asked[0].body, `{"user":"clerk","password":"clay-and-fire"}`);
  assert.equal(made, 3);
  p = await platform(t, [shop(0)], { auth: auth() });
  const f = await failure(p.get());
  assert.match(f.message, /401 Unauthorized \(\[secret\] is not open\)/);
  assert.deepEqual([f.blame, p.asked.length], ["credentials", 4]);
  p = await platform(t, [says(401, `{"error": "not clay-and-fire"}`)], { auth: auth() });
  assert.match((await failure(p.get())).message, /^GET \/x: signing in: POST \/session: 401 Unauthorized \(not \[secret\]\): the credentials are wrong/);
  p = await platform(t, [says(200, `{"other": 1}`)], { auth: auth() });
  assert.match((await failure(p.get())).message, /the answer to the login has no text "token"; check the credentials/);
});

test("a write is not sent twice", async (t) => {
  for (const [r, reply, requests, sent, done] of [
    [{ method: "POST" }, says(500), 1, "answered", true],
    [{ method: "POST" }, cut, 1, "maybe sent", true],
    [{ method: "POST" }, says(422), 1, "answered", false],
    [{ method: "POST" }, says(429), 6, "answered", false],
    [{ method: "POST", again: true }, says(500), 6, "answered", true],
    [{ method: "PUT", key: "k-1" }, cut, 6, "maybe sent", true],
    [{ method: "POST" }, says(200, "nonsense"), 1, "answered", true],
  ] as [Request, Reply, number, string, boolean][]) {
    const p = await platform(t, [reply]);
    const f = await failure(p.get({ body: { qoh: 1 }, ...r }));
    assert.deepEqual([p.asked.length, f.sent, f.mayBeDone], [requests, sent, done], f.message);
    assert.equal(f.message.includes("it may have been done all the same"), requests === 1 && done, f.message);
    assert.ok(p.asked.every(({ headers, body }) => headers["idempotency-key"] === r.key && body === `{"qoh":1}`));
  }
  const p = await platform(t, [says(201, `{"id": 7}`)]);
  assert.deepEqual(await p.get({ method: "POST" }), { id: 7 });
  const elsewhere = await platform(t, [says(302)]);
  assert.equal((await failure(elsewhere.get({ method: "POST" }))).mayBeDone, true);
});

test("limits", async (t) => {
  const reset = Math.floor(Date.now() / 1000) + 30;
  for (const [headers, want] of [
    [{ "ratelimit-limit": "10", "ratelimit-remaining": "0", "ratelimit-reset": "20" }, ["21 s: Kiln's quota"]],
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(reset), date: new Date((reset - 30) * 1000).toUTCString() }, ["31 s: Kiln's quota"]],
    [{ "x-ratelimit-remaining": "3", "x-ratelimit-reset": "20" }, []],
  ] as [Record<string, string>, string[]][]) {
    const p = await platform(t, [says(200, `{}`, headers)], { name: "Kiln" });
    await p.get();
    await p.get();
    assert.deepEqual(p.waits, want);
  }
  let p = await platform(t, [says(200, `{}`, { "ratelimit-remaining": "0", "ratelimit-reset": "3600" })], { name: "Kiln" });
  await p.get();
  assert.match((await failure(p.get())).message, /^GET \/x: Kiln's quota is used up until .*; run again then$/);
  p = await platform(t, [well], { rateLimit: 0.25 });
  const began = clock.now();
  await Promise.all([p.get(), p.get(), p.get()]);
  assert.ok(clock.now() - began >= 8000, `three requests took ${clock.now() - began} ms`);
  assert.match(p.waits[0], /^4 s: the rate_limit$/);
});

test("parameters", async (t) => {
  const p = await platform(t, [well]);
  await p.get({ path: "/x?a=1", query: { b: "ä ö", c: undefined, d: "", e: 0 } });
  assert.equal(p.asked[0].url, "/api/x?a=1&b=%C3%A4+%C3%B6&e=0");
});

test("numbers keep their digits", () => {
  assert.deepEqual(parseJSON(`{"a": 19.90, "b": 12345678901234567890, "c": 0.1234567890123456789, "d": "12345678901234567890", "e": -1e400, "f": 1e2, "g\\"1": [1.10, 9007199254740993]}`),
    { a: 19.9, b: "12345678901234567890", c: "0.1234567890123456789", d: "12345678901234567890", e: "-1e400", f: 100, 'g"1': [1.1, "9007199254740993"] });
  assert.deepEqual(parseJSON(`"${"x\\\\".repeat(100_000)}"`), "x\\".repeat(100_000));
  assert.throws(() => parseJSON(`[1.10`));
  assert.deepEqual(parseJSON(`[{"a": "{\\"a\\":1,", "A": [{"a": 1}, {"a": 2}]}]`), [{ a: '{"a":1,', A: [{ a: 1 }, { a: 2 }] }]);
  assert.throws(() => parseJSON(`{"a": 7.3, "b": [":"], "a": 1299.5}`), /the name "a" twice/);
  assert.throws(() => parseJSON(`[{"b": {"a": 1, "\\u0061": 1}}]`), /the name "a" twice/);
  assert.throws(() => parseJSON(`[${"{},".repeat(1 << 20)}{}]`), /more than 1048576 objects/);
});

test("minor units", () => {
  for (const [amount, digits, want] of [[1999, 2, "19.99"], [5, 2, "0.05"], [-1250, 2, "-12.50"], [0, 2, "0.00"], [1999, 0, "1999"], ["123456789012345678901", 3, "123456789012345678.901"], [null, 2, null]] as const) {
    assert.equal(ofMinor(amount, digits), want);
  }
  assert.throws(() => ofMinor(19.99, 2), /19.99 is no whole number of minor units/);
});
