// Prepare and Apply: changes come from the host, and answers go back. Whatever a connector answers is held against what was asked.

import { status, type ServerDuplexStream } from "@grpc/grpc-js";

import { fromWire, holds, kinds, nameOf, toWire, wrongOutcome, type Applier, type ApplyRequest, type Change, type Outcome, type Prepared, type Value,
  type WireValue, type Writable } from "./changes.js";
import type { Field } from "./fields.js";
import { timestamp, type Told } from "./read.js";
import { Mistake, StatusError } from "./source.js";

/** How many changes a call has at most, and how many items a call of Fetch. */
export const mostChanges = 2000;

interface WireRef { id: string; sku: string }
interface WireChange { key: string; item: WireRef | null; field: string; expected: WireValue | null; desired: WireValue | null }

/** A call that brings changes, and takes answers. */
export type ChangeStream = ServerDuplexStream<{ change: WireChange | null }, object>;

/** Reads the names of items. */
export function refsOf(items: readonly (WireRef | null)[]): WireRef[] {
  if (items.length > mostChanges) {
    throw new StatusError(status.INVALID_ARGUMENT, `${items.length} items are asked for in one call, which is more than ${mostChanges}`);
  }
  return items.map((item) => {
    if (item === null || item.id === "" && item.sku === "") {
      throw new StatusError(status.INVALID_ARGUMENT, "an item is named neither by its id nor by its SKU");
    }
    return { id: item.id, sku: item.sku };
  });
}

/** Receives all changes of a call. */
async function receive(stream: ChangeStream, offered: Field[], writable: Record<string, Writable>): Promise<Change[]> {
  const changes: Change[] = [], keys = new Set<string>();
  const wrong = (message: string) => new StatusError(status.INVALID_ARGUMENT, message);
  const take = ({ change }: { change: WireChange | null }) => {
    if (changes.length === mostChanges) {
      throw wrong(`there are more than ${mostChanges} changes in a call`);
    }
    if (change === null || change.key === "" || keys.has(change.key)) {
      throw wrong(change?.key ? `the key ${JSON.stringify(change.key)} is that of two changes` : "a change has no key");
    }
    keys.add(change.key);
    const field = offered.find((f) => f.name === change.field);
    if (field === undefined || !Object.hasOwn(writable, change.field)) {
      throw wrong(`change ${JSON.stringify(change.key)} of field ${JSON.stringify(change.field)}: the connector cannot set that field`);
    }
    const [item] = refsOf([change.item]);
    try {
      const expected = fromWire(field.type, change.expected), desired = fromWire(field.type, change.desired);
      changes.push({ key: change.key, item, field: field.name, type: field.type, expected, desired });
    } catch (err) {
      throw wrong(`change ${JSON.stringify(change.key)} of field ${JSON.stringify(change.field)}: ${(err as Error).message}`);
    }
  };
  await new Promise<void>((resolve, reject) => {
    stream.on("data", (message: { change: WireChange | null }) => {
      try {
        take(message);
      } catch (err) {
        reject(err);
      }
    });
    stream.on("end", resolve).on("cancelled", () => reject(new StatusError(status.CANCELLED, "the host has called it off")));
  });
  return changes;
}

/** Sees to it that each change of a call is answered once. */
class Answers {
  private readonly open = new Map<string, Change>();
  private wrong: unknown;

  constructor(private readonly changes: readonly Change[]) {
    for (const c of changes) {
      this.open.set(c.key, c);
    }
  }

  /** Takes the answer to a change, unless there was an error before. It keeps the first error: a connector may pass over it. */
  take(key: string, answer: (c: Change) => void): void {
    if (this.wrong !== undefined) {
      throw this.wrong;
    }
    const c = this.open.get(key);
    try {
      if (c === undefined) {
        throw new Mistake(this.changes.some((c) => c.key === key) ? `the change ${JSON.stringify(key)} is answered twice`
          : `an answer is about the change ${JSON.stringify(key)}, which nobody asked for`);
      }
      this.open.delete(key);
      answer(c);
    } catch (err) {
      throw this.wrong = err;
    }
  }

  /** Throws if an answer was wrong, or is missing. */
  finish(method: string): void {
    if (this.wrong !== undefined) {
      throw this.wrong;
    }
    for (const c of this.open.values()) {
      throw new Mistake(`${method} has ended without an answer to ${this.open.size} of ${this.changes.length} changes, such as ${named(c)}`);
    }
  }

  /** What a call fails with: an answer that was wrong comes first. */
  failure(err: unknown): unknown {
    return this.wrong ?? err;
  }
}

const named = (c: Change) => `change ${JSON.stringify(c.key)} (field "${c.field}" of ${JSON.stringify(nameOf(c.item))})`;

