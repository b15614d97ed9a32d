// What a connector imports. See main.ts for what one looks like.
//
// serve runs a connector until the host is done with it. The rest of this folder is how: settings, fields, columns (items
// as Arrow record batches), read (sending them), changes and answers (of a platform that is written to), orders (web orders that are still to be
// imported), protocol (the messages), server (the process that the host starts). webapi is a client for platforms on the web, writing makes changes of a platform, and testing and
// trials are for tests.

import { status } from "@grpc/grpc-js";

import { apply, prepare, refsOf, type ChangeStream, type Writing } from "./answers.js";
import { holds, type Applier, type Fetcher, type Value, type Writable } from "./changes.js";
import { host } from "./clock.js";
import { asNumber } from "./columns.js";
import { known, type Field, type FieldType, type Item } from "./fields.js";
import { tellOrders, type OrderReader } from "./orders.js";
import { protocolMinor } from "./protocol.js";
import { maxMessage, send, type ReadRequest, type Unit } from "./read.js";
import { debugging, run, type Calls } from "./server.js";
import { SettingError, describe, fill, setting, type Declared, type Values } from "./settings.js";
import { Mistake, StatusError, type Fact, type Source } from "./source.js";
import { variation } from "./variation.js";

export { guard, holds, isItem, type Applier, type ApplyRequest, type Change, type Cost, type Fetcher, type FetchRequest, type Kind, type Outcome,
  type Prepared, type Ref, type Value, type Writable } from "./changes.js";
export { orderNumbers, type Address, type Customer, type Order, type OrderAmount, type OrderLine, type OrderReader, type OrdersRequest,
  type Wish } from "./orders.js";
export { SettingError, known, setting, variation };
export type { Fact, Field, FieldType, Item, ReadRequest, Source, Unit, Values };

/** The version of the SDK, which Describe reports. */
const sdkVersion = "typescript-0.1.0";

interface About<S extends Declared> {
  /** As in source "NAME" "..." { } */
  name: string;
  /** The connector's own, for people. */
  version: string;
  /** What it reads, in a sentence or two. */
  doc: string;
  settings: S;
}

/** What a program says whose source tells web orders, and what any other does. */
interface TellsOrders { orders: true }
interface TellsNone { orders?: false }

/** A program that reads. */
export interface Reads<S extends Declared, T extends Source = Source> extends About<S> {
  fetches?: false;
  writable?: undefined;
  /** Makes a source of its settings. It reaches out to nothing. A mistake is a SettingError, several an AggregateError. */
  source(settings: Values<S>): T | Promise<T>;
}

/** A program that also reads single items. */
export interface Fetches<S extends Declared, T extends Fetcher = Fetcher> extends About<S> {
  fetches: true;
  writable?: undefined;
  source(settings: Values<S>): T | Promise<T>;
}

/** A program that can change its platform. */
export interface Applies<S extends Declared, T extends Applier = Applier> extends About<S> {
  fetches?: true;
  /** The fields that can be set, by name. */
  writable: Record<string, Writable>;
  source(settings: Values<S>): T | Promise<T>;
}

/** Says what a program connects to. */
export type Connector<S extends Declared> = (Reads<S> | Fetches<S> | Applies<S>) & TellsNone
  | (Reads<S, OrderReader> | Fetches<S, Fetcher & OrderReader> | Applies<S, Applier & OrderReader>) & TellsOrders;

/** Returns the connector as it is. It lets the compiler find out what its settings are. */
export function connector<S extends Declared>(c: Applies<S, Applier & OrderReader> & TellsOrders): Applies<S, Applier & OrderReader> & TellsOrders;
export function connector<S extends Declared>(c: Fetches<S, Fetcher & OrderReader> & TellsOrders): Fetches<S, Fetcher & OrderReader> & TellsOrders;
export function connector<S extends Declared>(c: Reads<S, OrderReader> & TellsOrders): Reads<S, OrderReader> & TellsOrders;
export function connector<S extends Declared>(c: Applies<S> & TellsNone): Applies<S> & TellsNone;
export function connector<S extends Declared>(c: Fetches<S> & TellsNone): Fetches<S> & TellsNone;
export function connector<S extends Declared>(c: Reads<S> & TellsNone): Reads<S> & TellsNone;
export function connector<S extends Declared>(c: Connector<S>): Connector<S> {
  return c;
}

