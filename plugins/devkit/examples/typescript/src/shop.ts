// A connector for reconcile that reads the products of an online shop, which answers with pages of JSON.
//
// Make it yours from top to bottom: what the user sets, which fields your platform has, and how a page of it is read.

import { setTimeout as sleep } from "node:timers/promises";

import { startSandbox } from "./sandbox.js";
import { SettingError, connector, known, setting, type Item, type ReadRequest, type Source } from "./sdk/sdk.js";

export const shop = connector({
  name: "example-shop",
  version: "0.1.0",
  doc: "Reads the products of an online shop over its JSON API.",

  // What a source block may hold.
  settings: {
    url: setting.string({ doc: "The shop's address, such as https://shop.example.com, or sandbox for a sample shop that the connector serves itself.", required: true }),
    token: setting.string({ doc: "The token of an API account that may read products.", sensitive: true }),
  },

  // Makes a source of its settings, and checks them. It does not ask the shop for anything.
  async source({ url, token }) {
    if (url.startsWith("sandbox")) {
      ({ url, token } = await startSandbox(url.slice("sandbox".length)));
    }
    if (!/^https?:\/\//.test(url)) {
      throw new SettingError(["url"], "The url is no web address",
        'It begins with https:// or http://. To try the connector without a shop, set url = "sandbox".');
    }
    return new Shop(url.replace(/\/$/, ""), token ?? "");
  },
});

/** One product as the shop tells of it. */
interface Product {
  sku: string;
  name: string;
  price: number | null;
  stock: number | null;
  options?: Record<string, string>;
}

/** A page of products. */
interface Page {
  products: Product[];
  next?: number | null;
  total: number;
}

/**
 * Says what a page lacks; "" if nothing. A shop without products answers with an empty list: an answer without a list is
 * something else, such as a word about maintenance, and never an empty shop.
 */
function lacksOfPage(page: Partial<Page>): string {
  return !Array.isArray(page.products) ? "a list of products" : !Number.isInteger(page.total) ? "a total" : "";
}

/** What the shop says of itself. */
interface ShopInfo {
  name: string;
  currency: string;
}

function lacksOfShop(shop: Partial<ShopInfo>): string {
  return typeof shop.name !== "string" || shop.name === "" ? "a name" : "";
}

class Shop implements Source {
  constructor(private readonly url: string, private readonly token: string) {}

  /**
   * Says which fields there are. Known fields have the same name and type in every connector; others are
   * { name: "season", type: "string", doc: "..." }.
   */
  schema() {
    return known("sku", "name", "price", "qoh", "options");
  }

  /** Tries the address and the token. */
  async check(signal: AbortSignal) {
    const shop = await this.get("/shop", lacksOfShop, signal);
    return [{ name: "store", value: shop.name }, { name: "currency", value: shop.currency }];
  }

  /**
   * Yields all products, page by page. An error fails the run, which is right whenever a product may be missing.
   *
   * Each page begins after the last product of the one before. By numbered pages a product that is deleted meanwhile would
   * move another one onto a page that was read already.
   */
  async *read(request: ReadRequest): AsyncGenerator<Item> {
    let read = 0;
    for (let after = 0; ; ) {
      const path = `/products?after=${after}`;
      const answer = await this.get(path, lacksOfPage, request.signal, request.waiting);
      for (const p of answer.products) {
        read++;
        yield {
          sku: p.sku,
          name: p.name,
          price: p.price,
          qoh: p.stock,
          options: p.options,
        };
      }
      request.progress(read, answer.total, "products");
      const next = answer.next ?? undefined;
      if (next !== undefined && !(next > after)) {
        throw new Error(`GET ${path}: the shop leads back to product ${next}`);
      }
      if (next !== undefined) {
        after = next;
        continue;
      }
      if (read !== answer.total) {
        throw new Error(`the shop has ${answer.total} products, but its pages held ${read}: the catalogue changed while it was read; run again`);
      }
      return;
    }
  }

  /**
   * Asks the shop for a path and reads its answer. lacks says what the answer lacks. A shop that is busy is asked again,
   * five times in all. waiting is told how long that takes, which the host would count as silence otherwise.
   */
  private async get<Answer>(path: string, lacks: (answer: Partial<Answer>) => string, signal: AbortSignal,
    waiting?: ReadRequest["waiting"]): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.ask(path, lacks, signal);
      if ("value" in answer) {
        return answer.value;
      }
      if (answer.wait === undefined || answer.wait > 60 || attempt === 5) {
        throw new Error(`GET ${path}: ${answer.problem}`);
      }
      waiting?.(new Date(Date.now() + answer.wait * 1000), "the busy shop");
      await sleep(answer.wait * 1000, undefined, { signal });
    }
  }

  /** Asks once. With a problem it says how many seconds to wait before asking again, where that would help. */
  private async ask<Answer>(path: string, lacks: (answer: Partial<Answer>) => string, signal: AbortSignal):
    Promise<{ value: Answer } | { problem: string; wait?: number }> {
    let response: Response;
    try {
      response = await fetch(this.url + path, { signal, headers: { Authorization: `Bearer ${this.token}` } });
    } catch (err) {
      signal.throwIfAborted();
      const { cause } = err as Error;
      return { problem: `the shop does not answer: ${cause instanceof Error ? cause.message : err}`, wait: 1 };
    }
    const said = `the shop answered ${response.status} ${response.statusText}`;
    if (response.status === 401 || response.status === 403) {
      return { problem: `${said}: check the token, and that its account may read products` };
    }
    if (response.status === 429 || response.status >= 500) {
      return { problem: said, wait: Number(response.headers.get("Retry-After") ?? 1) || 0 };
    }
    if (response.status !== 200) {
      return { problem: said };
    }
    let body: string;
    try {
      body = await response.text();
    } catch (err) {
      signal.throwIfAborted();
      return { problem: `the shop's answer breaks off: ${(err as Error).message}`, wait: 1 };
    }
    const begins = `it begins with ${JSON.stringify(body.slice(0, 60))}`;
    let answer: unknown;
    try {
      answer = JSON.parse(body); // all of it: one JSON value and nothing behind it
    } catch (err) {
      return { problem: `the shop's answer is not the JSON that was expected: ${(err as Error).message}; ${begins}` };
    }
    if (typeof answer !== "object" || answer === null || Array.isArray(answer)) {
      return { problem: `the shop's answer is not the JSON object that was expected; ${begins}` };
    }
    const missing = lacks(answer as Partial<Answer>);
    if (missing !== "") {
      return { problem: `the shop's answer lacks ${missing}, and ${begins}: see whether url is that of its API, and whether the shop is open` };
    }
    return { value: answer as Answer };
  }
}
