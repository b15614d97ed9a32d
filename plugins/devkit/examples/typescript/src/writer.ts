// How the shop is changed by reconcile apply. sdk/writing.ts does what every platform needs: it looks before it writes and afterwards, and
// says what became of each change. Here stands what only this shop knows.

import { sandboxWriteToken } from "./sandbox.js";
import { connector, isItem, setting, type Applier, type ApplyRequest, type Change, type FetchRequest, type Item, type Outcome, type Prepared,
  type Ref, type Value } from "./sdk/sdk.js";
import { Client, bearer, entries, type Entry, type Session } from "./sdk/webapi.js";
import { applyTo, prepareFor, type Platform } from "./sdk/writing.js";
import { Shop, itemOf, shop } from "./shop.js";

/** How the shop takes values. Plans count on it. */
const writable = {
  name: { length: 200 },
  price: { scale: 2, min: 0 },
  qoh: { scale: 0, min: 0 },
};

/** What the shop calls the fields that can be set. */
const memberOf: Record<string, string> = { name: "name", price: "price", qoh: "stock" };

/** How many products a request reads or sets at most. */
const atOnce = 10;

export const writer = connector({
  ...shop,
  settings: {
    ...shop.settings,
    write_token: setting.string({ doc: "The token of an API account that may change products. Only reconcile apply and revert get it.", sensitive: true, apply: true }),
  },
  fetches: true,
  writable,
  async source({ write_token, ...settings }) {
    const { api } = (await shop.source(settings)) as Shop;
    const token = settings.url.startsWith("sandbox") ? sandboxWriteToken : write_token;
    return new Writer(api, token === undefined ? undefined : new Client({ ...api.config, auth: bearer(token) }));
  },
});

class Writer extends Shop implements Applier {
  /** writes is undefined in a process that is to read. */
  constructor(api: Client, private readonly writes: Client | undefined) {
    super(api);
  }

  /** Tries both tokens. */
  override async check(signal: AbortSignal) {
    const facts = await super.check(signal);
    if (this.writes === undefined) {
      return facts;
    }
    const shop = await this.writes.session({ signal }, 3).get("/shop", "may_write");
    if (shop.may_write !== true) {
      throw new Error("the write_token may only read: take that of an account that may change products");
    }
    return [...facts, { name: "may write", value: "yes" }];
  }

  /** Reads single products anew. */
  async *fetch(request: FetchRequest): AsyncGenerator<Item> {
    for (const p of await this.find(this.api.session(request), request.items)) {
      yield itemOf(p);
    }
  }

  /** Asks for the products with these ids, or where a ref has none with these SKUs. */
  private async find(session: Session, refs: readonly Ref[]): Promise<Entry[]> {
    const all: Entry[] = [], read = entries({ items: "products", total: "total" });
    for (let i = 0; i < refs.length; i += atOnce) {
      const asked = new URLSearchParams(refs.slice(i, i + atOnce).map(({ id, sku }): [string, string] => (id !== "" ? ["id", id] : ["sku", sku])));
      all.push(...await session.do({ path: `/products?${asked}` }, (answer) => {
        const page = read(answer);
        if (page.items.length !== page.total) {
          throw new Error("it does not have all products that it announces");
        }
        return page.items;
      }));
    }
    return all;
  }

  /** Says what the shop would make of changes. It writes nothing. */
  prepare(request: ApplyRequest, answer: (prepared: Prepared) => void) {
    return prepareFor(this.platform(), request, answer);
  }

  /** Makes changes. */
  apply(request: ApplyRequest, answer: (outcome: Outcome) => void) {
    return applyTo(this.platform(), request, answer);
  }

  /** How the shop is changed by one call. */
  private platform(): Platform {
    const ids = new Map<string, unknown>(); // of products, by the keys of the changes that they were looked at for
    const isOf = (p: Entry, { item }: Change) => isItem(item, { id: p.text("id"), sku: p.text("sku") });
    return {
      writable,
      atOnce,
      look: async (changes, teller) => {
        const products = await this.find(this.api.session(teller), changes.map((c) => c.item)), now = new Map<string, Value>();
        for (const c of changes) {
          const [product, ...more] = products.filter((p) => isOf(p, c));
          if (product !== undefined && more.length === 0) { // otherwise there is none, or nobody knows which of several is meant
            ids.set(c.key, product.get("id"));
            now.set(c.key, itemOf(product)[c.field] as Value);
          }
        }
        return now;
      },
      set: async (changes, teller, until) => {
        if (this.writes === undefined) {
          throw new Error("there is no write_token: set it to the token of an account that may change products");
        }
        const products = changes.map((c) => ({ id: ids.get(c.key), [memberOf[c.field]]: c.desired }));
        await this.writes.session(teller).do({ method: "PUT", path: "/products", body: { products }, until }, () => {});
      },
    };
  }
}
