// Columns: items are gathered field by field and sent as Arrow record batches.

import {
  Bool, Field as ArrowField, List, Map_, RecordBatch, RecordBatchStreamWriter, Schema, Struct, Utf8, makeData,
  type Data,
} from "apache-arrow";

import { noField, type Field, type Item } from "./fields.js";
import { Mistake } from "./source.js";

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const text = new Utf8();
const listType = new List(new ArrowField("item", text, true));
const entryType = new Struct<any>([new ArrowField("key", text, false), new ArrowField("value", text, true)]);
const mapType = new Map_<Utf8, Utf8>(new ArrowField("entries", entryType, false) as any);

/** One column under construction. */
interface Column {
  add(value: unknown): void;
  take(): Data;
}

/** Items of the given fields, until there are enough of them for a batch. */
export class Batch {
  length = 0;
  /** About how many bytes it takes. */
  size = 0;
  private readonly columns: Column[];

  private readonly offered: Set<string>;

  /** offered are all fields that an item may have. */
  constructor(private readonly fields: Field[], offered: readonly Field[]) {
    this.offered = new Set(offered.map((f) => f.name));
    this.columns = fields.map((f) => this.column(f));
  }

  /** Adds an item; number is its place in the whole read, for messages. */
  add(item: Item, number: number): void {
    for (const name of Object.keys(item)) {
      if (!this.offered.has(name)) {
        throw new Mistake(`item ${number} (SKU ${JSON.stringify(item.sku ?? "")}): ${noField(name, this.offered)}`);
      }
    }
    this.fields.forEach((f, i) => {
      try {
        this.columns[i].add(Object.hasOwn(item, f.name) ? item[f.name] : undefined);
      } catch (err) {
        const sku = typeof item.sku === "string" ? item.sku : "";
        const message = `item ${number} (SKU ${JSON.stringify(sku)}), field "${f.name}": ${(err as Error).message}`;
        throw err instanceof Mistake ? new Mistake(message) : new Error(message);
      }
    });
    this.length++;
  }

  /** Returns the batch as an Arrow IPC stream and starts a new one. */
  take(): Uint8Array {
    const columns = this.columns.map((c) => c.take());
    const schema = new Schema(this.fields.map((f, i) => new ArrowField(f.name, columns[i].type, true)));
    const data = makeData({ type: new Struct<any>(schema.fields), length: this.length, nullCount: 0, children: columns });
    this.length = this.size = 0;
    const writer = new RecordBatchStreamWriter();
    writer.write(new RecordBatch(schema, data as any));
    writer.finish();
    return writer.toUint8Array(true);
  }

  private column(field: Field): Column {
    switch (field.type) {
      case "string": return this.strings(asText);
      case "number": return this.strings(asNumber);
      case "bool": return this.bools();
      case "list(string)": return this.lists();
      case "map(string)": return this.maps();
    }
  }

  /** Text, and numbers by their text, which keeps every digit. */
  private strings(convert: (v: unknown) => string | null): Column & { values: (string | null)[] } {
    const column = {
      values: [] as (string | null)[],
      add: (v: unknown) => {
        const value = convert(v);
        column.values.push(value);
        this.size += 4 + (value?.length ?? 0);
      },
      take: () => {
        const { values } = column;
        column.values = [];
        return textData(values);
      },
    };
    return column;
  }

  private bools(): Column {
    let values: (boolean | null)[] = [];
    return {
      add: (v) => {
        if (v !== undefined && v !== null && typeof v !== "boolean") {
          throw new Mistake(`${kindOf(v)} does not fit a bool`);
        }
        values.push(v ?? null);
        this.size++;
      },
      take: () => {
        const data = makeData({ type: new Bool(), length: values.length, nullCount: values.filter((v) => v === null).length,
          nullBitmap: bits(values, (v) => v !== null), data: bits(values, (v) => v === true) });
        values = [];
        return data;
      },
    };
  }

  private lists(): Column {
    const items = this.strings(asText);
    let offsets = [0];
    return {
      add: (v) => {
        if (v !== undefined && v !== null && !Array.isArray(v)) {
          throw new Mistake(`${kindOf(v)} does not fit a list(string)`);
        }
        (v ?? []).forEach((s: unknown) => items.add(ofString(s)));
        offsets.push(items.values.length);
        this.size += 4;
      },
      take: () => {
        const data = makeData({ type: listType, length: offsets.length - 1, nullCount: 0,
          valueOffsets: Int32Array.from(offsets), child: items.take() as Data<Utf8> });
        offsets = [0];
        return data;
      },
    };
  }

