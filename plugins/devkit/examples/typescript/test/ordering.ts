// A connector that tells web orders, with three of them in memory. It misbehaves as it is told: the conformance suite has to find that out.

import { readFileSync } from "node:fs";

import { connector, known, orderNumbers, serve, setting, type Item, type Order, type OrderReader, type OrdersRequest, type ReadRequest } from "../src/sdk/sdk.js";

const placed: Order[] = [
  { id: "1001", placedAt: new Date("2026-11-28T09:15:00Z"), status: "Paid", currency: "CAD", totalExTax: "20.00", totalIncTax: 22.6, note: "Gift wrap",
    customer: { name: "Anna", email: "anna@example.com" }, customerNote: "Ring twice",
    lines: [{ sku: "A-1", name: "Bell", quantity: 2, priceExTax: "10.00", address: { name: "Anna", city: "Laval" } }] },
  { id: "1002", placedAt: new Date("2026-11-28T10:00:00Z"), lines: [{ sku: "A-1", quantity: "1.5" }, { sku: "A-2", quantity: 0 }] },
  { id: "W-1003", placedAt: new Date("2026-11-29T11:30:00Z"), status: "Paid", lines: [{ sku: "A-2", quantity: 4n, discount: "" }] },
];

class Ordering implements OrderReader {
  constructor(private readonly how: string, private readonly imported: Set<string>) {}

  schema() {
    return known("sku", ...(this.how === "has no pending" ? [] : ["pending" as const]));
  }

  /** The one place that decides which orders are still to be imported. */
  private open(): Order[] {
    return placed.filter((o) => !this.imported.has(o.id));
  }

  async *read(request: ReadRequest): AsyncGenerator<Item> {
    const open = this.open();
    for (const o of open) {
      request.counted(o.id, ...(this.how === "counts twice" ? [o.id] : []));
    }
    for (const sku of ["A-1", "A-2"]) {
      const lines = open.flatMap((o) => o.lines).filter((l) => l.sku === sku);
      yield this.how === "has no pending" ? { sku } : { sku, pending: lines.reduce((sum, l) => sum + Number(l.quantity), 0) };
    }
  }

  async *orders(request: OrdersRequest): AsyncGenerator<Order> {
    request.step("asking for orders");
    const open = this.open();
    yield* this.how === "forgets one" ? open.slice(1) : open;
    switch (this.how) {
      case "tells another": yield { ...placed[0], id: "999" }; break;
      case "tells one twice": yield open[0]; break;
      case "takes back more": yield { ...placed[0], id: "1004", lines: [{ sku: "A-1", quantity: -1 }] }; break;
      case "knows no date": yield { ...placed[0], id: "1004", placedAt: new Date("never") }; break;
    }
  }
}

serve(connector({
  name: "ordering",
  version: "1.0.0",
  doc: "Has three web orders in memory.",
  settings: {
    how: setting.string({ doc: "What it does wrong.", default: "" }),
    imported_ids_file: setting.string({ doc: "The numbers of the orders that are imported.", path: true, imported: true }),
  },
  orders: true,
  source: ({ how, imported_ids_file: file }) => new Ordering(how, new Set(file === undefined ? [] : orderNumbers(readFileSync(file, "utf8")))),
}));
