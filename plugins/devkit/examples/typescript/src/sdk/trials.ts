// Tests of a connector that writes, for node:test, without a host. Nothing of it is in the finished connector.
//
// writerOf, prepareChanges and applyChanges call a source with all checks of the SDK. survivesWriteFaults holds it against a platform that
// loses answers, is written to by others, shows late what it took, and refuses one of several changes.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { applyAll, prepareAll } from "./answers.js";
import { guard, holds, nothing, same, show, toWire, type Applier, type ApplyRequest, type Change, type Kind, type Outcome, type Prepared,
  type Ref, type Value, type Writable } from "./changes.js";
import type { Item } from "./fields.js";
import { fill, type Declared, type SettingError } from "./settings.js";
import type { Applies } from "./sdk.js";
import { ask, bodyOf, faults, give, says, skipWaits, type Answer, type Fault, type Test } from "./testing.js";

/** A source that can be changed, and how. */
export interface Writer { source: Applier; writable: Record<string, Writable> }

/** Configures a source as reconcile apply does: with the settings for apply. */
export async function writerOf<S extends Declared>(connector: Applies<S>, settings: Record<string, unknown>): Promise<Writer> {
  skipWaits();
  const mistakes: SettingError[] = [];
  const values = fill(connector.settings, settings, mistakes, true);
  if (mistakes.length > 0) {
    throw mistakes.length === 1 ? mistakes[0] : new AggregateError(mistakes, mistakes.map((m) => m.message).join("; "));
  }
  return { source: await connector.source(values), writable: connector.writable };
}

/** Makes a change of a field. expected and desired are what an item may have there. */
export async function changeOf({ source }: Writer, item: Partial<Ref>, field: string, expected: Value, desired: Value): Promise<Change> {
  const offered = await source.schema(), type = offered.find((f) => f.name === field)?.type;
  if (type === undefined) {
    throw new Error(`schema offers no field "${field}", but: ${offered.map((f) => f.name).join(", ")}`);
  }
  const ref = { id: item.id ?? "", sku: item.sku ?? "" };
  return { key: `${ref.id}-${ref.sku}-${field}-${JSON.stringify(desired)}`, item: ref, field, type, expected, desired };
}

const requestOf = (changes: readonly Change[]): ApplyRequest =>
  ({ changes, signal: new AbortController().signal, progress: () => {}, step: () => {}, waiting: () => {}, warn: () => {} });

/** Asks what the platform would make of changes. It rejects where an answer is missing or cannot be. */
export async function prepareChanges({ source }: Writer, ...changes: Change[]): Promise<Prepared[]> {
  const all: Prepared[] = [];
  await prepareAll(source, requestOf(changes), (prepared) => all.push(prepared));
  return all;
}

/** What apply gave: the outcomes in the order in which they were told, and what it failed with. */
export interface Applied { outcomes: Outcome[]; error?: Error }

/** Makes changes. An outcome that is missing, told twice, or cannot be is an error. */
export async function applyChanges({ source, writable }: Writer, ...changes: Change[]): Promise<Applied> {
  const outcomes: Outcome[] = [];
  try {
    await applyAll(source, writable, requestOf(changes), () => undefined, (outcome) => outcomes.push(outcome));
    return { outcomes };
  } catch (err) {
    return { outcomes, error: err as Error };
  }
}

/** Fetches single items, with all fields of the schema. */
export async function fetchItems({ source }: Writer, ...items: Partial<Ref>[]): Promise<Item[]> {
  const fields = (await source.schema()).map((f) => f.name), got: Item[] = [];
  const request = { ...requestOf([]), fields, wants: () => true, currency: () => {}, unit: () => {}, readAt: () => {}, unreadable: () => {}, skipped: () => {}, counted: () => {} };
  for await (const item of source.fetch({ ...request, items: items.map(({ id = "", sku = "" }) => ({ id, sku })) })) {
    got.push(item);
  }
  return got;
}

