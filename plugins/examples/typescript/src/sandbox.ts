// A sample shop, so that the connector can be tried without a real one. Delete this file when you have yours.
//
//   GET /shop            {"name": "Sample Lamps", "currency": "CAD"}
//   GET /products?page=1 {"products": [{"sku": "LAMP-1", "name": "Desk Lamp", ...}], "pages": 3, "total": 7}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import products from "./sandbox.json" with { type: "json" };

const token = "sandbox";
const pageSize = 3; // few, so that there are several pages

/** Serves the sample shop inside this process. */
export async function startSandbox(): Promise<{ url: string; token: string }> {
  const { port } = await listen("127.0.0.1", 0);
  return { url: `http://127.0.0.1:${port}`, token };
}

/** Serves the sample shop until it is interrupted, as a shop on the network would be. */
export async function serveSandbox(address: string): Promise<never> {
  const [host, port] = address.split(":");
  await listen(host, Number(port));
  console.log(`A sample shop at http://${address}, token "${token}". Control-C ends it.`);
  return new Promise(() => {});
}

function listen(host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const server = createServer(answer).on("error", reject);
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

function answer(request: IncomingMessage, response: ServerResponse): void {
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
      const from = (Math.max(Number(url.searchParams.get("page")), 1) - 1) * pageSize;
      return send(200, {
        products: products.slice(from, from + pageSize),
        pages: Math.ceil(products.length / pageSize),
        total: products.length,
      });
    }
  }
  send(404, { error: "no such path" });
}
