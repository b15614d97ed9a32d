// A connector that has every kind of setting and field, and misbehaves as it is told: with it the SDK is tested.

import { SettingError, known, serve, setting, type Field, type Item, type ReadRequest } from "../src/sdk/sdk.js";

const season: Field = { name: "season", type: "string", doc: "When it sells." };

serve({
  name: "everything",
  version: "1.2.3",
  doc: "Has everything.",
  settings: {
    how: setting.string({ doc: "What read does.", values: ["values", "many", "steps", "hang", "throw", "surrogate", "wrong", "nan", "huge", "print", "misspelt", "rounded", "keys", "currency", "unreadable"], default: "values" }),
    token: setting.string({ doc: "A secret.", required: true, sensitive: true }),
    file: setting.string({ doc: "A file.", path: true }),
    items: setting.integer({ doc: "How many.", default: 3 }),
    ratio: setting.number({ doc: "A ratio." }),
    deep: setting.bool({ doc: "Deep." }),
    names: setting.strings({ doc: "Names.", default: ["a", "b"] }),
    sites: setting.numbers({ doc: "Sites." }),
    words: setting.map({ doc: "Words." }),
    retry: setting.block({ doc: "Trying again." }, {
      times: setting.integer({ doc: "How often.", required: true }),
    }),
  },
  source(s) {
    // The compiler knows what is always there.
    const how: string = s.how, items: number = s.items, token: string = s.token, times: number | undefined = s.retry?.times;
    if (token === "wrong") {
      throw new AggregateError([
        new SettingError(["token"], "the token is wrong", "Take another."),
        new SettingError(["retry", "times"], "and so is this"),
        new Error("and all else"),
      ]);
    }
    return {
      schema: () => [...known("sku", "name", "price", "qoh", "tracked", "options", "variation", "weight"), season],
      check: async () => [{ name: "settings", value: JSON.stringify({ ...s, token: token.length, times }) }],
      read: (request) => read(request, how, items),
    };
  },
});

async function* read(request: ReadRequest, how: string, items: number): AsyncGenerator<Item> {
  switch (how) {
    case "values":
      request.warn("a warning");
      request.progress(1, 2, "values");
      yield { sku: "A", name: "Cafe\u0301 \u{1F514}", price: 10.1, qoh: 12345678901234567890n, tracked: true,
        options: { "Gro\u0308\u00dfe": "M", B: "e\u0301" }, variation: ["x", "e\u0301"], season: "summer" };
      yield { sku: "B", name: "", price: "12345678901234567890.123456789", qoh: 0, tracked: false, options: {}, variation: [] };
      yield { sku: "C", price: null, qoh: "", tracked: null, options: null, variation: undefined };
      yield { sku: "D", name: "a\0b\r\nc\rd\n", price: 1e-7, qoh: -0.5, options: { "e\u0301": "1\r" } };
      yield { price: Number.MAX_SAFE_INTEGER };
      return;
    case "many":
      for (let i = 0; i < items; i++) {
        yield { sku: `SKU-${i}`, name: `Item ${i} \u00e9`, price: i / 100, qoh: i, tracked: i % 2 === 0, options: { Size: `${i % 7}` } };
      }
      return;
    case "steps":
      request.step("page 1");
      request.progress(5, 10, "page 2");
      request.step("page 3");
      request.waiting(new Date(Date.UTC(2099, 0, 1, 10, 4, 12)), "the shop's quota");
      yield { sku: "A" };
      return;
    case "hang":
      yield { sku: "A" };
      request.progress(1, 0, "waiting");
      await new Promise(() => {});
      return;
    case "throw":
      yield { sku: "A" };
      throw new Error("the shop is closed", { cause: new Error("it is Sunday") });
    case "surrogate":
      yield { sku: "A", name: "half a bell: \ud83d" };
      return;
    case "wrong":
      yield { sku: "A" };
      yield { sku: "B", price: { amount: "1" } };
      return;
    case "nan":
      yield { sku: "A", price: NaN };
      return;
    case "misspelt":
      yield { sku: "A", qho: 5 };
      return;
    case "rounded":
      yield { sku: "A", qoh: 2 ** 53 };
      return;
    case "keys":
      yield { sku: "A", options: { "e\u0301": "1", "\u00e9": "2" } };
      return;
    case "currency":
      request.currency("price", "CAD");
      request.currency("qoh", "USD");
      request.unit("weight", "kg");
      request.readAt(new Date("2026-03-12T10:00:00.250Z"), "old.csv");
      request.readAt(new Date("2026-03-13T10:00:00Z"), "newer.csv");
      request.readAt(new Date(0), "none.csv");
      request.readAt(new Date(Number.NaN), "none.csv");
      yield { sku: "A", price: 1 };
      return;
    case "unreadable":
      request.unreadable("E\u0301", "line 2: it is torn");
      request.unreadable("", "line 3: it has no SKU");
      request.unreadable("\ud83d", "line 4: it has half a SKU");
      request.skipped(2);
      yield { sku: "A" };
      request.unreadable("B", "line 6: " + "\u00e9".repeat(5000));
      for (let i = 0; i < items; i++) {
        request.unreadable(`C-${i}`, "torn");
      }
      return;
    case "huge":
      yield { sku: "A", name: "x".repeat(65 << 20) };
      return;
    case "print":
      console.log("printed to stdout");
      process.stdout.write("1|1|unix|/nowhere|grpc\n");
      yield { sku: "A" };
      return;
  }
}