/** A field that is to be set. */
export interface Set {
  item: Partial<Ref>;
  field: string;
  /** What the platform has at first. */
  from: Value;
  /** What it shall have. */
  to: Value;
  /** What another app writes there meanwhile: neither of the two. */
  other: Value;
  /**
   * A text that stands in the address or the body of each request that sets this, and of no other that writes: the product's number, say. The
   * platform is made to refuse such requests. That is not tried where it is left out.
   */
  mark?: string;
}

/** A connector that writes, and a platform to try it on. */
export interface Writing {
  /** Serves a new platform, which keeps what is written to it, and returns its address. */
  platform(): Promise<string>;
  /** Configures the connector for a platform at an address, so that it may write: see writerOf. */
  writer(url: string): Promise<Writer>;
  /** What is to be set, each another field or item. The platform takes all of it. */
  sets: Set[];
  /** Whether a request changes something. If it is left out, each does that is not GET, HEAD or OPTIONS. */
  isWrite?(request: IncomingMessage, body: string): boolean;
}

/** How many of the requests of an apply are spoilt. */
const most = 8;

/** Has the platform do what it is asked for, and loses its answer. */
export const lost: Fault = async (response, next) => {
  await next();
  response.destroy();
};

/** Breaks the connection before the platform sees the request. */
export const unsent: Fault = (response) => void response.destroy();

type Spoil = (request: IncomingMessage, body: string, response: ServerResponse, next: () => Promise<Answer>, before: Answer | undefined) => Promise<void> | void;

/**
 * Holds a connector that writes to what each must keep: each change gets one outcome, what the outcome says is so on the platform, nothing is
 * written twice, a foreign value is not written over, and going on later finishes the work, with the same idempotency keys. It rejects with
 * all that is wrong.
 */
export async function survivesWriteFaults(t: Test, writing: Writing): Promise<void> {
  const { wrong, requests } = await well(t, writing);
  const trials = new Map<string, () => Promise<string[]>>();
  const add = (name: string, spoil: (s: Scene) => Spoil | Promise<Spoil>, judge?: (s: Scene, applied: Applied) => string[]) =>
    trials.set(name, () => trial(t, writing, spoil, judge));
  for (const [name, fault] of Object.entries({ ...faults, lost, unsent })) {
    for (let n = 1; n <= Math.min(requests, most); n++) {
      add(`${name} in request ${n}`, () => {
        let number = 0;
        return async (_, __, response, next, before) => (++number === n ? fault(response, next, before) : give(response, await next()));
      });
    }
  }
  add("it may not write", () => refuse(writing, "", 403), untouched);
  add("it cannot write", () => refuse(writing, "", 500), untouched);
  for (const [i, { mark }] of writing.sets.entries()) {
    for (const status of mark === undefined ? [] : [409, 422]) {
      add(`change ${i + 1} is refused with ${status}`, () => refuse(writing, mark!, status), (s, applied) => s.changes.flatMap((c, n) => {
        const want = n === i ? "rejected" : "applied", o = find(applied, c);
        return o?.kind === want ? [] : [`${c.key} should be ${want}, and is ${told(o)} (${applied.error?.message}): one change that is refused fails no other`];
      }));
    }
  }
  add("it shows late", () => stale(writing, 2));
  add("it shows never", () => stale(writing, Infinity));
  for (const when of ["before", "between", "after"] as const) {
    add(`another app writes ${when}`, (s) => foreign(writing, s, when), (s, applied) => {
      const [c] = s.changes, o = find(applied, c), mustSee = when === "before" || when === "between" && s.writer.writable[c.field].guarded;
      return mustSee && o?.kind !== "conflict" ? [`${c.key} should be a conflict, and is ${told(o)}`] : [];
    });
  }
  await Promise.all([...trials].map(async ([name, trial]) => {
    wrong.push(...(await trial()).map((text) => `${name}: ${text}`));
  }));
  if (wrong.length > 0) {
    throw new Error(`say what you saw, and look before each write:\n  ${wrong.sort().join("\n  ")}`);
  }
}

