// Tests of trials.ts and writing.ts: which trial finds what a connector does wrong, and that a good one passes all. go test runs them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { connector, guard, known, setting, type Applier, type Change, type Outcome, type Ref, type Value } from "../src/sdk/sdk.js";
import { applyAll } from "../src/sdk/answers.js";
import { applyChanges, changeOf, survivesWriteFaults, writerOf, type Writer } from "../src/sdk/trials.js";
import { bodyOf, serve, skipWaits, type Test } from "../src/sdk/testing.js";
import { Failure } from "../src/sdk/webapi.js";
import { applyTo } from "../src/sdk/writing.js";

/** A platform: so many of each, by SKU. It sets one with each request. */
async function cupboard(t: Test): Promise<string> {
  const held: Record<string, number> = { CUP: 1, MUG: 2 };
  return serve(t, async (request, response) => {
    const sku = request.url!.slice(1), body = (await bodyOf(request)).toString();
    if (request.method === "PUT") {
      held[sku] = Number(body);
    }
    response.end(String(held[sku]));
  });
}

class Counter implements Applier {
  private sent = 0;
  constructor(private readonly url: string, private readonly wrong: string) {}
  schema() { return known("sku", "qoh"); }
  async *read() {}
  async *fetch({ items }: { items: readonly Ref[] }) {
    for (const { sku } of items) {
      yield { sku, qoh: await this.ask("GET", sku) };
    }
  }
  private async ask(method: string, sku: string, body?: string): Promise<number> {
    const headers: Record<string, string> = method === "PUT" && this.wrong === "changes its keys" ? { "idempotency-key": String(++this.sent) } : {};
    const answer = await fetch(`${this.url}/${sku}`, { method, body, headers }), text = await answer.text();
    if (answer.status !== 200 || !/^\d+$/.test(text)) {
      throw Object.assign(new Error(`${answer.status} ${text}`), { refused: answer.status >= 400 && answer.status < 500 });
    }
    return Number(text);
  }
  async prepare({ changes }: { changes: readonly Change[] }, answer: (p: { key: string; will: Value }) => void) {
    for (const { key, item, desired } of changes) {
      if (this.wrong === "writes when it prepares") {
        await this.ask("PUT", item.sku, String(desired));
      }
      answer({ key, will: desired });
    }
    return { requests: 3 * changes.length, milliseconds: 0 };
  }
  async apply({ changes }: { changes: readonly Change[] }, answer: (o: Outcome) => void) {
    for (const c of changes) {
      const o = await this.set(c);
      answer({ ...o, key: c.key });
      if (o.kind === "rejected" && this.wrong === "gives up") {
        throw new Error("one was refused");
      }
    }
  }
  private async set(c: Change): Promise<Omit<Outcome, "key">> {
    const sku = c.item.sku, put = () => this.ask("PUT", sku, String(c.desired));
    let before: Value;
    try {
      before = await this.ask("GET", sku);
    } catch {
      return { kind: "failed" };
    }
    const outcome = guard(c, this.wrong === "does not compare" ? c.expected : before);
    if (outcome !== undefined && this.wrong !== "writes again") {
      return outcome;
    }
    let failure: (Error & { refused?: boolean }) | undefined;
    await put().catch((err) => { failure = err; });
    if (failure !== undefined && this.wrong === "tries again") {
      await put().catch(() => {});
    }
    if (failure?.refused) {
      return { kind: "rejected", before, after: before };
    }
    if (failure !== undefined && this.wrong === "takes silence for no") {
      return { kind: "failed", before };
    }
    const after = this.wrong === "does not look" ? c.desired : await this.ask("GET", sku).catch(() => undefined);
    return after === c.desired ? { kind: "applied", before, after } : { kind: "unknown", before };
  }
}

const counter = (wrong: string) => connector({ name: "counter", version: "1", doc: "Counts.", settings: { url: setting.string({ doc: "Where.", required: true }) },
  writable: { qoh: { guarded: wrong === "says that the platform compares" } }, source: ({ url }) => new Counter(url, wrong) });

for (const [wrong, finds] of Object.entries({
  "": undefined,
  "writes when it prepares": /prepare has written: 2 requests/,
  "writes again": /apply writes a second time what is there already/,
  "does not compare": /another app writes before: change 1 should be a conflict/,
  "says that the platform compares": /another app writes between: change 1 should be a conflict/,
  "does not look": /another app writes after: change 1 is applied \(1, then 5\), and the platform has 3/,
  "tries again": /lost in request 2: it writes what is there already: PUT \/CUP 5/,
  "takes silence for no": /lost in request 2: change 1 is failed \(1, then nothing\), and the platform has 5/,
  "gives up": /change 1 is refused with 422: change 2 should be applied, and is without an outcome \(one was refused\)/,
  "changes its keys": /unsent in request 2: PUT \/CUP 5 is sent with the idempotency key "1", and then with "3"/,
} as Record<string, RegExp | undefined>)) {
  test(`a connector that ${wrong || "does all right"}`, async (t) => {
    const tried = survivesWriteFaults(t, { platform: () => cupboard(t), writer: (url) => writerOf(counter(wrong), { url }),
      sets: [{ item: { sku: "CUP" }, field: "qoh", from: 1, to: 5, other: 3, mark: "/CUP" }, { item: { sku: "MUG" }, field: "qoh", from: 2, to: 6, other: 4, mark: "/MUG" }] });
    await (finds === undefined ? tried : tried.catch(async (err: Error) => {
      if (/^without any fault/.test(err.message)) {
        assert.match(wrong, /writes/); // the SDK has found it
        return;
      }
      assert.match(err.message, finds);
    }).then(() => assert.rejects(tried)));
  });
}

