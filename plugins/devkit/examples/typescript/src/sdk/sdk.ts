// What a connector imports. See main.ts for what one looks like.
//
// serve runs a connector until the host is done with it. The rest of this folder is how: settings, fields, columns (items
// as Arrow record batches), read (sending them), protocol (the messages), server (the process that the host starts). webapi is a client
// for platforms on the web, and testing is for tests.

import { status } from "@grpc/grpc-js";

import { host } from "./clock.js";
import { maxMessage, send, type ReadRequest } from "./read.js";
import { known, type Field, type FieldType, type Item } from "./fields.js";
import { protocolMinor } from "./protocol.js";
import { StatusError, debugging, run, type Calls } from "./server.js";
import { SettingError, describe, fill, setting, type Declared, type Values } from "./settings.js";

export { SettingError, known, setting };
export type { Field, FieldType, Item, ReadRequest, Values };

/** The version of the SDK, which Describe reports. */
const sdkVersion = "typescript-0.1.0";

/** Something to tell people about the platform. */
export interface Fact { name: string; value: string }

/** A configured source. The host may call its methods at the same time. */
export interface Source {
  /**
   * The fields that can be read, which may depend on the configuration. An error means that the source cannot be read as
   * it is configured.
   */
  schema(): Field[] | Promise<Field[]>;
  /**
   * Yields all items in the source's order. An error fails the whole run, which is right whenever an item may be missing:
   * half a catalogue must never look like missing items.
   */
  read(request: ReadRequest): AsyncIterable<Item>;
  /** Tries whether the platform is there and lets us in. The error says what to do. */
  check?(signal: AbortSignal): Promise<Fact[]>;
}

/** Says what a program connects to. */
export interface Connector<S extends Declared> {
  /** As in source "NAME" "..." { } */
  name: string;
  /** The connector's own, for people. */
  version: string;
  /** What it reads, in a sentence or two. */
  doc: string;
  settings: S;
  /** Makes a source of its settings. It reaches out to nothing. A mistake is a SettingError, several an AggregateError. */
  source(settings: Values<S>): Source | Promise<Source>;
}

/** Returns the connector as it is. It lets the compiler find out what its settings are. */
export function connector<S extends Declared>(c: Connector<S>): Connector<S> {
  return c;
}

/** Runs the connector. It returns at once; the process ends when the host is done with it. */
export function serve<S extends Declared>(connector: Connector<S>): void {
  let source: Source | undefined;
  const configured = () => {
    if (source === undefined) {
      throw new StatusError(status.FAILED_PRECONDITION, "the source is not configured: call Configure first");
    }
    return source;
  };
  const calls: Calls = {
    async Describe() {
      return { connector: connector.name, version: connector.version, sdk_version: sdkVersion, protocol_minor: protocolMinor,
        doc: connector.doc, settings: describe(connector.settings) };
    },
    async Configure(request: { settings: Uint8Array; read_timeout_ms: number }) {
      if (source !== undefined && !debugging) {
        throw new StatusError(status.FAILED_PRECONDITION, "the source is configured already");
      }
      host.readTimeout = request.read_timeout_ms;
      const errors: unknown[] = [];
      const settings = fill(connector.settings, parse(request.settings), errors as SettingError[]);
      if (errors.length === 0) {
        try {
          source = await connector.source(settings);
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
      return { fields: await configured().schema() };
    },
    async Read(stream) {
      const from = configured();
      await send(stream, await from.schema(), (request) => from.read(request));
    },
  };
  run(connector.name, calls, maxMessage);
}

function parse(settings: Uint8Array): { [name: string]: unknown } {
  return settings.length === 0 ? {} : JSON.parse(Buffer.from(settings).toString("utf8"));
}

function problem(err: unknown): object {
  return err instanceof SettingError ? { path: err.path, summary: err.summary, detail: err.detail }
    : { summary: err instanceof Error ? err.message : String(err) };
}
