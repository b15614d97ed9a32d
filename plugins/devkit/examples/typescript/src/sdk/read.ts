// Read: the connector's items become batches, at the pace at which the host takes them.

import { status, type ServerWritableStream } from "@grpc/grpc-js";

import { Batch, asText } from "./columns.js";
import type { Field, Item } from "./fields.js";
import { Mistake, StatusError } from "./source.js";

// A batch is sent when it has this many items or bytes, whichever comes first.
const batchItems = 8192, batchBytes = 1 << 20;

/** The largest message that a host takes. */
export const maxMessage = 64 << 20;

/** The longest text that a host shows. What is cut off is lost. */
const maxText = 4096;

// Items that could not be read are sent when so many wait.
const maxUnreadable = 1000;

// Numbers of orders are sent when so many wait.
const maxNumbers = 10_000;

// The first year in which a file's time is taken for one: programs that do not know a time write 1970 or 1980.
const firstYear = 1981;

/** The longest text that can be a SKU. */
const maxSKU = 4096;

/** What a connector can say while it works, and when it has to stop. */
export interface Told {
  /** Ends when nobody waits for it any more: hand it to fetch. */
  readonly signal: AbortSignal;
  /**
   * Tells a person how far it is: items of total (0 if it is not known) and what is being done. It also shows the
   * host that the connector gets on, but only if a number is another than the last time: call it, or step, wherever
   * minutes may pass between two items.
   */
  progress(items: number, total?: number, text?: string): void;
  /**
   * Tells a person what is being done, and counts it: it shows the host that the connector gets on although there are no
   * new items, because it has made a request, say. Do not call it from a clock: a read that hangs must come to an end.
   */
  step(text: string): void;
  /**
   * Tells a person, and the host, that the connector waits for the platform until then, and for what: "the shop's quota".
   * The wait does not count as silence, as long as it is not more than 15 minutes in a row. If the platform asks to wait
   * for longer, throw an error that says so.
   */
  waiting(until: Date, why: string): void;
  /** Tells people something about the data that is no reason to stop. It is shown with the report. */
  warn(text: string): void;
}

const units = ["mg", "g", "kg", "t", "oz", "lb", "mm", "cm", "m", "in", "ft", "yd"] as const;

/** What weights and lengths are in. */
export type Unit = (typeof units)[number];

/** What the host asks for. */
export interface ReadRequest extends Told {
  /** The fields to hand over; others are ignored. */
  readonly fields: readonly string[];
  /** Whether the field was asked for. */
  wants(field: string): boolean;
  /**
   * Says what the amounts of a number field are in, where the platform tells: an ISO 4217 code, such as "CAD". The host
   * compares no amounts of currencies that exclude each other. Amounts of which nothing is said fit any.
   */
  currency(field: string, code: string): void;
  /**
   * Says what the weights or lengths of a number field are in, where it is known. The host compares no values of two units as they are;
   * those of which nothing is said fit any.
   */
  unit(field: string, unit: Unit): void;
  /**
   * Says that the data are as they were at that time, which is before this read: of a file, when it was last changed. file is then its
   * path, as the settings have it. The report tells people how old the data are, and that the file is to be written anew. If it is called
   * several times, the earliest time counts: data are as old as their oldest part. A time that cannot be, because it is before 1981 or
   * after the read has begun, is ignored. Without a time the data are as they were when the read began.
   */
  readAt(at: Date, file?: string): void;
  /**
   * Tells of an item that the source has but that cannot be read. Use it if a setting allows the read to go on, and do not
   * yield the item. The reason should name the place, such as a row. The report then lists the item with the reason, and
   * does not say that it is missing here. If the SKU cannot be read either ("", or no text), the item counts as skipped.
   */
  unreadable(sku: string, reason: string): void;
  /**
   * Tells of rows that are items of the source but are left out because not even their SKUs can be read. An item that
   * seems to be missing here may be one of them; the report says so.
   */
  skipped(rows: number): void;
  /** Tells the numbers of web orders whose units are in the field pending, each once. Where nobody asks for them, nothing is done: see OrderReader. */
  counted(...ids: string[]): void;
}

type Stream = ServerWritableStream<{ fields: string[]; counted?: boolean }, object>;

