// What tests of a connector need, for node:test. Nothing of it is in the finished connector.
//
// readItems reads a source in the test's own process, and does not wait where the connector would: the clock goes on by itself. Of the
// platform there are replay, which records what a real one answers and plays it, catalogue, which makes items up, and faulty and
// survivesFaults, which spoil answers.

import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { clock } from "./clock.js";
import { Batch, asText } from "./columns.js";
import type { Field, Item } from "./fields.js";
import type { Connector, ReadRequest } from "./sdk.js";
import { fill, type Declared, type SettingError } from "./settings.js";

export { replay, type Platform } from "./replay.js";

/** A test as node:test hands it to its function, or what is like it. */
export interface Test {
  after(clean: () => void | Promise<void>): void;
}

/** What a read gave. */
export interface Result {
  /** Each has all fields that were asked for. A number is a number where that has all its digits, and text otherwise; null is unknown. */
  items: Record<string, unknown>[];
  warnings: string[];
  /** What it waited for. */
  waits: string[];
  /** The SKUs of items that could not be read, and how many rows there were whose SKU could not be read either. */
  unreadable: string[];
  skipped: number;
  currencies: Record<string, string>;
  units: Record<string, string>;
  /** When the data were so, and of which file that is, where the connector says it. */
  readAt?: Date;
  file?: string;
  /** The numbers of the web orders whose units are in the field pending. */
  counted: string[];
}

/** Configures a source and reads these fields; all of its schema if none are given. It rejects where the read fails. */
export async function readItems<S extends Declared>(connector: Connector<S>, settings: Record<string, unknown>, ...fields: string[]): Promise<Result> {
  skipWaits();
  const mistakes: SettingError[] = [];
  const values = fill(connector.settings, settings, mistakes);
  if (mistakes.length > 0) {
    throw mistakes.length === 1 ? mistakes[0] : new AggregateError(mistakes, mistakes.map((m) => m.message).join("; "));
  }
  const source = await connector.source(values);
  const offered = await source.schema();
  const asked = fields.length === 0 ? offered : fields.map((name) => {
    const field = offered.find((f) => f.name === name);
    if (field === undefined) {
      throw new Error(`schema offers no field "${name}", but: ${offered.map((f) => f.name).join(", ")}`);
    }
    return field;
  });
  const result: Result = { items: [], warnings: [], waits: [], unreadable: [], skipped: 0, currencies: {}, units: {}, counted: [] };
  const batch = new Batch(asked, offered); // it knows what is no value
  for await (const item of source.read(requestOf(asked, result))) {
    batch.add(item, result.items.length + 1);
    result.items.push(Object.fromEntries(asked.map((f) => [f.name, valueOf(f, item)])));
  }
  return result;
}

let now = Date.now();

/** Has the SDK's clock stand still, but for what is waited: that passes at once. */
export function skipWaits(): void {
  clock.now = () => now;
  clock.sleep = async (ms, signal) => {
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    now += ms;
  };
}

function requestOf(asked: Field[], result: Result): ReadRequest {
  return {
    fields: asked.map((f) => f.name),
    wants: (field) => asked.some((f) => f.name === field),
    signal: new AbortController().signal,
    progress: () => {},
    step: () => {},
    waiting: (_, why) => { result.waits.push(why); },
    currency: (field, code) => { result.currencies[field] = code; },
    unit: (field, unit) => { result.units[field] = unit; },
    readAt: (at, file) => {
      if (result.readAt === undefined || at < result.readAt) {
        result.readAt = at;
        result.file = file;
      }
    },
    unreadable: (sku) => { result.unreadable.push(sku); },
    skipped: (rows) => { result.skipped += rows; },
    counted: (...ids) => { result.counted.push(...ids); },
    warn: (text) => { result.warnings.push(text); },
  };
}

function valueOf(field: Field, item: Item): unknown {
  const value = Object.hasOwn(item, field.name) ? item[field.name] : undefined;
  switch (field.type) {
    case "string": return asText(value);
    case "number": return value === undefined || value === null || value === "" ? null : numberOf(String(value));
    case "bool": return value ?? null;
    case "list(string)": return ((value ?? []) as string[]).map(asText);
    case "map(string)": return Object.fromEntries(Object.entries(value ?? {}).map(([k, v]) => [asText(k), asText(v)]));
  }
}

function numberOf(text: string): number | string {
  const short = text.includes(".") && !/e/i.test(text) ? text.replace(/\.?0+$/, "") : text;
  const number = Number(short);
  return String(number) === short || /e/i.test(short) ? number : short;
}

/**
 * Returns n made-up items, the same each time, with what connectors stumble over: letters beyond ASCII, a long name, prices with a
 * last digit 0, unknown stock, variants with options, an item without a brand. A test gives them the shape that its platform
 * answers with.
 */
export function catalogue(n: number) {
  return Array.from({ length: n }, (_, i) => {
    const kind = i % 10, parent = kind === 5 || kind === 6;
    return {
      id: String(1000 + i),
      sku: `TORCH-${String(i).padStart(4, "0")}`,
      name: `Crème brûlée torch ${i}` + (kind === 0 ? " and so on".repeat(100) : ""),
      brand: kind === 3 ? "" : "Åkesson",
      price: kind === 7 ? null : `${Math.floor(i / 10)}.${String(kind * 10).padStart(2, "0")}`,
      qoh: kind === 4 ? null : i % 50,
      options: (parent ? { Größe: String(kind), Colour: "Red" } : {}) as Record<string, string>,
      parent_sku: parent ? `TORCH-${String(i - kind).padStart(4, "0")}` : "",
    };
  });
}