/** Runs the connector. It returns at once; the process ends when the host is done with it. */
export function serve<S extends Declared>(connector: Connector<S>): void {
  let source: Source | undefined, applies = false, wills = new Map<string, Value>();
  const { writable, orders = false } = connector, fetches = connector.fetches || writable !== undefined;
  const configured = () => {
    if (source === undefined) {
      throw new StatusError(status.FAILED_PRECONDITION, "the source is not configured: call Configure first");
    }
    return source;
  };
  const changing = (call: (stream: ChangeStream, writing: Writing) => Promise<void>) => async (stream: ChangeStream) => {
    const from = configured();
    if (writable === undefined) {
      throw new StatusError(status.UNIMPLEMENTED, "the connector cannot change its platform");
    }
    if (!applies) {
      throw new StatusError(status.FAILED_PRECONDITION, "the source was configured to be read: there are no changes without apply in the ConfigureRequest");
    }
    await call(stream, { source: from as Applier, writable, wills });
  };
  const calls: Calls = {
    async Describe() {
      return { connector: connector.name, version: connector.version, sdk_version: sdkVersion, protocol_minor: protocolMinor,
        doc: connector.doc, settings: describe(connector.settings),
        capabilities: [...(fetches ? ["fetch"] : []), ...(writable ? ["apply"] : []), ...(orders ? ["orders"] : [])], writable: describeWritable(writable ?? {}) };
    },
    async Configure(request) {
      if (source !== undefined && !debugging) {
        throw new StatusError(status.FAILED_PRECONDITION, "the source is configured already");
      }
      host.readTimeout = request.read_timeout_ms;
      const errors: unknown[] = [];
      const settings = fill(connector.settings, parse(request.settings), errors as SettingError[], request.apply);
      if (errors.length === 0) {
        try {
          const made = await connector.source(settings);
          checkSource(made, fetches, writable !== undefined, orders);
          source = made;
          applies = request.apply;
          wills = new Map();
        } catch (err) {
          errors.push(...(err instanceof AggregateError ? err.errors : [err]));
        }
      }
      return { problems: errors.map(problem) };
    },
    async Check(_: object, signal: AbortSignal) {
      return { facts: (await configured().check?.(signal)) ?? [] };
    },
    async Schema() {
      const from = configured();
      return { fields: await from.schema(), item_page: from.itemPage?.() ?? "" };
    },
    async Read(stream) {
      const from = configured();
      await send(stream, await from.schema(), (request) => from.read(request));
    },
    async Fetch(stream) {
      const from = configured() as Fetcher;
      if (!fetches) {
        throw new StatusError(status.UNIMPLEMENTED, "the connector cannot read single items");
      }
      const items = refsOf(stream.request.items);
      await send(stream, await from.schema(), (request) => from.fetch({ ...request, items }));
    },
    Prepare: changing(prepare),
    Apply: changing(apply),
    async Orders(stream) {
      const from = configured();
      if (!orders) {
        throw new StatusError(status.UNIMPLEMENTED, "the connector cannot tell web orders");
      }
      await tellOrders(stream, from as OrderReader);
    },
  };
  run(connector.name, calls, maxMessage);
}

/** Throws where a source lacks what its connector says that it can do. */
export function checkSource(source: Source, fetches: boolean, applies: boolean, orders = false): void {
  const has = source as Partial<Applier & OrderReader>;
  const needs = [...(fetches ? ["fetch" as const] : []), ...(applies ? ["prepare" as const, "apply" as const] : []), ...(orders ? ["orders" as const] : [])];
  const lacks = needs.filter((method) => has[method] === undefined);
  if (lacks.length > 0) {
    throw new Mistake(`the source has no ${lacks.join(", ")}, which its connector says that it has`);
  }
}

function describeWritable(fields: Record<string, Writable>): object[] {
  const bound = (value: Writable["min"]) => (value === undefined ? "" : asNumber(value) ?? "");
  return Object.keys(fields).sort().map((field) => {
    const { parent, nullable, unique, guarded, late, scale, length } = fields[field];
    holds(fields[field], "number", 0); // it throws where a bound is no number
    return { field, parent, nullable, unique, guarded, late, scale, length, min: bound(fields[field].min), max: bound(fields[field].max) };
  });
}

function parse(settings: Uint8Array): { [name: string]: unknown } {
  return settings.length === 0 ? {} : JSON.parse(Buffer.from(settings).toString("utf8"));
}

function problem(err: unknown): object {
  return err instanceof SettingError ? { path: err.path, summary: err.summary, detail: err.detail }
    : { summary: err instanceof Error ? err.message : String(err) };
}