/** Calls a source's prepare, and throws if that did not answer each change once. It passes the answers on as the protocol has them. */
export async function prepareAll(source: Applier, request: ApplyRequest, answer: (prepared: Prepared, wire: object) => void): Promise<object> {
  const answers = new Answers(request.changes);
  try {
    const cost = await source.prepare(request, (p) => answers.take(p.key, (c) => {
      const problem = p.problem ?? "", also = p.also ?? [];
      if (problem === "" && (p.will === undefined || p.will === null && c.type !== "number" && c.type !== "bool")) {
        throw new Mistake(`prepare of ${named(c)} neither says what the platform will hold nor why it cannot be set`);
      }
      if (also.some((ref) => !ref.id && !ref.sku)) {
        throw new Mistake(`prepare of ${named(c)} names an item that changes with it by neither id nor SKU`);
      }
      answer(p, { key: p.key, will: problem === "" ? toWire(c.type, p.will) : {}, also, problem });
    }));
    answers.finish("prepare");
    if (!(cost.requests >= 0) || !(cost.milliseconds >= 0)) {
      throw new Mistake(`prepare says that apply costs ${cost.requests} requests and ${cost.milliseconds} ms`);
    }
    return { changes: request.changes.length, requests: Math.ceil(cost.requests), milliseconds: Math.ceil(cost.milliseconds) };
  } catch (err) {
    throw answers.failure(err);
  }
}

/**
 * Calls a source's apply, and throws if that did not answer each change once, or told of an outcome what cannot be. will says what prepare
 * said that the platform will hold.
 */
export async function applyAll(source: Applier, writable: Record<string, Writable>, request: ApplyRequest,
  will: (key: string) => Value | undefined, answer: (outcome: Outcome, wire: object) => void): Promise<void> {
  const answers = new Answers(request.changes);
  try {
    await source.apply(request, (o) => answers.take(o.key, (c) => {
      if (o.kind === "unchanged") { // one of both is enough
        o = { ...o, before: o.before ?? o.after, after: o.after ?? o.before };
      }
      const held = [holds(writable[c.field], c.type, c.desired).held], said = will(c.key);
      const wrong = wrongOutcome(o, c, said === undefined ? held : [...held, said]);
      if (wrong !== "") {
        throw new Mistake(`apply of ${named(c)}: ${wrong}`);
      }
      const seen = (value: Value | undefined) => (value === undefined ? undefined : { value: toWire(c.type, value) });
      answer(o, { key: o.key, kind: kinds.indexOf(o.kind) + 1, before: seen(o.before), after: seen(o.after), reason: o.reason ?? "" });
    }));
    answers.finish("apply");
  } catch (err) {
    throw answers.failure(err);
  }
}

/** What a source that can be changed has said in this process. */
export interface Writing {
  source: Applier;
  writable: Record<string, Writable>;
  /** What the platform will hold, by the changes' keys, as prepare said. */
  wills: Map<string, Value>;
}

/** Answers the call Prepare. */
export async function prepare(stream: ChangeStream, { source, writable, wills }: Writing): Promise<void> {
  const changes = await receive(stream, await source.schema(), writable), told = tellTo(stream);
  const done = await prepareAll(source, { ...told, changes }, (prepared, wire) => {
    if (!prepared.problem) {
      wills.set(prepared.key, prepared.will!);
    }
    stream.write({ prepared: wire });
  });
  told.signal.throwIfAborted();
  stream.write({ done });
  stream.end();
}

/** Answers the call Apply. */
export async function apply(stream: ChangeStream, { source, writable, wills }: Writing): Promise<void> {
  const changes = await receive(stream, await source.schema(), writable), told = tellTo(stream);
  const outcomes: Record<string, number> = {};
  await applyAll(source, writable, { ...told, changes }, (key) => wills.get(key), (outcome, wire) => {
    const kind = outcome.kind.toUpperCase();
    outcomes[kind] = (outcomes[kind] ?? 0) + 1;
    stream.write({ outcome: wire });
  });
  told.signal.throwIfAborted();
  stream.write({ done: { outcomes } });
  stream.end();
}

/** What a connector can say while it works. */
export function tellTo(stream: { write(message: object): unknown; on(event: "cancelled", called: () => void): unknown }): Told {
  const abort = new AbortController(), numbers = { items: 0, total: 0, steps: 0 };
  stream.on("cancelled", () => abort.abort(new StatusError(status.CANCELLED, "the host has called it off")));
  const say = (message: object) => { if (!abort.signal.aborted) stream.write(message); };
  return {
    signal: abort.signal,
    progress: (items, total = 0, text = "") => {
      numbers.items = items;
      numbers.total = total;
      say({ progress: { ...numbers, text } });
    },
    step: (text) => {
      numbers.steps++;
      say({ progress: { ...numbers, text } });
    },
    waiting: (until, why) => say({ waiting: { until: timestamp(until.getTime()), why } }),
    warn: (text) => say({ warning: { text } }),
  };
}
