// Makes changes of a platform as Applier asks for it: it looks, writes, looks again, and says of each change what became of it. A connector
// says how items are looked at and how a request sets their fields, and no more:
//
//   apply: (request, answer) => applyTo({ writable, look, set, atOnce: 10 }, request, answer)
//
// What is promised:
//
//  - Right before each request the items are looked at. A field that has neither the expected nor the desired value is not written.
//  - Nothing is sent that was sent before, unless the platform has refused it.
//  - A batch that the platform refuses is halved, until what is wrong stands alone.
//  - After each request, whatever its answer, the items are looked at again. Only what is seen there is applied.
//  - A request that was sent is not given up when the work is stopped. What was not sent then has failed.

import { guard, holds, same, show, type ApplyRequest, type Change, type Cost, type Outcome, type Prepared, type Value, type Writable } from "./changes.js";
import { clock } from "./clock.js";
import { Failure } from "./failure.js";
import type { Told } from "./read.js";

/** How a platform is changed. look and set are called one after the other, never at once. */
export interface Platform {
  /** How the platform takes the values of its fields, as the connector says. */
  writable: Record<string, Writable>;
  /**
   * Returns what the platform holds now in the fields of these changes, by the changes' keys. It asks each time, in a session of teller. A
   * change whose item is not there (any more) is left out, and so is one whose item has got another SKU: isItem tells.
   */
  look(changes: readonly Change[], teller: Told): Promise<Map<string, Value>>;
  /**
   * Sets the fields of a batch in one request, in a session of teller, whose signal is never aborted: what was sent is not given up. It sends
   * nothing after until: a Request has a member for that. It returns, by their keys, which changes the platform refuses though it takes
   * the others, with its words; nothing if it takes all.
   *
   * What it throws is about the whole batch. The Failure of a session says what is known, and is best passed on as it is: whether it may
   * have been done, and whether the platform refuses it. Of any other error it is taken that nothing was sent.
   */
  set(batch: readonly Change[], teller: Told, until: number): Promise<Map<string, string> | void>;
  /** How many changes a batch has at most; 1 if it is left out. */
  atOnce?: number;
  /** For how many milliseconds to look again and again for what the platform took and does not show yet, before it is pending. 0: once. */
  patience?: number;
}

/** For how long a look is good for writing. */
const lookLasts = 5000;

/** How often a batch is looked at again because it was held back for too long. */
const mostLate = 4;

/** About how long a request takes. */
const usual = 200;

const gone = "the platform does not have this item (any more)";

/** Is Applier.prepare. */
export async function prepareFor(platform: Platform, request: ApplyRequest, answer: (prepared: Prepared) => void): Promise<Cost> {
  const now = await platform.look(request.changes, request);
  for (const c of request.changes) {
    const { held, problem } = holds(platform.writable[c.field], c.type, c.desired);
    answer({ key: c.key, will: held, problem: problem || (now.has(c.key) ? "" : gone) });
  }
  const batches = Math.ceil(request.changes.length / (platform.atOnce ?? 1));
  return { requests: 3 * batches, milliseconds: 3 * batches * usual }; // look, write, look
}

/** Is Applier.apply. */
export async function applyTo(platform: Platform, request: ApplyRequest, answer: (outcome: Outcome) => void): Promise<void> {
  const run = new Run(platform, request, answer);
  for (let rest = request.changes; rest.length > 0; ) {
    const n = first(rest, platform.atOnce ?? 1);
    await run.batch(rest.slice(0, n));
    rest = rest.slice(n);
  }
}

/** How many of the changes can be made at once: each is of another field of another item. */
function first(changes: readonly Change[], most: number): number {
  const seen = new Set<string>();
  for (const [i, c] of changes.entries()) {
    const place = JSON.stringify([c.item.id, c.item.sku, c.field]);
    if (i === most || seen.has(place)) {
      return i;
    }
    seen.add(place);
  }
  return changes.length;
}

type Held = Map<string, Value>;

/** The making of a number of changes. */
class Run {
  private dead = ""; // why nothing is sent any more
  private readonly steady: Told; // that is never called off

  constructor(private readonly platform: Platform, private readonly request: ApplyRequest, private readonly answer: (outcome: Outcome) => void) {
    this.steady = { ...request, signal: new AbortController().signal };
  }

