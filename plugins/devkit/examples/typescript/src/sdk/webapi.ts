// A client for the API of a platform on the web: what a connector needs beside knowing the platform.
//
// It signs in, keeps within the limits that the platform tells, tries again what may pass, reads lists to their ends and proves it, and
// says of what fails whose fault it is and what to do.
//
//   const api = new Client({ url, auth: bearer(token), name: "Corner Shop" });
//   for await (const p of byCursor(api.session(request), { ask: (at) => ({ path: "/products", query: { after: at } }), ... })) { ... }
//
// What is promised: a try ends, after half a minute, or a third of read_timeout if that is less. No redirect is followed, and nothing is
// asked of another host: credentials go nowhere else. An answer is bounded. Secrets stand in no error. Waiting is told to the host. A write
// is not sent twice, unless it says that it may be, or it is sure that the platform did nothing.

import type { Auth } from "./auth.js";
import { clock, host } from "./clock.js";
import { Failure, refused, unreachable, type Sent } from "./failure.js";
import { kindOf, parseJSON } from "./json.js";

export { basic, bearer, header, login, query, type Auth } from "./auth.js";
export { Entry, at, entries } from "./entry.js";
export { Failure } from "./failure.js";
export { ofMinor, toMinor, type Amount } from "./json.js";
export { byCursor, byLink, byNumber, byOffset, members, nextLink, type List, type Page } from "./pages.js";

/** How often a request is made, unless a session says otherwise. */
const mostTries = 6;
/** How long one try may take, in milliseconds, unless a client says otherwise. */
const usualTimeout = 30_000;
/** How large an answer is at most, in bytes, unless a client says otherwise. */
const usualBytes = 128 << 20;
/** How long a request may wait in all before it is tried again, in milliseconds. */
const mostWaits = 3 * 60_000;
/** How long a quota may be used up: the host bears 15 minutes. */
const longestQuota = 14 * 60_000;

/** Where a client asks, as whom, and what is known of the platform. */
export interface Config {
  /** The API's address: the paths of requests follow it. */
  url: string;
  /** Adds the credentials to each try. */
  auth?: Auth;
  /** Texts that must stand in no error, beside those of auth. */
  secrets?: string[];
  /** What people call the platform; "the API" if it is left out. */
  name?: string;
  /** The connector's setting that url comes from; "url" if it is left out. */
  setting?: string;
  /** How many requests a second people allow, as in the setting rate_limit. */
  rateLimit?: number;
  /** How long one try may take, in milliseconds. */
  timeout?: number;
  /** How large an answer may be, in bytes. */
  mostBytes?: number;
  /** May change what is said of an answer that is a failure, and whether it passes. */
  explain?(failure: Failure, answer: Answer): void;
}

/** What is asked. */
export interface Request {
  /** For people: "page 3 of GET /products". The method and the path if it is left out. */
  what?: string;
  /** GET if it is left out. Any other but HEAD is a write, which is not sent again where nobody knows what became of it. */
  method?: string;
  /** Below the client's url. It may have parameters. */
  path?: string;
  /** Parameters; those that are undefined or "" are left out. */
  query?: Record<string, string | number | undefined>;
  /** A whole address in place of path and query, such as a link to the next page. It has to be of the same host. */
  address?: string;
  headers?: Record<string, string>;
  /** Is sent as JSON; a string as it stands. */
  body?: unknown;
  /** Makes a write that is sent twice count once: it is sent as the header Idempotency-Key, the same with each try. */
  key?: string;
  /** Sending it twice is the same as sending it once: a query by POST, or a write that sets a value whatever it was. */
  again?: boolean;
  /**
   * When it is too late to send it, in milliseconds since 1970, such as a write for which the platform was looked at: after that it fails,
   * and is not sent.
   */
  until?: number;
  /** Statuses of good answers, beside 200 or, of a write, any from 200 to 299. */
  good?: number[];
}

/** What the platform answered, whole. */
export class Answer {
  constructor(readonly status: number, readonly headers: Headers, readonly text: string, readonly url: URL) {}

  /** The body as JSON. A number that JavaScript would round is a text. */
  json(): unknown {
    return parseJSON(this.text);
  }