/** Has four changes made, three at once, by what a test says of set. */
async function made(set: (held: Map<string, Value>, batch: readonly Change[], time: number) => Map<string, string> | void, patience = 0, late = 0) {
  skipWaits();
  const held = new Map<string, Value>([["A", 1], ["B", 2], ["C", null], ["D", 4]]), sent: string[] = [];
  let shown: Map<string, Value> | undefined, left = late;
  const writable = { price: { scale: 2, min: 0, nullable: true } };
  const changes = Object.entries({ A: [1, 1.005], B: [2, 2.5], C: [null, 3.5], D: [4, null] } as Record<string, [Value, Value]>).map(([sku, [expected, desired]]): Change =>
    ({ key: sku, item: { id: "", sku }, field: "price", type: "number", expected, desired }));
  const outcomes: Outcome[] = [], signal = new AbortController().signal;
  const source = { apply: (request: Parameters<Applier["apply"]>[0], answer: (o: Outcome) => void) => applyTo({ writable, atOnce: 3, patience,
    look: async (changes) => {
      const now = shown !== undefined && left-- > 0 ? shown : held;
      return new Map(changes.map((c) => [c.key, now.get(c.key)!]));
    },
    set: async (batch) => {
      sent.push(batch.map((c) => c.key).join(""));
      shown = new Map(held);
      return set(held, batch, sent.length);
    } }, request, answer) } as unknown as Applier;
  await applyAll(source, writable, { changes, signal, progress: () => {}, step: () => {}, waiting: () => {}, warn: () => {} }, () => undefined, (o) => outcomes.push(o));
  return [sent.join(" "), ["A", "B", "C", "D"].map((key) => outcomes.find((o) => o.key === key)!.kind).join(" ")];
}

const take = (held: Map<string, Value>, batch: readonly Change[]) => batch.forEach((c) => held.set(c.key, c.desired === 1.005 ? 1.01 : c.desired));

test("what is sent, and what becomes of it", async () => {
  assert.deepEqual(await made(take), ["ABC D", "applied applied applied applied"]);
  assert.deepEqual(await made((held, batch) => {
    if (batch.some((c) => c.key === "C")) {
      throw new Failure("no", { status: 422 });
    }
    take(held, batch);
  }), ["ABC A BC B C D", "applied applied rejected applied"]);
  assert.deepEqual(await made((held, batch, time) => {
    take(held, time === 1 ? batch.slice(0, 1) : batch);
    return new Map(time === 1 ? [["B", "B is sold"], ["C", "C is sold"]] : []);
  }), ["ABC D", "applied rejected rejected applied"]);
  assert.deepEqual(await made((held, batch, time) => {
    take(held, batch);
    if (time === 1) {
      throw new Failure("gone", { sent: "maybe sent" });
    }
  }), ["ABC D", "applied applied applied applied"]);
  assert.deepEqual(await made(() => { throw new Failure("gone", { sent: "maybe sent" }); }), ["ABC D", "unknown unknown unknown unknown"]);
  assert.deepEqual(await made(() => { throw new Error("no network"); }), ["ABC", "failed failed failed failed"]);
  assert.deepEqual(await made((held, batch, time) => {
    if (time === 1) {
      throw new Failure("late", { sent: "not sent", isLate: true });
    }
    take(held, batch);
  }), ["ABC ABC D", "applied applied applied applied"]);
  assert.deepEqual(await made(take, 60_000, 3), ["ABC D", "applied applied applied applied"]);
  assert.deepEqual(await made(take, 0, 1), ["ABC D", "pending pending pending applied"]);
  assert.deepEqual(await made(take, 60_000, 1000), ["ABC D", "pending pending pending pending"]);
  assert.deepEqual(await made((held, batch) => batch.forEach((c) => held.set(c.key, 99))), ["ABC D", "unknown unknown unknown unknown"]);
});

test("a source that lacks what its connector says", async () => {
  const w = await writerOf(counter(""), { url: "http://127.0.0.1:1" }) satisfies Writer;
  await assert.rejects(changeOf(w, { sku: "A" }, "price", 1, 2), /schema offers no field "price"/);
  const twice = { source: { ...w.source, apply: async (_: object, answer: (o: Outcome) => void) => {
    answer({ key: "k", kind: "failed" });
    try {
      answer({ key: "k", kind: "failed" });
    } catch {
      // it passes over it
    }
  } } as unknown as Applier, writable: w.writable };
  const c: Change = { key: "k", item: { id: "", sku: "A" }, field: "qoh", type: "number", expected: 1, desired: 2 };
  assert.match((await applyChanges(twice, c)).error!.message, /the change "k" is answered twice/);
  const none = { source: { ...w.source, apply: async () => {} } as unknown as Applier, writable: w.writable };
  assert.match((await applyChanges(none, c)).error!.message, /apply has ended without an answer to 1 of 1 changes, such as change "k" \(field "qoh" of "A"\)/);
});
