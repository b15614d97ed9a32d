import assert from "node:assert/strict";
import { test } from "node:test";

import { ordersAll } from "../src/sdk/orders.js";
import { orderNumbers, type Order, type OrderReader, type OrdersRequest } from "../src/sdk/sdk.js";

const nobody = { customer: false, address: false, customerNote: false };

async function wires(wish: Partial<typeof nobody>, ...list: Order[]): Promise<any[]> {
  const source = { async *orders() { yield* list; } } as unknown as OrderReader, all: object[] = [];
  for await (const wire of ordersAll(source, { ...nobody, ...wish } as OrdersRequest)) {
    all.push(wire);
  }
  return all;
}

const order: Order = { id: "7", placedAt: new Date(1500), totalIncTax: 12.5, lines: [{ sku: "A", quantity: "1.50", address: { city: "Laval" } }],
  customer: { email: "anna@example.com" }, customerNote: "Please" };

test("what is told of people is what was asked for", async () => {
  for (const wish of [{}, { customer: true }, { address: true }, { customerNote: true }]) {
    const text = JSON.stringify(await wires(wish, order));
    for (const [name, part] of [["customer", "anna@"], ["address", "Laval"], ["customerNote", "Please"]]) {
      assert.equal(text.includes(part), name in wish, text);
    }
  }
  const [wire] = await wires({}, order);
  assert.deepEqual([wire.id, wire.placed_at, wire.total_inc_tax, wire.total_ex_tax, wire.lines[0].quantity], ["7", { seconds: 1, nanos: 500e6 }, "12.5", "", "1.50"]);
});

test("orders that cannot be", async () => {
  for (const [wrong, said] of [
    [{ id: "" }, /no number/], [{ id: "#7" }, /cannot be the number/], [{ id: "7;8" }, /cannot be the number/], [{ id: " 7" }, /cannot be the number/],
    [{ id: "7\n" }, /cannot be the number/], [{ id: "1".repeat(101) }, /cannot be the number/], [{ placedAt: new Date("never") }, /order 7 has no date/],
    [{ currency: "$" }, /no code of ISO 4217/], [{ lines: [{ sku: "A", quantity: -0.5 }] }, /order 7: line 1 is of less than nothing/],
    [{ lines: [{ sku: "A", quantity: "" }] }, /line 1 has no quantity/], [{ discount: "much" }, /no decimal number/],
  ] as [Partial<Order>, RegExp][]) {
    await assert.rejects(wires({}, { ...order, ...wrong }), said);
  }
  await assert.rejects(wires({}, order, order), /order 7 comes twice/);
});

// The same files as those of engine/weborder, which adds to them.
test("numbers of orders", () => {
  for (const [text, want] of [
    ["", []], ["# mine\n5\n7\n", ["5", "7"]], ["5", ["5"]], ["\ufeff5\r\n8\r\n", ["5", "8"]], ["date;ID;note\n2026-01-01;5;x\n;7;\n;8;\n", ["5", "7", "8"]],
    ["note,id\nx,7\n,8\n", ["7", "8"]], ['note,id\n"a ""b"", c\nd",7\n\n  , 8 \n', ["7", "8"]], ["id\tnote\n7\tx\n", ["7"]],
  ] as [string, string[]][]) {
    assert.deepEqual(orderNumbers(text), want, text);
  }
  for (const [text, want] of [['5\n"6\n', /line 2: a cell that begins with " does not end/], ["date,id\n2026\n", /line 2 has no column id/],
    ['5"\n', /line 1: there is a "/], ['"5"6\n', /line 1: something follows/]] as [string, RegExp][]) {
    assert.throws(() => orderNumbers(text), want, text);
  }
});
