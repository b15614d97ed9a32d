// Web orders that the point of sale has still to import: those whose units the field pending counts. reconcile orders export writes them to a
// file. A connector that can tell them says orders: true.

import type { ServerWritableStream } from "@grpc/grpc-js";

import { tellTo } from "./answers.js";
import { asNumber, asText } from "./columns.js";
import { compare } from "./decimal.js";
import { drained, timestamp, unlessAborted, type Told } from "./read.js";
import { Mistake, type Source } from "./source.js";

/** An amount or a quantity: a number, or text where that keeps more digits. What is left out, null or "" is not known. */
export type OrderAmount = number | bigint | string | null;

/** A web order. */
export interface Order {
  /** Its number, as the point of sale has it, too. */
  id: string;
  placedAt: Date;
  /** In the platform's words. */
  status?: string;
  /** What all of its amounts are in: an ISO 4217 code, such as "CAD". */
  currency?: string;
  /** Of the whole order, as it was placed. */
  totalExTax?: OrderAmount;
  totalIncTax?: OrderAmount;
  shippingExTax?: OrderAmount;
  shippingIncTax?: OrderAmount;
  /** Of the whole order, that of its lines included. */
  discount?: OrderAmount;
  /** Of the shop's staff. */
  note?: string;
  lines: readonly OrderLine[];
  customer?: Customer;
  /** What the customer has written. */
  customerNote?: string;
}

/** A line of an order. */
export interface OrderLine {
  sku: string;
  name?: string;
  /** Less what was refunded; never negative. */
  quantity: OrderAmount;
  /** Of one unit. */
  priceExTax?: OrderAmount;
  priceIncTax?: OrderAmount;
  /** Of the whole line, as it was placed. */
  discount?: OrderAmount;
  /** Where it goes. */
  address?: Address;
}

/** Who has ordered. */
export interface Customer { name?: string; email?: string; phone?: string }

/** Where a line of an order goes. */
export interface Address { name?: string; company?: string; street?: string; city?: string; state?: string; zip?: string; country?: string }

/** What is to be told of people beside the orders themselves. The SDK leaves out what is not asked for. */
export interface Wish {
  readonly customer: boolean;
  readonly address: boolean;
  readonly customerNote: boolean;
}

export interface OrdersRequest extends Told, Wish {}

/** A source that can tell the web orders that the point of sale has not imported yet. */
export interface OrderReader extends Source {
  /**
   * Yields each order whose units pending counts, decided by the same code as in a read and asked of the platform anew. Reads offer the field
   * pending, and say with request.counted which orders that counts. An error means that an order may be missing: then nothing is written.
   */
  orders(request: OrdersRequest): AsyncIterable<Order>;
}

/** Asks a source for all orders, and yields them as the protocol has them. It throws where one comes twice, or cannot be. */
export async function* ordersAll(source: OrderReader, request: OrdersRequest): AsyncGenerator<{ id: string; lines: object[] }> {
  const seen = new Set<string>();
  for await (const order of source.orders(request)) {
    const id = asText(order.id), wrong = mistake(id, order);
    if (wrong !== "" || seen.has(id)) {
      throw new Mistake(`orders: ${wrong || `order ${id} comes twice`}`);
    }
    seen.add(id);
    yield wireOf(id, order, request);
  }
}

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u, mostNumber = 100;