function find(applied: Applied, c: Change): Outcome | undefined {
  return applied.outcomes.find((o) => o.key === c.key);
}

function told(o: Outcome | undefined): string {
  return o === undefined ? "without an outcome" : `${o.kind} (${show(o.before)}, then ${show(o.after)})${o.reason ? `: ${o.reason.slice(0, 200)}` : ""}`;
}

function untouched(s: Scene, applied: Applied): string[] {
  return s.changes.flatMap((c) => (["applied", "unchanged"].includes(find(applied, c)?.kind ?? "") ? [`${c.key} is ${told(find(applied, c))}, and nothing was written`] : []));
}

const isWrite = (writing: Writing, request: IncomingMessage, body: string) =>
  writing.isWrite?.(request, body) ?? !["GET", "HEAD", "OPTIONS"].includes(request.method!);

const has = (request: IncomingMessage, body: string, mark: string) => request.url!.includes(mark) || body.includes(mark);

function refuse(writing: Writing, mark: string, status: number): Spoil {
  return async (request, body, response, next, before) => (isWrite(writing, request, body) && has(request, body, mark)
    ? says(status, `{"error": "this is refused"}`)(response, next, before) : give(response, await next()));
}

/** Shows for so many looks what the platform had before the first write. */
function stale(writing: Writing, looks: number): Spoil {
  const seen = new Map<string, Answer>();
  let left = 0;
  return async (request, body, response, next) => {
    const old = seen.get(request.url!);
    if (isWrite(writing, request, body)) {
      left ||= looks;
      give(response, await next());
    } else if (old !== undefined && left > 0) {
      left--;
      give(response, old);
    } else {
      const answer = await next();
      if (left === 0) {
        seen.set(request.url!, answer);
      }
      give(response, answer);
    }
  };
}

async function foreign(writing: Writing, s: Scene, when: "before" | "between" | "after"): Promise<Spoil> {
  const write = async () => {
    if (!s.written) {
      await s.other();
    }
  };
  if (when === "before") {
    await write();
  }
  return async (request, body, response, next) => {
    const first = isWrite(writing, request, body) && has(request, body, writing.sets[0].mark ?? "");
    if (first && when === "between") {
      await write();
    }
    const answer = await next();
    if (first && when === "after") {
      await write();
    }
    give(response, answer);
  };
}

/** Makes the changes on a platform without faults, twice. */
async function well(t: Test, writing: Writing): Promise<{ wrong: string[]; requests: number }> {
  const s = await Scene.open(t, writing), wrong: string[] = [], will = new Map<string, Value | undefined>();
  for (const p of await prepareChanges(s.writer, ...s.changes)) {
    will.set(p.key, p.will);
    if (p.problem) {
      wrong.push(`prepare of ${p.key} says that it cannot be made: ${p.problem}`);
    }
  }
  if (s.writes > 0) {
    wrong.push(`prepare has written: ${s.writes} requests`);
  }
  wrong.push(...await renamed(s));
  s.requests = 0;
  const first = await applyChanges(s.writer, ...s.changes), requests = s.requests, writes = s.writes;
  const again = await applyChanges(s.writer, ...s.changes);
  if (first.error ?? again.error) {
    throw new Error(`without any fault: ${(first.error ?? again.error)!.message}`);
  }
  for (const c of s.changes) {
    const o = find(first, c), held = will.get(c.key);
    if (o?.kind !== "applied" || !same(c.type, o.before, c.expected) || !same(c.type, o.after, held)) {
      wrong.push(`${c.key}: prepare says that the platform will hold ${show(held)}; then it is ${told(o)}`);
    }
    if (find(again, c)?.kind !== "unchanged") {
      wrong.push(`${c.key}, a second time, is ${told(find(again, c))}: it is there already`);
    }
  }
  if (s.writes !== writes) {
    wrong.push("apply writes a second time what is there already");
  }
  return { wrong: [...wrong, ...await s.check(first), ...s.wrong], requests };
}