  /** The body as a JSON object, which has to have the members that are named: null counts as none. */
  object(...has: string[]): Record<string, unknown> {
    const value = this.json();
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new Error(`it is ${kindOf(value)}, where an object is expected`);
    }
    const object = value as Record<string, unknown>, lacks = has.filter((name) => object[name] === undefined || object[name] === null);
    if (lacks.length > 0) {
      throw new Error(`it has no ${lacks.map((name) => `"${name}"`).join(", ")}`);
    }
    return object;
  }
}

/** Who is told what a session does. A ReadRequest is one; for check, { signal } is. */
export interface Teller {
  signal: AbortSignal;
  step?(text: string): void;
  waiting?(until: Date, why: string): void;
}

/** Asks one platform. All requests to it should go through one client, which can pace only those. */
export class Client {
  private readonly base: URL;
  private free = 0; // when the next request may start
  private why = ""; // what it waits for until then
  private answered = false;
  private signing: Client | undefined; // asks for tokens

  /** Only unsigned gives hides. */
  constructor(readonly config: Config, private readonly hides = config.auth) {
    const url = config.url.replace(/\/+$/, "");
    if (!URL.canParse(url)) {
      throw new Error(`${this.setting} is no web address: it begins with https://`);
    }
    this.base = new URL(url);
  }

  get name(): string { return this.config.name ?? "the API"; }
  get setting(): string { return this.config.setting ?? "url"; }

  /** A series of requests for one purpose. tries is how often each is made at most: 3 where a person waits. */
  session(teller: Teller, tries = mostTries): Session {
    return new Session(this, teller, tries);
  }