/** Says why an order cannot be; "" if it can. */
function mistake(id: string, o: Order): string {
  if (id === "") {
    return "an order has no number";
  }
  if (Buffer.byteLength(id) > mostNumber || id.trim() !== id || /[#,;"]/.test(id) || !printable.test(id)) {
    return `${JSON.stringify(id.slice(0, 40))} cannot be the number of an order: a file of numbers could not hold it`;
  }
  if (!(o.placedAt instanceof Date) || !Number.isFinite(o.placedAt.getTime())) {
    return `order ${id} has no date`;
  }
  if (o.currency && !/^[A-Z]{3}$/.test(o.currency)) {
    return `order ${id} is in the currency ${JSON.stringify(o.currency.slice(0, 20))}, which is no code of ISO 4217`;
  }
  for (const [i, line] of o.lines.entries()) {
    const quantity = asNumber(line.quantity);
    if (quantity === null || compare(quantity, "0") < 0) {
      return `order ${id}: line ${i + 1} ${quantity === null ? "has no quantity" : "is of less than nothing"}`;
    }
  }
  return "";
}

function wireOf(id: string, o: Order, wish: Wish) {
  const amount = (v: OrderAmount | undefined) => asNumber(v) ?? "";
  const texts = (of: object | undefined) => (of === undefined ? undefined : Object.fromEntries(Object.entries(of).map(([k, v]) => [k, asText(v)])));
  return {
    id, placed_at: timestamp(o.placedAt.getTime()), status: asText(o.status), currency: o.currency ?? "",
    total_ex_tax: amount(o.totalExTax), total_inc_tax: amount(o.totalIncTax),
    shipping_ex_tax: amount(o.shippingExTax), shipping_inc_tax: amount(o.shippingIncTax),
    discount: amount(o.discount), note: asText(o.note),
    lines: o.lines.map((l) => ({
      sku: asText(l.sku), name: asText(l.name), quantity: amount(l.quantity), price_ex_tax: amount(l.priceExTax), price_inc_tax: amount(l.priceIncTax),
      discount: amount(l.discount), address: wish.address ? texts(l.address) : undefined,
    })),
    customer: wish.customer ? texts(o.customer) : undefined,
    customer_note: wish.customerNote ? asText(o.customerNote) : "",
  };
}

/** A call of Orders. */
export type OrdersStream = ServerWritableStream<{ customer: boolean; address: boolean; customer_note: boolean }, object>;

/** Answers the call Orders. */
export async function tellOrders(stream: OrdersStream, source: OrderReader): Promise<void> {
  const { customer, address, customer_note: customerNote } = stream.request, told = tellTo(stream);
  const done = { orders: 0, lines: 0, read_at: timestamp(Date.now()) };
  const orders = ordersAll(source, { ...told, customer, address, customerNote });
  for (;;) {
    const next = await unlessAborted(orders.next(), told.signal);
    if (next.done) {
      break;
    }
    done.orders++;
    done.lines += next.value.lines.length;
    if (!stream.write({ order: next.value })) {
      await drained(stream, told.signal);
    }
  }
  told.signal.throwIfAborted();
  stream.write({ done });
  stream.end();
}

/**
 * Reads a file of numbers of orders that were imported, as a setting with imported: true names one: a number a line, or a CSV file with a column
 * id. reconcile orders imported adds to it. It throws where a line cannot be read, and says which.
 */
export function orderNumbers(text: string): string[] {
  text = text.replace(/^\ufeff/, "");
  const first = text.split("\n", 1)[0];
  const delimiter = first.includes(",") ? "," : first.includes("\t") ? "\t" : first.includes(";") ? ";" : ",";
  const numbers: string[] = [];
  let column = 0, began = false;
  for (const { line, cells } of rows(text, delimiter)) {
    const at = began ? -1 : cells.findIndex((cell) => cell.trim().toLowerCase() === "id");
    began = true;
    if (at >= 0) {
      column = at;
      continue;
    }
    if (column >= cells.length) {
      throw new Error(`line ${line} has no column id`);
    }
    const number = cells[column].trim();
    if (number !== "") {
      numbers.push(number);
    }
  }
  return numbers;
}

/** The rows of a CSV file but for empty lines and those that begin with #. */
function* rows(text: string, delimiter: string): Generator<{ line: number; cells: string[] }> {
  let at = 0, line = 1;
  const lineEnd = () => text[at] === "\n" || text[at] === "\r" && text[at + 1] === "\n";
  const pass = () => {
    at += text[at] === "\r" ? 2 : 1;
    line++;
  };
  const cell = (): string => {
    while (at < text.length && !lineEnd() && /\s/.test(text[at])) {
      at++;
    }
    let value = "";
    if (text[at] !== '"') {
      for (; at < text.length && text[at] !== delimiter && !lineEnd(); at++) {
        value += text[at];
      }
      if (value.includes('"')) {
        throw new Error(`line ${line}: there is a " within a cell that does not begin with one`);
      }
      return value;
    }
    const from = line;
    for (at++; ; at++) {
      if (at >= text.length) {
        throw new Error(`line ${from}: a cell that begins with " does not end`);
      }
      if (text[at] !== '"') {
        line += text[at] === "\n" ? 1 : 0;
        value += text[at];
      } else if (text[at + 1] === '"') {
        value += text[at++];
      } else {
        break;
      }
    }
    if (++at < text.length && text[at] !== delimiter && !lineEnd()) {
      throw new Error(`line ${line}: something follows the " at the end of a cell`);
    }
    return value;
  };
  while (at < text.length) {
    if (lineEnd()) {
      pass();
      continue;
    }
    if (text[at] === "#") {
      while (at < text.length && !lineEnd()) {
        at++;
      }
      continue;
    }
    const begins = line, cells = [cell()];
    while (text[at] === delimiter) {
      at++;
      cells.push(cell());
    }
    yield { line: begins, cells };
  }
}
