// Why a request to a platform was not answered well: whose fault it is, whether it passes, and what to do.

import { STATUS_CODES } from "node:http";

/** Who has to act first, so that a request that failed goes well. */
export type Blame = "platform" | "network" | "credentials" | "settings" | "connector";

/**
 * What is known of a request that failed: it never left this machine ("not sent"), it may have arrived and no whole answer came back
 * ("maybe sent"), or the platform has it, and status is what it said ("answered").
 */
export type Sent = "not sent" | "maybe sent" | "answered";

/** Why a request was not answered well. Its message is for people, and holds no secret. */
export class Failure extends Error {
  blame: Blame = "platform";
  /** Of the answer; 0 if there was none. */
  status = 0;
  /** What the platform said about it. */
  said = "";
  /** What to do, where the text does not say. */
  advice = "";
  /** It may be answered well later. */
  temporary = false;
  /** How long the platform asks to wait, in milliseconds; undefined if it does not say. */
  retryAfter: number | undefined;
  sent: Sent = "answered";
  /** It was not sent because the request's until had passed. */
  isLate = false;

  /** @param text what went wrong: after the status, where there is one */
  constructor(public text: string, about: Partial<Pick<Failure, "blame" | "status" | "said" | "advice" | "temporary" | "retryAfter" | "sent" | "isLate">> = {}) {
    super(text);
    Object.assign(this, about);
  }

  /** What went wrong, without what was asked for. */
  get reason(): string {
    if (this.status === 0 || this.status < 300) {
      return this.text;
    }
    return `${this.status} ${STATUS_CODES[this.status] ?? ""}`.trim() + (this.said ? ` (${this.said})` : "") + (this.text ? `: ${this.text}` : "");
  }

  /** Whether the platform may have done what was asked for, although the request failed. */
  get mayBeDone(): boolean {
    // A gateway answers 502 or 504 for a platform that is still at work; an answer that says "well" and is broken was well; and what leads
    // elsewhere may do so after the work, as pages for browsers do.
    return this.sent === "maybe sent" || this.sent === "answered" && (this.status >= 500 || this.status < 400 || this.status === 408);
  }

  /** Whether the platform has looked at what was asked for, and will not do it, and has done nothing. */
  get isRefused(): boolean {
    return this.sent === "answered" && [400, 404, 409, 410, 412, 413, 422].includes(this.status);
  }

  /** Makes the message: what was asked for, what went wrong, how often it was tried, and what to do. */
  about(what: string, tried: string): this {
    this.message = `${what}: ${this.reason}${tried}` + (this.advice ? `; ${this.advice}` : "");
    return this;
  }
}

/** The failure that a status means, as a rule. setting is the connector's setting that the address comes from. */
export function refused(status: number, headers: Headers, body: string, setting: string, now: number): Failure {
  const f = new Failure("", { status, said: saidBy(body) });
  if (status === 401) {
    f.blame = "credentials";
    f.text = "the credentials are wrong or were revoked";
  } else if (status === 403) {
    f.blame = "credentials";
    f.text = "the credentials may not do that";
  } else if (status === 404) {
    f.blame = "settings";
    f.text = `there is nothing at this address; check ${setting}`;
  } else if (status >= 300 && status < 400) {
    f.blame = "settings";
    f.text = `the API redirects, which is not followed with credentials; check ${setting}`;
  } else if (status === 503) {
    f.text = "it is down, or has too much to do";
  } else if (status < 300) {
    f.text = `the answer has the status ${status}, which is not the one that was expected`;
  }
  f.temporary = status >= 500 || status < 300 || [408, 423, 425, 429].includes(status);
  if (!f.temporary && f.text === "") {
    f.blame = "connector";
  }
  f.retryAfter = f.temporary ? retryAfter(headers, now) : undefined;
  return f;
}

/** How long an answer asks to wait, in milliseconds: a number of seconds, or a date, which is held against that of the answer. */
function retryAfter(headers: Headers, now: number): number | undefined {
  const text = headers.get("retry-after")?.trim() ?? "";
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : (Date.parse(text) - (Date.parse(headers.get("date") ?? "") || now)) / 1000;
  return seconds > 0 ? Math.min(seconds, 3_600_000) * 1000 : undefined;
}

const mostSaid = 300;

/** What the body of an error says for people: a title, a message or an error, and errors by field. */
function saidBy(body: string): string {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return "";
  }
  const said: string[] = [];
  for (const problem of Array.isArray(answer) ? answer : [answer]) {
    if (typeof problem !== "object" || problem === null) {
      continue;
    }
    for (const name of ["title", "message", "error", "error_description", "detail"]) {
      const text = (problem as Record<string, unknown>)[name];
      if (typeof text === "string" && text !== "" && !said.includes(text)) {
        said.push(text);
      }
    }
  }
  return shortened(said.join("; ").replace(/\s+/g, " ").trim());
}

function shortened(text: string): string {
  return text.length > mostSaid ? text.slice(0, mostSaid).toWellFormed() + "…" : text;
}

/** Of these fetch knows that nothing was sent. */
const unsent = ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH", "UND_ERR_CONNECT_TIMEOUT"];

/**
 * Explains why fetch got no answer. A name that nobody knows, or a port of this machine where nothing listens, is a wrong address
 * rather than something that passes, unless it has answered before.
 */
export function unreachable(err: unknown, url: URL, setting: string, answeredBefore: boolean): Failure {
  const cause = (err as Error).cause ?? err;
  const inner = (cause instanceof AggregateError ? cause.errors[0] : cause) as Error & { code?: string };
  const code = inner.code ?? "", said = inner.message;
  const f = new Failure(`no answer: ${said}`, { blame: "network", temporary: true, sent: unsent.includes(code) ? "not sent" : "maybe sent" });
  const onLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (code === "ENOTFOUND") {
    f.temporary = answeredBefore;
    f.text = `no answer: there is no host named ${url.hostname}`;
    f.advice = `check ${setting}, and whether this machine is connected to the internet`;
  } else if (code === "ECONNREFUSED") {
    f.temporary = answeredBefore || !onLoopback;
    f.text = `no answer: the connection is refused, as nothing listens there: ${said}`;
    f.advice = `check ${setting}, and whether a firewall is in between`;
  } else if (["ENETUNREACH", "EHOSTUNREACH", "EAI_AGAIN"].includes(code)) {
    f.advice = "check whether this machine is connected to the internet";
  } else if (/^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_)/.test(code)) {
    f.temporary = false;
    f.sent = "not sent";
    f.text = `no answer: the other side cannot prove that it is the API: ${said}`;
    f.advice = `check ${setting} and this machine's clock, and whether a proxy or a virus scanner is in between`;
  } else if (/^(UND_ERR_HEADERS_OVERFLOW|HPE_)/.test(code)) {
    f.temporary = false;
    f.blame = "platform";
    f.text = `the answer is no HTTP that can be read: ${said}`;
  }
  if (!f.temporary && f.blame === "network") {
    f.blame = "settings";
  }
  return f;
}
