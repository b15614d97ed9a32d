// A connector for a platform on the web, which gives a token for a login, and its wares page by page. docs/plugins.md shows it.

import { connector, known, setting } from "../src/sdk/sdk.js";
import { Client, byCursor, login, members, type Amount } from "../src/sdk/webapi.js";

interface Ware { id: string; no: string; label: string; price: Amount; stock: Amount; form: Record<string, string> }

export const kiln = connector({
  name: "kiln",
  version: "1.0.0",
  doc: "Reads the wares of a Kiln shop.",
  settings: {
    url: setting.string({ doc: "The shop's address.", required: true }),
    user: setting.string({ doc: "An account that may read wares.", required: true }),
    password: setting.string({ doc: "Its password.", required: true, sensitive: true }),
  },
  source({ url, user, password }) {
    const api = new Client({ url, name: "Kiln", auth: login("/api/session", { user, password }, "token", "X-Kiln-Session", "") });
    return {
      schema: () => known("sku", "name", "price", "qoh", "options"),
      async check(signal) {
        const shop = await api.session({ signal }, 3).get("/api/shop", "name");
        return [{ name: "store", value: String(shop.name) }];
      },
      async *read(request) {
        const wares = byCursor<Ware>(api.session(request), {
          ask: (cursor) => ({ path: "/api/wares", query: { cursor } }),
          read: members({ items: "wares", total: "total", next: "cursor", each: ["id", "no", "label", "price", "stock", "form"] }),
          key: (w) => w.id,
        });
        for await (const w of wares) {
          yield { sku: w.no, name: w.label, price: w.price, qoh: w.stock, options: w.form };
        }
      },
    };
  },
});