/** Reads all items and sends them. It rejects where an item may be missing. */
export async function send(stream: Stream, offered: Field[], read: (r: ReadRequest) => AsyncIterable<Item>): Promise<void> {
  const asked = stream.request.fields.map((name) => {
    const field = offered.find((f) => f.name === name);
    if (field === undefined) {
      throw new StatusError(status.INVALID_ARGUMENT, `there is no field "${name}"; there are: ${offered.map((f) => f.name).join(", ")}`);
    }
    return field;
  });
  const abort = new AbortController();
  const cancel = () => abort.abort(new StatusError(status.CANCELLED, "the host has called off the read"));
  stream.on("cancelled", cancel).on("close", cancel);
  const began = Date.now();
  let dataTime = began, dataFile = "";
  let items = 0, held = false; // held: the host has not taken yet what was sent
  const write = async (message: object) => {
    abort.signal.throwIfAborted();
    if (!stream.write(message)) {
      held = true;
      await drained(stream, abort.signal);
      held = false;
    }
  };
  const batch = new Batch(asked, offered);
  const currencies: { [field: string]: string } = {};
  const inUnits: { [field: string]: string } = {};
  const flush = async () => {
    const arrow = batch.take();
    if (arrow.length > maxMessage - 1024) {
      throw new Error(`item ${items} has about ${arrow.length >> 20} MiB, more than a message takes (${maxMessage >> 20} MiB)`);
    }
    await write({ batch: { arrow } });
  };
  let unreadable = 0, skipped = 0, counted = 0;
  let orders: string[] = [];
  let unread: { sku: string; reason: string }[] = [];
  const told = { items: 0, total: 0, steps: 0 };
  // What is only news is left out while the host is busy: it waits for nothing then.
  const tell = (text: string) => { if (!held && !abort.signal.aborted) stream.write({ progress: { ...told, text } }); };
  const request: ReadRequest = {
    fields: asked.map((f) => f.name),
    wants: (field) => asked.some((f) => f.name === field),
    signal: abort.signal,
    progress: (n, total = 0, text = "") => {
      told.items = n;
      told.total = total;
      tell(text);
    },
    step: (text) => {
      told.steps++;
      tell(text);
    },
    waiting: (until, why) => { if (!abort.signal.aborted) stream.write({ waiting: { until: timestamp(until.getTime()), why } }); },
    currency: (field, code) => {
      if (offered.find((f) => f.name === field)?.type !== "number") {
        throw new Mistake(`schema offers no number "${field}" that could have a currency`);
      }
      if ((currencies[field] ?? code) !== code) {
        throw new Error(`the currency of field "${field}" is said to be ${currencies[field]} and ${code}: the amounts of one field are of one currency`);
      }
      currencies[field] = code;
    },
    unit: (field, unit) => {
      if (offered.find((f) => f.name === field)?.type !== "number") {
        throw new Mistake(`schema offers no number "${field}" that could have a unit`);
      }
      if (!units.includes(unit)) {
        throw new Mistake(`the unit of field "${field}": "${unit}" is none that is known: give one of ${units.join(", ")}`);
      }
      if ((inUnits[field] ?? unit) !== unit) {
        throw new Error(`the unit of field "${field}" is said to be ${inUnits[field]} and ${unit}: the values of one field are in one unit`);
      }
      inUnits[field] = unit;
    },
    readAt: (at, file = "") => {
      if (at.getUTCFullYear() >= firstYear && at.getTime() < dataTime) {
        dataTime = at.getTime();
        dataFile = String(file).toWellFormed();
      }
    },
    unreadable: (sku, reason) => {
      if (typeof sku !== "string" || sku === "" || !sku.isWellFormed() || Buffer.byteLength(sku) > maxSKU) {
        skipped++;
        return;
      }
      unreadable++;
      unread.push({ sku: asText(sku), reason: shortened(reason) });
      if (unread.length >= maxUnreadable && !abort.signal.aborted) {
        stream.write({ unreadable: { items: unread } });
        unread = [];
      }
    },
    skipped: (rows) => { skipped += Math.max(0, Math.trunc(rows)); },
    counted: (...ids) => {
      for (const id of stream.request.counted ? ids : []) {
        counted++;
        orders.push(asText(id));
        if (orders.length >= maxNumbers && !abort.signal.aborted) {
          stream.write({ counted: { orders } });
          orders = [];
        }
      }
    },
    warn: (text) => { if (!abort.signal.aborted) stream.write({ warning: { text } }); },
  };
  const iterator = read(request)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await unlessAborted(iterator.next(), abort.signal);
      if (next.done) {
        break;
      }
      batch.add(next.value, ++items);
      if (batch.length >= batchItems || batch.size >= batchBytes) {
        await flush();
      }
    }
    if (batch.length > 0) {
      await flush();
    }
  } catch (err) {
    Promise.resolve(iterator.return?.()).catch(() => {}); // let it clean up; its own troubles come too late to matter
    throw err;
  }
  if (unread.length > 0) {
    await write({ unreadable: { items: unread } });
  }
  if (orders.length > 0) {
    await write({ counted: { orders } });
  }
  const wanted = (told: { [field: string]: string }) => Object.fromEntries(Object.entries(told).filter(([field]) => request.wants(field)));
  await write({ done: { items, read_at: timestamp(dataTime), file: dataFile, unreadable, skipped, currencies: wanted(currencies), units: wanted(inUnits), counted } });
  stream.end();
}

/** Cuts a text that is longer than a host shows. */
function shortened(text: string): string {
  const bytes = Buffer.from(String(text).toWellFormed());
  return bytes.length <= maxText ? bytes.toString() : bytes.subarray(0, maxText - 3).toString().replace(/\ufffd$/u, "");
}

export function timestamp(ms: number): object {
  return { seconds: Math.floor(ms / 1000), nanos: Math.floor(ms % 1000 * 1e6) }; // a file's time has fractions of milliseconds
}

/** Waits until the host takes more. */
export function drained(stream: { once(event: "drain", called: () => void): unknown }, signal: AbortSignal): Promise<void> {
  return unlessAborted(new Promise<void>((resolve) => stream.once("drain", resolve)), signal);
}

/** Waits for the promise, but no longer than until the signal. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) {
      promise.catch(() => {});
      return stop();
    }
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
