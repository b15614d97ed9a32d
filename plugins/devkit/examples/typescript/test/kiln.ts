// A connector for a platform on the web, which gives a token for a login, and page by page its wares, of which each comes in several forms.
// docs/plugins.md shows it.

import { connector, known, setting } from "../src/sdk/sdk.js";
import { Client, at, byCursor, entries, login } from "../src/sdk/webapi.js";

export const kiln = connector({
  name: "kiln",
  version: "1.0.0",
  doc: "Reads the wares of a Kiln shop.",
  settings: {
    url: setting.string({ doc: "The shop's address.", required: true }),
    user: setting.string({ doc: "An account that may read wares.", required: true }),
    password: setting.string({ doc: "Its password.", required: true, sensitive: true }),
    currency: setting.string({ doc: "What the shop's prices are in, such as CAD: it does not say.", required: true }),
  },
  source({ url, user, password, currency }) {
    const api = new Client({ url, name: "Kiln", auth: login("/api/session", { user, password }, "token", "X-Kiln-Session", "") });
    return {
      schema: () => known("sku", "name", "price", "qoh", "options"),
      async check(signal) {
        const shop = await api.session({ signal }, 3).get("/api/shop", "name");
        return [{ name: "store", value: String(shop.name) }];
      },
      async *read(request) {
        request.currency("price", currency);
        const wares = byCursor(api.session(request), {
          ask: at("/api/wares", "cursor"),
          read: entries({ items: "wares", total: "total", next: "cursor" }),
          key: (w) => w.text("id"),
        });
        for await (const w of wares) {
          for (const form of w.each("forms")) {
            yield { sku: form.text("no"), name: w.text("label"), price: form.number("price"), qoh: form.sum("shelves", "pieces"),
              options: form.options("traits", "trait", "value") };
          }
        }
      },
    };
  },
});
