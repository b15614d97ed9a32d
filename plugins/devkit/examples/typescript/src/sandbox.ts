// A sample shop, so that the connector can be tried without a real one. Delete this file when you have yours, and what in main.ts and shop.ts //-
// mentions it; shop.test.ts needs none of it. //-
//+ // A sample shop, so that the connector can be tried without a real one. Delete this file when you have yours, and what in main.ts, shop.ts and
//+ // writer.ts mentions it. writer.test.ts tries changes on it: give that a server that does what your platform does.
//
//   GET /shop              {"name": "Sample Lamps", "currency": "CAD"}
//   GET /products?after=0  {"products": [{"id": 1, "sku": "LAMP-1", "name": "Desk Lamp", ...}, ...], "next": 3, "total": 7}
//   GET /products?id=1&sku=LAMP-2  {"products": [...], "total": 2}: those with one of the ids or SKUs
//   PUT /products          {"products": [{"id": 1, "price": 36.50}, ...]} sets name, price or stock of at most 10; all or none
//
// sandbox:20000 is a shop of so many products, for the conformance suite; sandbox:0 is an empty one.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import sample from "./sandbox.json" with { type: "json" };

const token = "sandbox";
/** May change products, too. */
export const sandboxWriteToken = "sandbox-writes";

interface Product { id: number; sku: string; name: string; price: number; stock: number | null; options: object }

/** Serves the sample shop inside this process, which it does not keep from ending. */
export async function startSandbox(size: string): Promise<{ url: string; token: string }> {
  const server = await listen(new Sandbox(size), "127.0.0.1", 0);
  server.unref();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token };
}

/** Serves the sample shop until it is interrupted, as a shop on the network would be. */
export async function serveSandbox(address: string): Promise<never> {
  const [host, port] = address.split(":");
  await listen(new Sandbox(""), host, Number(port));
  console.log(`A sample shop at http://${address}, token "${token}", or "${sandboxWriteToken}" to change it. Control-C ends it.`);
  return new Promise(() => {});
}

function listen(shop: Sandbox, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ keepAliveTimeout: 0 }, (request, response) => void shop.answer(request, response).catch(() => response.destroy())).on("error", reject);
    server.listen(port, host, () => resolve(server));
  });
}

class Sandbox {
  private readonly products: Product[] = structuredClone(sample);
  private readonly pageSize: number = 3; // few, so that there are several pages

  constructor(size: string) {
    if (size === "") {
      return;
    }
    const count = Number(size.replace(/^:/, ""));
    if (!Number.isSafeInteger(count)) {
      throw new Error(`sandbox${size}: write sandbox, or sandbox: and a number of products`);
    }
    this.pageSize = 1000;
    this.products = Array.from({ length: count }, (_, i) => ({
      id: i + 1,
      sku: `TORCH-${i}`,
      name: `Crème brûlée torch ${i}` + (i === 0 ? " and so on".repeat(7000) : ""),
      price: i / 100,
      stock: i % 50,
      options: {},
    }));
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://shop");
    const send = (status: number, body: object) => {
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    };
    const mayWrite = request.headers.authorization === `Bearer ${sandboxWriteToken}`, asked = url.searchParams;
    if (request.headers.authorization !== `Bearer ${token}` && !mayWrite) {
      return send(401, { error: "unknown token" });
    }
    switch (`${request.method} ${url.pathname}`) {
      case "GET /shop":
        return send(200, { name: "Sample Lamps", currency: "CAD", may_write: mayWrite });
      case "GET /products": {
        if (asked.has("id") || asked.has("sku")) {
          const products = this.products.filter((p) => asked.getAll("id").includes(String(p.id)) || asked.getAll("sku").includes(p.sku));
          return send(200, { products, total: products.length });
        }
        const from = Math.max(Number(url.searchParams.get("after")), 0); // ids are 1, 2, 3, ...
        const to = Math.min(from + this.pageSize, this.products.length);
        return send(200, {
          products: this.products.slice(from, to),
          next: to < this.products.length ? to : undefined, // the last product's id
          total: this.products.length,
        });
      }
    }
    if (`${request.method} ${url.pathname}` !== "PUT /products") {
      return send(404, { error: "no such path" });
    }
    if (!mayWrite) {
      return send(403, { error: "this token may only read" });
    }
    let body = "";
    for await (const part of request.setEncoding("utf8")) {
      body += part;
    }
    const { products } = JSON.parse(body) as { products: Partial<Product>[] };
    const wrong = products.length > 10 ? `${products.length} products are more than 10` : products.map((p) => this.wrong(p)).join("");
    if (wrong !== "") {
      return send(422, { error: wrong });
    }
    for (const set of products) {
      Object.assign(this.products.find((p) => p.id === set.id)!, set);
    }
    send(200, { products });
  }

  /** Says what is wrong with what is to be set, and rounds the price. */
  private wrong(set: Partial<Product>): string {
    if (!this.products.some((p) => p.id === set.id)) {
      return `there is no product ${set.id}`;
    }
    if (set.name === "" || set.price !== undefined && !(set.price >= 0) || set.stock !== undefined && !(set.stock! >= 0)) {
      return `product ${set.id}: it cannot have ${JSON.stringify(set)}`;
    }
    if (set.price !== undefined) {
      set.price = Number(`${Math.round(Number(`${set.price}e2`))}e-2`);
    }
    return "";
  }
}