/** Makes changes of items that have got another SKU since, as far as items are named by ids. It returns what is wrong. */
async function renamed(s: Scene): Promise<string[]> {
  const changes = s.changes.filter(({ item }) => item.id !== "" && item.sku !== "")
    .map((c) => ({ ...c, key: `${c.key}, of another SKU`, item: { id: c.item.id, sku: `${c.item.sku}-before` } }));
  const before = s.writes, applied = await applyChanges(s.writer, ...changes);
  const wrong = changes.filter((c) => find(applied, c)?.kind !== "rejected")
    .map((c) => `${c.key}, is ${told(find(applied, c))}: the item with that id has got another SKU, and is another item; isItem tells`);
  return s.writes === before ? wrong : [...wrong, `items that have got another SKU were written: ${s.writes - before} requests`];
}

/** Makes the changes on a platform that is spoilt, and then once more without faults. */
async function trial(t: Test, writing: Writing, spoil: (s: Scene) => Spoil | Promise<Spoil>, judge?: (s: Scene, applied: Applied) => string[]): Promise<string[]> {
  const s = await Scene.open(t, writing);
  s.spoil = await spoil(s);
  const applied = await applyChanges(s.writer, ...s.changes);
  s.spoil = undefined;
  const wrong = [...judge?.(s, applied) ?? [], ...await s.check(applied)];
  for (const c of s.changes) {
    const o = find(applied, c);
    if (o?.kind === "unchanged") {
      wrong.push(`${c.key} is ${told(o)}, and the platform had ${show(c.expected)} at first: it was written`);
    }
  }
  return [...wrong, ...await s.goOn(), ...s.wrong];
}

/** One platform on which a connector makes changes, and another connector that sees it as it is. */
class Scene {
  writer!: Writer; // asks through the faults
  changes: Change[] = [];
  spoil: Spoil | undefined;
  requests = 0;
  writes = 0;
  written = false; // another app has written to the first
  readonly wrong: string[] = [];
  private plain!: Writer; // asks the platform itself
  private before: Answer | undefined;
  private readonly keys = new Map<string, string>(); // idempotency keys by the request
  private readonly done = new Map<string, boolean>(); // by the idempotency keys that came
  private line: Promise<unknown> = Promise.resolve(); // of requests: one after the other

  private constructor(private readonly writing: Writing, private readonly url: string) {}