  /** Strikes the secrets out of a text that came from elsewhere. */
  clean(text: string): string {
    const forms = new Set<string>();
    for (const secret of [...(this.config.secrets ?? []), ...(this.hides?.secrets ?? [])].filter((s) => s !== "")) {
      for (const form of [secret, encodeURIComponent(secret), new URLSearchParams([["", secret]]).toString().slice(1),
        JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString("base64")]) {
        forms.add(form);
      }
    }
    if (forms.size === 0) {
      return text;
    }
    // A secret that holds another one goes first, as a whole.
    const sorted = [...forms].sort((a, b) => b.length - a.length).map((s) => s.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return text.replace(new RegExp(sorted.join("|"), "g"), "[secret]");
  }

  /** Waits until the next request may start. */
  async enter(teller: Teller): Promise<void> {
    for (let wait = this.free - clock.now(); wait > 0; wait = this.free - clock.now()) {
      if (wait > longestQuota) {
        throw new Failure(`${this.name}'s quota is used up until ${new Date(this.free).toISOString()}`, { sent: "not sent", advice: "run again then" });
      }
      if (wait >= 1000) {
        teller.waiting?.(new Date(this.free), this.why);
      }
      await clock.sleep(wait, teller.signal);
    }
    if (this.config.rateLimit) {
      this.hold(1000 / this.config.rateLimit, "the rate_limit");
    }
  }

  /** Starts no request for so many milliseconds. */
  hold(wait: number, why: string): void {
    const until = clock.now() + wait;
    if (until > this.free) {
      this.free = until;
      this.why = why;
    }
  }

  /** Takes in what an answer says of the quota: RateLimit-Remaining and RateLimit-Reset, with or without X- before them. */
  private note(headers: Headers): void {
    this.answered = true;
    for (const prefix of ["ratelimit-", "x-ratelimit-", "x-rate-limit-"]) {
      const left = headers.get(prefix + "remaining"), reset = Number(headers.get(prefix + "reset") ?? NaN);
      if (left === null || Number(left) > 0 || !(reset >= 0)) {
        continue;
      }
      // Seconds, or a time in seconds since 1970, which is held against the answer's. Platforms round down: one is added.
      const seconds = reset < 1e9 ? reset + 1 : reset + 1 - (Date.parse(headers.get("date") ?? "") || clock.now()) / 1000;
      if (seconds > 0 && seconds < 25 * 3600) {
        this.hold(seconds * 1000, `${this.name}'s quota`);
      }
    }
  }

  /** The address of a request. One that the other side gave has to be of the host that the settings name. */
  private addressOf(r: Request): URL {
    if (r.address === undefined) {
      const url = new URL(this.base.href.replace(/\/+$/, "") + (r.path ?? ""));
      for (const [name, value] of Object.entries(r.query ?? {})) {
        if (value !== undefined && value !== "") {
          url.searchParams.set(name, String(value));
        }
      }
      return url;
    }
    const from = this.base.href.replace(/\/*$/, "/"), url = URL.canParse(r.address, from) ? new URL(r.address, from) : undefined;
    if (url === undefined || url.origin !== this.base.origin || url.username !== "" || url.password !== "") {
      throw new Failure(url === undefined ? "the API gives an address that makes no sense"
        : `the API leads to ${this.clean(url.origin)}, which does not get the credentials: they are for ${this.base.origin}`, { sent: "not sent", advice: `check ${this.setting}` });
    }
    url.hash = "";
    return url;
  }

  /** Asks once. What it throws is a Failure, or the reason of the teller's signal. It also tells with which headers it asked. */
  async try<T>(r: Request, teller: Teller, read: (answer: Answer) => T, signed: (headers: Headers) => void): Promise<T> {
    const url = this.addressOf(r), headers = new Headers({ Accept: "application/json", "User-Agent": "reconcile" });
    if (r.body !== undefined) {
      headers.set("Content-Type", "application/json");
    }
    if (r.key !== undefined) {
      headers.set("Idempotency-Key", r.key);
    }
    for (const [name, value] of Object.entries(r.headers ?? {})) {
      headers.set(name, value);
    }
    await this.sign(headers, url, teller);
    signed(headers);
    const patience = Math.min(this.config.timeout ?? usualTimeout, host.readTimeout > 0 ? host.readTimeout / 3 : Infinity);
    const abort = new AbortController(), stop = () => abort.abort();
    const timer = setTimeout(stop, patience);
    teller.signal.addEventListener("abort", stop, { once: true });
    let status = 0, sent: Sent = "not sent";
    try {
      teller.signal.throwIfAborted();
      const body = r.body === undefined || typeof r.body === "string" ? r.body : JSON.stringify(r.body);
      sent = "maybe sent";
      const response = await fetch(url, { method: r.method ?? "GET", headers, body, redirect: "manual", signal: abort.signal });
      status = response.status;
      this.note(response.headers);
      const bytes = await bodyOf(response, this.config.mostBytes ?? usualBytes);
      return this.take(r, new Answer(status, response.headers, textOf(bytes, isGood(r, status)), url), read);
    } catch (err) {
      teller.signal.throwIfAborted();
      if (err instanceof Failure) {
        throw err;
      }
      if (abort.signal.aborted) {
        throw new Failure(status === 0 ? `no answer within ${seconds(patience)}` : `the answer did not end within ${seconds(patience)}`,
          { blame: "network", temporary: true, sent, advice: "the network is slow, or the API is" });
      }
      if (status !== 0) {
        const { cause, message } = err as Error;
        throw new Failure(`the answer broke off: ${this.clean(cause instanceof Error ? cause.message : message)}`, { temporary: true, sent });
      }
      const failure = unreachable(err, url, this.setting, this.answered);
      failure.text = this.clean(failure.text);
      throw failure;
    } finally {
      clearTimeout(timer);
      teller.signal.removeEventListener("abort", stop);
    }
  }

  private async sign(headers: Headers, url: URL, teller: Teller): Promise<void> {
    try {
      await this.config.auth?.sign(headers, url, this.unsigned(teller));
    } catch (err) {
      throw this.signingFailed(err, teller);
    }
  }

  /** A session without credentials, which asks for them. */
  unsigned(teller: Teller): Session {
    this.signing ??= new Client({ ...this.config, auth: undefined }, this.hides);
    return this.signing.session(teller);
  }

  signingFailed(err: unknown, teller: Teller): Failure {
    teller.signal.throwIfAborted();
    return new Failure(`signing in: ${this.clean((err as Error).message)}`, { blame: err instanceof Failure ? err.blame : "credentials", sent: "not sent" });
  }

  /** Looks at an answer, and hands a good one on. */
  private take<T>(r: Request, answer: Answer, read: (answer: Answer) => T): T {
    if (!isGood(r, answer.status)) {
      const failure = refused(answer.status, answer.headers, answer.text, this.setting, clock.now());
      this.config.explain?.(failure, answer);
      failure.said = this.clean(failure.said);
      failure.text = this.clean(failure.text);
      throw failure;
    }
    try {
      return read(answer);
    } catch (err) {
      throw new Failure(`the answer makes no sense: ${this.clean((err as Error).message)}; it begins with ${JSON.stringify(this.clean(answer.text).slice(0, 60))}`,
        { temporary: true, status: answer.status });
    }
  }
}

/** A series of requests for one purpose, several at a time or one by one. */
export class Session {
  constructor(readonly client: Client, readonly teller: Teller, private readonly tries: number) {}

  /** Makes a GET for a path, and returns the JSON object that it answers with, which has to have the members that are named. */
  get(path: string, ...has: string[]): Promise<Record<string, unknown>> {
    return this.do({ path }, (answer) => answer.object(...has));
  }

  /**
   * Makes a request. read takes in a good answer; what it throws means that the answer is broken. Answers that may be different the next
   * time are asked for again, a few times, with growing pauses, unless it is a write of which nobody knows whether it was done. It
   * rejects with a Failure, or the reason of the teller's signal.
   */
  async do<T>(r: Request, read: (answer: Answer) => T): Promise<T> {
    const { client, teller } = this, what = client.clean(nameOf(r)), began = clock.now();
    let renewed = false, arrived = false, pause = 0, waited = 0;
    for (let tried = 1; ; tried++) {
      let signed = new Headers();
      try {
        await client.enter(teller);
        if (r.until !== undefined && clock.now() > r.until) {
          throw new Failure("it was held back for too long, and not sent", { blame: "connector", sent: "not sent", isLate: !arrived });
        }
        teller.step?.(what);
        return await client.try(r, teller, read, (headers) => { signed = headers; });
      } catch (err) {
        if (!(err instanceof Failure)) {
          throw err; // the reason why nobody waits any more
        }
        arrived ||= err.sent !== "not sent"; // an earlier try counts as well
        if (arrived && err.sent === "not sent") {
          err.sent = "maybe sent";
        }
        const { auth } = client.config;
        if (err.status === 401 && auth?.renew !== undefined && !renewed) {
          renewed = true;
          try {
            await auth.renew(signed, client.unsigned(teller));
          } catch (again) {
            throw client.signingFailed(again, teller).about(what, "");
          }
          tried--;
          continue;
        }
        if (!mayRepeat(r, err)) {
          throw err.about(what, err.temporary && err.mayBeDone ? "; it may have been done all the same, so that it was not sent again" : "");
        }
        pause = Math.max(2 * pause, 1000);
        const wait = (err.retryAfter ?? pause) + Math.random() * 250; // not all clients at once
        waited += wait;
        if (tried >= this.tries || waited > mostWaits) {
          throw err.about(what, ` after ${tried === 1 ? "1 try" : `${tried} tries`} in ${seconds(clock.now() - began)}` +
            (waited > mostWaits && err.retryAfter !== undefined ? `; the API asks to wait ${seconds(err.retryAfter)}` : ""));
        }
        client.hold(wait, `try ${tried + 1} of ${this.tries} of ${what} (${err.reason})`);
      }
    }
  }
}

/** Whether a request that failed may be sent once more. */
function mayRepeat(r: Request, f: Failure): boolean {
  const safe = r.again || r.key !== undefined || ["GET", "HEAD"].includes(r.method ?? "GET");
  return f.temporary && (safe || f.sent === "not sent" || f.sent === "answered" && f.status === 429);
}

function isGood(r: Request, status: number): boolean {
  return (r.good ?? []).includes(status) || (["GET", "HEAD"].includes(r.method ?? "GET") ? status === 200 : status >= 200 && status < 300);
}

/** Names a request for people, without parameters that may hold secrets. */
function nameOf(r: Request): string {
  const path = r.address !== undefined && URL.canParse(r.address, "http://x") ? new URL(r.address, "http://x").pathname : r.path ?? "";
  return r.what ?? `${r.method ?? "GET"} ${path.split("?")[0]}`;
}

/** Reads a body that is not larger than most bytes. */
async function bodyOf(response: Response, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > most) { // leaving the loop ends the answer
      throw new Failure(`the answer is larger than ${most} bytes`, { status: response.status });
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The text of a body. That of a good answer has to be Unicode. */
function textOf(bytes: Uint8Array, strict: boolean): string {
  try {
    return new TextDecoder("utf-8", { fatal: strict }).decode(bytes);
  } catch {
    throw new Failure("the answer's text is not UTF-8", { temporary: true, status: 200 });
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10}s`;
}