  private maps(): Column {
    const keys = this.strings(asText), values = this.strings(asText);
    let offsets = [0];
    return {
      add: (v) => {
        if (v !== undefined && v !== null && (typeof v !== "object" || Array.isArray(v))) {
          throw new Mistake(`${kindOf(v)} does not fit a map(string)`);
        }
        const entries = new Map<string, string>();
        for (const [key, value] of Object.entries(v ?? {})) {
          const normal = asText(key);
          if (entries.has(normal)) {
            throw new Error(`the map has two keys that are the same text, ${JSON.stringify(normal)}: give each key once`);
          }
          entries.set(normal, ofString(value));
        }
        for (const [key, value] of entries) {
          keys.add(key);
          values.add(value);
        }
        offsets.push(keys.values.length);
        this.size += 4;
      },
      take: () => {
        const length = keys.values.length;
        const child = makeData({ type: entryType, length, nullCount: 0, children: [keys.take(), values.take()] });
        const data = makeData({ type: mapType, length: offsets.length - 1, nullCount: 0,
          valueOffsets: Int32Array.from(offsets), child: child as any });
        offsets = [0];
        return data;
      },
    };
  }
}

/** The largest text that a host takes, in bytes. */
const maxField = 16 << 20;

/** Text in Unicode's form NFC, with LF between lines, so that equal names are equal bytes; what is absent is "". */
export function asText(v: unknown): string {
  if (v === undefined || v === null) {
    return "";
  }
  const s = ofString(v);
  if (s.length > maxField / 3 && Buffer.byteLength(s) > maxField) { // a character has at most 3 bytes
    throw new Error(`a text of ${Buffer.byteLength(s) >> 20} MiB, more than ${maxField >> 20} (max_field): no product has one, so look at what was read for it`);
  }
  if (!s.isWellFormed()) {
    throw new Mistake(`${JSON.stringify(s)} is not valid Unicode`);
  }
  return s.normalize("NFC").replace(/\r\n?/g, "\n");
}

function ofString(v: unknown): string {
  if (typeof v !== "string") {
    throw new Mistake(`${kindOf(v)} does not fit a string`);
  }
  return v;
}

/** A number as decimal text; null if it is unknown. */
export function asNumber(v: unknown): string | null {
  switch (typeof v) {
    case "undefined": return null;
    case "bigint": return v.toString();
    case "number":
      if (!Number.isFinite(v)) {
        throw new Mistake(`${v} is no decimal number`);
      }
      if (Math.abs(v) > Number.MAX_SAFE_INTEGER) {
        throw new Mistake(`${v} is a whole number that a number holds only rounded: give it as a bigint, or as text`);
      }
      return String(v);
    case "string":
      if (v === "") {
        return null;
      }
      if (!decimal.test(v)) {
        throw new Error(`${JSON.stringify(v)} is no decimal number`);
      }
      return v;
  }
  if (v === null) {
    return null;
  }
  throw new Mistake(`${kindOf(v)} does not fit a number`);
}

function kindOf(v: unknown): string {
  return v === null ? "null" : Array.isArray(v) ? "an array" : typeof v === "object" ? "an object" : `a ${typeof v}`;
}

function textData(values: (string | null)[]): Data<Utf8> {
  const offsets = new Int32Array(values.length + 1);
  values.forEach((s, i) => { offsets[i + 1] = offsets[i] + (s === null ? 0 : Buffer.byteLength(s)); });
  return makeData({ type: text, length: values.length, nullCount: values.filter((s) => s === null).length,
    nullBitmap: bits(values, (s) => s !== null), valueOffsets: offsets, data: Buffer.from(values.join("")) });
}

/** A bitmap, the least significant bit first, of what holds for each value. */
function bits<V>(values: V[], holds: (v: V) => boolean): Uint8Array {
  const map = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((v, i) => { if (holds(v)) map[i >> 3] |= 1 << (i & 7); });
  return map;
}
