// A connector for reconcile that reads the products of an online shop, which answers with pages of JSON.
//
// Make it yours from top to bottom: what the user sets, which fields your platform has, and how a page of it is read. What else a
// platform on the web needs, tries, limits, pages and whether all of them came, is in sdk/webapi.ts.

import { startSandbox } from "./sandbox.js";
import { SettingError, connector, known, setting, type Item, type ReadRequest, type Source } from "./sdk/sdk.js";
import { Client, at, bearer, byCursor, entries, type Entry, type Session } from "./sdk/webapi.js";

export const shop = connector({
  name: "example-shop",
  version: "0.1.0",
  doc: "Reads the products of an online shop over its JSON API.",

  // What a source block may hold.
  settings: {
    url: setting.string({ doc: "The shop's address, such as https://shop.example.com, or sandbox for a sample shop that the connector serves itself.", required: true }),
    token: setting.string({ doc: "The token of an API account that may read products.", sensitive: true }),
    rate_limit: setting.number({ doc: "How many requests a second are made at most; no bound if it is left out." }),
  },

  // Makes a source of its settings, and checks them. It does not ask the shop for anything.
  async source({ url, token, rate_limit }) {
    if (url.startsWith("sandbox")) {
      ({ url, token } = await startSandbox(url.slice("sandbox".length)));
    }
    if (!/^https?:\/\//.test(url)) {
      throw new SettingError(["url"], "The url is no web address",
        'It begins with https:// or http://. To try the connector without a shop, set url = "sandbox".');
    }
    return new Shop(new Client({ url, auth: bearer(token ?? ""), name: "the shop", rateLimit: rate_limit }));
  },
});

/**
 * The product as reconcile knows it. What is null is not known; what is absent, or of another kind, fails the read. The variants of a product, where it
 * has them within it, are p.each("variants"), and each is an item.
 */
export function itemOf(p: Entry): Item {
  return {
    sku: p.text("sku"),
    name: p.text("name"),
    price: p.number("price"),
    qoh: p.number("stock"),
    options: p.map("options"),
    id: p.text("id"),
  };
}

/** Asks for what the shop says of itself. */
async function about(session: Session): Promise<{ name: string; currency: string }> {
  const { name, currency } = await session.get("/shop", "name", "currency");
  if (typeof name !== "string" || typeof currency !== "string" || name === "" || currency === "") {
    throw new Error("GET /shop: the shop does not say what it is called, or what its prices are in");
  }
  return { name, currency };
}

export class Shop implements Source {
  constructor(readonly api: Client) {}

  /**
   * Says which fields there are. Known fields have the same name and type in every connector; others are
   * { name: "season", type: "string", doc: "..." }.
   */
  schema() {
    return known("sku", "name", "price", "qoh", "options", "id");
  }

  /** Tries the address and the token. */
  async check(signal: AbortSignal) {
    const shop = await about(this.api.session({ signal }, 3));
    return [{ name: "store", value: shop.name }, { name: "currency", value: shop.currency }];
  }

  /**
   * Yields all products, page by page. An error fails the run, which is right whenever a product may be missing.
   *
   * Each page begins after the last product of the one before. By numbered pages a product that is deleted meanwhile would
   * move another one onto a page that was read already.
   *
   * It says what the prices are in, each time: 9.95 in two currencies is not the same. Where a platform does not tell, make it a setting.
   */
  async *read(request: ReadRequest): AsyncGenerator<Item> {
    if (request.wants("price")) {
      request.currency("price", (await about(this.api.session(request))).currency);
    }
    const products = byCursor(this.api.session(request), {
      ask: at("/products", "after"),
      read: entries({ items: "products", total: "total", next: "next" }),
      key: (p) => p.text("id"),
    });
    for await (const p of products) {
      yield itemOf(p);
    }
  }
}
