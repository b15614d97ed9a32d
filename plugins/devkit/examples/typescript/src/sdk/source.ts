// What a connector's source is, and the errors that it may throw.

import { status } from "@grpc/grpc-js";

import type { Field, Item } from "./fields.js";
import type { ReadRequest } from "./read.js";

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
  /**
   * The address of the page on the platform where people see and change an item, https or http, with the names of fields in
   * braces behind its host: https://shop.example/admin/products/{id}/edit. Each is a string or a number. The host puts an item's values in and
   * shows a link; of an item that lacks one it shows none. The fields are read with all items. Never put a secret in.
   */
  itemPage?(): string;
  /** Tries whether the platform is there and lets us in. The error says what to do. */
  check?(signal: AbortSignal): Promise<Fact[]>;
}

/** An error with a gRPC status of its own. That of any other is UNKNOWN. */
export class StatusError extends Error {
  constructor(readonly code: status, message: string) {
    super(message);
  }
}

/** An error that is the connector's own: it broke a rule of this SDK, whatever the platform has. The host says so. */
export class Mistake extends StatusError {
  constructor(message: string) {
    super(status.INTERNAL, message);
  }
}
