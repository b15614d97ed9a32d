// A sample shop, so that the connector can be tried without a real one. Delete this file when you have yours.
//
//   GET /shop              {"name": "Sample Lamps", "currency": "CAD"}
//   GET /products?after=0  {"products": [{"id": 1, "sku": "LAMP-1", "name": "Desk Lamp", ...}, ...], "next": 3, "total": 7}
//
// sandbox:20000 is a shop of so many products, for the conformance suite; sandbox:0 is an empty one.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import sample from "./sandbox.json" with { type: "json" };

const token = "sandbox";

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
  console.log(`A sample shop at http://${address}, token "${token}". Control-C ends it.`);
  return new Promise(() => {});
}

function listen(shop: Sandbox, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((request, response) => shop.answer(request, response)).on("error", reject);
    server.listen(port, host, () => resolve(server));
  });
}

class Sandbox {
  private readonly products: object[] = sample;
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
    }));
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://shop");
    const send = (status: number, body: object) => {
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${token}`) {
      return send(401, { error: "unknown token" });
    }
    switch (url.pathname) {
      case "/shop":
        return send(200, { name: "Sample Lamps", currency: "CAD" });
      case "/products": {
        const from = Math.max(Number(url.searchParams.get("after")), 0); // ids are 1, 2, 3, ...
        const to = Math.min(from + this.pageSize, this.products.length);
        return send(200, {
          products: this.products.slice(from, to),
          next: to < this.products.length ? to : undefined, // the last product's id
          total: this.products.length,
        });
      }
    }
    send(404, { error: "no such path" });
  }
}