/** Serves a platform of the test's own until the test ends, and returns its address. */
export async function serve(t: Test, platform: RequestListener): Promise<string> {
  const server = createServer({ keepAliveTimeout: 0 }, platform); // it closes no connection that is just being used again
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What a platform has answered. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** Asks the platform at an address for what was requested here. */
export async function ask(platform: string, request: IncomingMessage, body: Buffer): Promise<Answer> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (!["host", "connection", "content-length", "accept-encoding", "transfer-encoding"].includes(name)) {
      headers.set(name, String(value));
    }
  }
  const response = await fetch(platform + request.url, { method: request.method, headers, redirect: "manual",
    body: body.length > 0 ? new Uint8Array(body) : undefined });
  const answered = Object.fromEntries([...response.headers].filter(([name]) =>
    !["content-length", "content-encoding", "transfer-encoding", "connection", "keep-alive"].includes(name)));
  return { status: response.status, headers: answered, body: Buffer.from(await response.arrayBuffer()) };
}

/** Reads a request's body. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) {
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}

export function give(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, answer.headers).end(answer.body);
}

/** How some platforms write an address in JSON. */
const slashed = (url: string) => url.replaceAll("/", "\\/");

/** Answers a request in a platform's place. next asks the platform; before is its answer to the request before this one. */
export type Fault = (response: ServerResponse, next: () => Promise<Answer>, before: Answer | undefined) => void | Promise<void>;

/** A fault that answers with that status and body, and says that one may ask again at once. */
export const says = (status: number, body = "", type = "application/json"): Fault => (response) =>
  give(response, { status, headers: { "content-type": type, "retry-after": "0" }, body: Buffer.from(body) });

/** The faults that there are besides says. */
export const faults = {
  /** Too many requests. */
  busy: says(429),
  /** Something went wrong inside. */
  broken: says(500),
  /** A page for people, as shops show that are being repaired. */
  page: says(200, "<html><body>We are back soon.</body></html>", "text/html"),
  /** An object that has nothing in it. */
  nothing: says(200, "{}"),
  null: says(200, "null"),
  empty: says(200),
  denied: says(401),
  missing: says(404),
  /** The answer breaks off in the middle. */
  cut: (async (response, next) => {
    const answer = await next();
    response.writeHead(answer.status, { ...answer.headers, "content-length": answer.body.length });
    response.flushHeaders();
    response.write(answer.body.subarray(0, answer.body.length >> 1));
    setImmediate(() => response.destroy());
  }) as Fault,
  /** The answer to the request before, once more: a page twice. */
  again: (async (response, next, before) => give(response, before ?? await next())) as Fault,
};

/** The platform's answer, but so many milliseconds later. */
export const slow = (by: number): Fault => async (response, next) => {
  const answer = await next();
  await new Promise((resolve) => setTimeout(resolve, by));
  give(response, answer);
};

/**
 * Serves the platform at an address with faults on order: spoilt says what becomes of which request, counted from 1. The others are
 * answered as the platform does. It returns the address, and how many requests there were.
 */
export async function faulty(t: Test, platform: string, spoilt: Record<number, Fault>): Promise<{ url: string; requests: () => number }> {
  let requests = 0, before: Answer | undefined, here = "";
  const url = here = await serve(t, async (request, response) => {
    const number = ++requests;
    const body = await bodyOf(request);
    const next = async () => {
      const answer = await ask(platform, request, body);
      return { ...answer, body: Buffer.from(answer.body.toString("latin1").replaceAll(platform, here).replaceAll(slashed(platform), slashed(here)), "latin1") };
    };
    try {
      if (spoilt[number] !== undefined) {
        await spoilt[number](response, next, before);
        return;
      }
      before = await next();
      give(response, before);
    } catch (err) {
      give(response, { status: 502, headers: {}, body: Buffer.from(String(err)) });
    }
  });
  return { url, requests: () => requests };
}

/** How many of the requests of a read survivesFaults spoils. */
const most = 6;

/**
 * Holds a connector to its one duty: all items, or an error. It reads the platform at an address well, and then again with each fault
 * in each of its first requests; read configures the source with an address, and reads it. It rejects, and says why, where a read
 * ends well with other items than the first.
 */
export async function survivesFaults(t: Test, platform: string, read: (url: string) => Promise<Result>): Promise<void> {
  const well = await faulty(t, platform, {});
  const want = (await read(well.url)).items;
  if (want.length === 0) {
    throw new Error("the platform has no items, so that nothing can be missing: serve some");
  }
  const wrong: string[] = [];
  const spoilt: Promise<void>[] = [];
  for (const [name, fault] of Object.entries(faults)) {
    for (let n = 1; n <= Math.min(well.requests(), most); n++) {
      spoilt.push((async () => {
        const { url } = await faulty(t, platform, { [n]: fault });
        const got = await read(url).catch(() => undefined);
        if (got !== undefined && JSON.stringify(got.items) !== JSON.stringify(want)) {
          wrong.push(`${name} in request ${n}: the read ends well with ${got.items.length} items, and there are ${want.length}`);
        }
      })());
    }
  }
  await Promise.all(spoilt);
  if (wrong.length > 0) {
    throw new Error(`throw an error wherever an item may be missing:\n  ${wrong.sort().join("\n  ")}`);
  }
}