  /** Makes changes at once. */
  async batch(changes: readonly Change[]): Promise<void> {
    for (let tries = 0; tries < mostLate; tries++) {
      if (this.request.signal.aborted && this.dead === "") {
        this.dead = "the work was stopped before";
      }
      if (this.dead !== "") {
        return this.unsent(changes, new Map(), this.dead);
      }
      const until = clock.now() + lookLasts;
      let now: Held;
      try {
        now = await this.platform.look(changes, this.request);
      } catch (err) {
        return this.unsent(changes, new Map(), `the platform cannot be read: ${textOf(err)}`);
      }
      changes = this.judge(changes, now);
      if (changes.length === 0) {
        return;
      }
      let refused: Map<string, string> | void;
      try {
        refused = await this.platform.set(changes, this.steady, until);
      } catch (err) {
        if (err instanceof Failure && err.mayBeDone) {
          return this.prove(changes, now, new Map(), err);
        }
        if (err instanceof Failure && err.isRefused) {
          return this.halve(changes, now, err);
        }
        if (err instanceof Failure && err.isLate) {
          continue;
        }
        this.dead = textOf(err);
        return this.unsent(changes, now, this.dead);
      }
      return this.prove(changes, now, refused ?? new Map(), undefined);
    }
    this.unsent(changes, new Map(), "the platform was too busy to be written to soon after a look");
  }

  /** Answers the changes that are not to be written, by what the platform holds, and returns the others. */
  private judge(changes: readonly Change[], now: Held): Change[] {
    return changes.filter((c) => {
      const { key } = c, { held, problem } = holds(this.platform.writable[c.field], c.type, c.desired), value = now.get(key);
      if (problem !== "" || value === undefined) {
        this.answer({ key, kind: "rejected", before: value, after: value, reason: problem || gone });
        return false;
      }
      const outcome = guard(c, value, held);
      if (outcome?.kind === "conflict") {
        outcome.reason = `the platform has ${show(value)}, and ${show(c.expected)} was expected: it was changed meanwhile`;
      }
      if (outcome !== undefined) {
        this.answer(outcome);
      }
      return outcome === undefined;
    });
  }

  /** Answers changes that were not sent. */
  private unsent(changes: readonly Change[], now: Held, why: string): void {
    for (const { key } of changes) {
      this.answer({ key, kind: "failed", before: now.get(key), after: now.get(key), reason: `it was not written: ${why}` });
    }
  }

  /** Tries the halves of a batch that the platform refuses. One that stands alone is looked at again: another may have changed it. */
  private async halve(changes: readonly Change[], now: Held, refusal: Failure): Promise<void> {
    if (changes.length > 1) {
      await this.batch(changes.slice(0, changes.length >> 1));
      return this.batch(changes.slice(changes.length >> 1));
    }
    const again = await this.platform.look(changes, this.request).catch(() => undefined);
    for (const { key } of again === undefined ? changes : this.judge(changes, again)) {
      this.answer({ key, kind: "rejected", before: now.get(key), after: now.get(key), reason: refusal.message });
    }
  }

  /** Looks at changes that were sent, and answers them. failure is what went wrong after they were sent. */
  private async prove(changes: readonly Change[], before: Held, refused: Map<string, string>, failure: Failure | undefined): Promise<void> {
    const { signal } = this.request, deadline = clock.now() + (this.platform.patience ?? 0);
    for (let pause = 1000; ; pause = Math.min(2 * pause, 60_000)) {
      let now: Held;
      try {
        now = await this.platform.look(changes, this.steady);
      } catch (err) {
        for (const { key } of changes) {
          const reason = refused.get(key) ?? failure?.message ?? `it was sent, and the platform cannot be read: ${textOf(err)}`;
          this.answer({ key, kind: "unknown", before: before.get(key), reason });
        }
        return;
      }
      const late = failure === undefined && !signal.aborted && clock.now() < deadline;
      changes = changes.filter((c) => {
        const outcome = this.proved(c, before.get(c.key)!, now.get(c.key), refused.get(c.key), failure);
        const waits = late && outcome.kind === "pending";
        if (!waits) {
          this.answer(outcome);
        }
        return waits;
      });
      if (changes.length === 0) {
        return;
      }
      this.request.waiting(new Date(clock.now() + pause), "the platform to show what it took");
      await clock.sleep(pause, signal).catch(() => {}); // the next look is the last then
    }
  }

  /** Says what became of a change that was sent, by what the platform holds now. */
  private proved(c: Change, before: Value, after: Value | undefined, refused: string | undefined, failure: Failure | undefined): Outcome {
    const { key, type } = c, { held } = holds(this.platform.writable[c.field], type, c.desired), seen = { key, before, after };
    const unmoved = after !== undefined && same(type, after, before);
    if (after !== undefined && (same(type, after, held) || same(type, after, c.desired))) {
      return { ...seen, kind: "applied" };
    }
    if (refused !== undefined) {
      return unmoved ? { ...seen, kind: "rejected", reason: refused }
        : { ...seen, kind: "unknown", reason: `the platform refuses it, and its value has changed all the same: ${refused}` };
    }
    if (failure !== undefined) {
      return { ...seen, kind: "unknown", reason: failure.message };
    }
    return unmoved ? { ...seen, kind: "pending", reason: "the platform took it, and does not show it yet" }
      : { ...seen, kind: "unknown", reason: `the platform took it, and now has ${show(after)}` };
  }
}

function textOf(err: unknown): string {
  return err instanceof Error ? err.message : String(err);
}
