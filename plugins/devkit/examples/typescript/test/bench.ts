// A connector that writes, with three items in memory. It misbehaves as it is told: the conformance suite has to find that out.

import { connector, guard, known, serve, setting, type Applier, type Change, type Item, type Outcome, type Ref, type Value } from "../src/sdk/sdk.js";

class Bench implements Applier {
  private readonly prices = new Map<string, Value>([["A-0", 1], ["A-1", 2], ["A-2", null]]);

  constructor(private readonly how: string) {}

  schema() {
    return known("id", "sku", "price");
  }

  async *read(): AsyncGenerator<Item> {
    for (const sku of this.prices.keys()) {
      yield this.item(sku);
    }
  }

  async *fetch({ items }: { items: readonly Ref[] }): AsyncGenerator<Item> {
    for (const { id, sku } of items) {
      let found = [...this.prices.keys()].find((has) => (id !== "" && this.how !== "knows no ids" ? `id of ${has}` === id : has === sku));
      if (this.how === "fetches another" && found !== undefined) {
        found = found === "A-0" ? "A-1" : "A-0";
      }
      if (found !== undefined) {
        yield this.item(found);
      } else if (this.how === "makes items up") {
        yield { id: "id of nothing", sku, price: 0 };
      }
    }
  }

  private item(sku: string): Item {
    return { id: `id of ${sku}`, sku, price: this.prices.get(sku) as number | null };
  }

  async prepare({ changes }: { changes: readonly Change[] }, answer: (p: { key: string; will: Value }) => void) {
    for (const c of changes) {
      if (this.how === "writes when it prepares") {
        this.prices.set(c.item.sku, c.desired);
      }
      if (this.how !== "prepares nothing") {
        answer({ key: c.key, will: c.desired });
      }
    }
    return { requests: changes.length, milliseconds: 0 };
  }

  async apply({ changes }: { changes: readonly Change[] }, answer: (o: Outcome) => void) {
    for (const c of changes) {
      const { key, item: { sku }, desired } = c, before = this.prices.get(sku);
      if (before === undefined) {
        answer({ key, kind: "rejected", reason: "there is no such item" });
        continue;
      }
      const outcome = guard(c, before);
      if (outcome !== undefined && !(this.how === "writes over others" && outcome.kind === "conflict") && !(this.how === "writes again" && outcome.kind === "unchanged")) {
        answer(outcome);
        continue;
      }
      if (this.how !== "writes nothing") {
        this.prices.set(sku, desired === null && this.how === "writes null as zero" ? 0 : desired);
      }
      answer({ key, kind: "applied", before, after: this.how === "writes nothing" ? desired : this.how === "does not look" ? undefined : this.prices.get(sku) });
      if (this.how === "tells twice") {
        answer({ key, kind: "applied", before, after: desired });
      }
    }
  }
}

serve(connector({
  name: "bench",
  version: "1.0.0",
  doc: "Keeps three items in memory.",
  settings: {
    how: setting.string({ doc: "What it does wrong.", default: "" }),
    write_token: setting.string({ doc: "What opens it for writing.", sensitive: true, apply: true }),
  },
  writable: { price: { nullable: true } },
  source: ({ how }) => new Bench(how),
}));