  static async open(t: Test, writing: Writing): Promise<Scene> {
    const s = new Scene(writing, await writing.platform());
    const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      s.line = s.line.then(() => s.answer(request, response)).catch((err: unknown) => {
        give(response, { status: 502, headers: {}, body: Buffer.from(String(err)) });
      });
    });
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    s.plain = await writing.writer(s.url);
    s.writer = await writing.writer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    for (const [i, set] of writing.sets.entries()) {
      const c = { ...await changeOf(s.plain, set.item, set.field, set.from, set.to), key: `change ${i + 1}` };
      if (same(c.type, set.from, set.to) || guard(c, set.other)?.kind !== "conflict") {
        throw new Error(`set ${i + 1}: from, to and other have to be three values`);
      }
      s.changes.push(c);
    }
    for (const [key, value] of await s.held()) {
      const c = s.changes.find((c) => c.key === key)!;
      if (!same(c.type, value, c.expected)) {
        throw new Error(`${key}: the platform has ${show(value)} at first, and from is ${show(c.expected)}`);
      }
    }
    return s;
  }

  /** What the platform holds now, by the changes' keys. */
  async held(): Promise<Map<string, Value>> {
    const held = new Map<string, Value>();
    for (const c of this.changes) {
      const item = (await fetchItems(this.plain, c.item)).find((item) => (c.item.id !== "" ? item.id === c.item.id : item.sku === c.item.sku));
      if (item === undefined) {
        throw new Error(`fetch does not give the item of ${c.key}`);
      }
      held.set(c.key, (item[c.field] ?? nothing(c.type)) as Value);
    }
    return held;
  }

  /** Writes what another app would. */
  async other(): Promise<void> {
    const [c] = this.changes, expected = (await this.held()).get(c.key)!;
    const { outcomes: [o], error } = await applyChanges(this.plain, { ...c, key: "another app", expected, desired: this.writing.sets[0].other });
    if (o?.kind !== "applied") {
      throw new Error(`another app cannot write: ${error?.message ?? told(o)}`);
    }
    this.written = true;
  }

  /** Holds outcomes against what the platform has. */
  async check(applied: Applied): Promise<string[]> {
    const now = await this.held();
    return this.changes.flatMap((c, i) => {
      const o = find(applied, c), held = holds(this.writer.writable[c.field], c.type, c.desired).held;
      const at: Value = i === 0 && this.written ? this.writing.sets[0].other : c.expected;
      if (o === undefined && applied.error === undefined) {
        return [`${c.key} has no outcome`];
      }
      const may = o?.kind === "applied" || o?.kind === "unchanged" ? [held] : o === undefined || o.kind === "unknown" || o.kind === "pending" ? [at, held] : [at];
      return may.some((value) => same(c.type, value, now.get(c.key))) ? [] : [`${c.key} is ${told(o)}, and the platform has ${show(now.get(c.key))}`];
    });
  }

  /** Makes the changes once more, without faults: what was written is left alone, and the rest is finished. */
  async goOn(): Promise<string[]> {
    const before = await this.held(), applied = await applyChanges(this.writer, ...this.changes), now = await this.held();
    if (applied.error !== undefined) {
      return [`going on without faults: ${applied.error.message}`];
    }
    return this.changes.flatMap((c, i) => {
      const takes = this.writer.writable[c.field], { held } = holds(takes, c.type, c.desired), there = same(c.type, before.get(c.key), held);
      const foreign = !there && i === 0 && this.written, want: Kind = there ? "unchanged" : foreign ? "conflict" : "applied";
      if (takes.late && !there) {
        return []; // nobody knows what is on its way
      }
      const o = find(applied, c), right = foreign ? this.writing.sets[0].other : held;
      return o?.kind === want && same(c.type, now.get(c.key), right) ? []
        : [`going on without faults, ${c.key} should be ${want}, and is ${told(o)}; the platform has ${show(now.get(c.key))}`];
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await bodyOf(request), body = bytes.toString(), writes = isWrite(this.writing, request, body);
    this.requests++;
    if (writes) {
      const what = `${request.method} ${request.url} ${body}`, key = String(request.headers["idempotency-key"] ?? ""), was = this.keys.get(what);
      if (was !== undefined && was !== key) {
        this.wrong.push(`${what} is sent with the idempotency key "${was}", and then with "${key}"`);
      }
      this.keys.set(what, key);
    }
    const next = () => (writes ? this.write(request, bytes) : ask(this.url, request, bytes));
    if (this.spoil !== undefined) {
      await this.spoil(request, body, response, next, this.before);
      return;
    }
    this.before = await next();
    give(response, this.before);
  }

  /** Passes a write on, and looks whether it changes something. */
  private async write(request: IncomingMessage, body: Buffer): Promise<Answer> {
    this.writes++;
    const key = String(request.headers["idempotency-key"] ?? ""), known = key !== "" && this.done.has(key); // the platform knows that it has done it
    this.done.set(key, true);
    const text = async () => JSON.stringify([...await this.held()].map(([key, v]) => toWire(this.changes.find((c) => c.key === key)!.type, v)));
    const before = await text(), answer = await ask(this.url, request, body);
    const late = this.changes.some((c) => this.writer.writable[c.field].late);
    if (answer.status < 300 && !late && !known && before === await text()) {
      this.wrong.push(`it writes what is there already: ${request.method} ${request.url} ${body}`);
    }
    return answer;
  }
}
