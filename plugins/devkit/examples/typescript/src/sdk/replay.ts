// Recordings: what a platform has answered, in a file, without secrets.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { ask, bodyOf, give, serve, type Test } from "./testing.js";

/** What replay has to know of a platform. */
export interface Platform {
  /** Its address. Only recording needs it, so it may come from the environment. */
  url?: string;
  /** The values that the connector is given and that are to stand in no file. Wherever they stand, they are struck out. */
  secrets?: (string | undefined)[];
  /** Query parameters that are another each time, such as the time of the last pull. They are not compared. */
  ignore?: string[];
}

/** A request and its answer, in the file. Of the bodies there is one: JSON, text, or bytes in base64. */
interface Exchange {
  method: string;
  path: string;
  body?: string;
  answer: { status: number; header: Record<string, string[]>; json?: unknown; text?: string; bytes?: string };
}

const struck = "struck-out", urlMark = "{{url}}";
/** How long a secret is at least: shorter ones stand in ordinary data, too. */
const shortest = 6;
const secretName = /^(.*[_-])?(token|secret|password|passwd|pwd|signature|api[_-]?key|apikey|access[_-]?key|private[_-]?key|session|authorization|jwt)$|(token|secret|password)$/i;
const notSecret = /page|next|cursor|continu|sync|after|before/i;
const unkept = ["set-cookie", "date", "server", "strict-transport-security", "alt-svc"];

/**
 * Returns the address of a platform that answers as file says. Where the environment has RECONCILE_RECORD=1 it asks the platform itself
 * instead, and at the end of the test writes the file anew.
 *
 * The file has no header of a request, no cookie, none of the platform's secrets, and of JSON and forms no value whose name is that of
 * a secret. Requests are told apart by method, path, query and body. One that was recorded several times is answered in that order,
 * and then as the last time. One that was not recorded fails the test.
 */
export async function replay(t: Test, file: string, platform: Platform): Promise<string> {
  const striker = new Striker(platform.secrets ?? []);
  const recording = (process.env.RECONCILE_RECORD ?? "") !== "";
  const said: Exchange[] = recording ? [] : load(file);
  const from = platform.url?.replace(/\/$/, "") ?? "";
  if (recording && from === "") {
    throw new Error(`to record ${file}, the platform's url has to be known`);
  }
  const played = new Map<string, number>();
  const wrong: string[] = [];
  let last: Promise<void> = Promise.resolve(); // recorded one after the other: they are to come in an order
  let here = "";
  here = await serve(t, async (request, response) => {
    const body = await bodyOf(request);
    const asked = { method: request.method ?? "GET", ...striker.request(request.url ?? "/", request.headers["content-type"], body, platform.ignore ?? []) };
    if (!recording) {
      return play(asked);
    }
    last = last.then(async () => {
      try {
        const answer = await ask(from, request, body);
        said.push({ ...asked, answer: striker.answer(answer, from) });
        const text = answer.body.toString("utf8");
        const same = Buffer.from(text).equals(answer.body);
        give(response, { ...answer, headers: Object.fromEntries(Object.entries(answer.headers).map(([k, v]) => [k, v.replaceAll(from, here)])),
          body: same ? Buffer.from(moved(text, from, here)) : answer.body });
      } catch (err) {
        wrong.push(striker.text(`record ${nameOf(asked)}: ${err}`));
        give(response, { status: 502, headers: {}, body: Buffer.from("the recording failed") });
      }
    });

    function play(asked: Omit<Exchange, "answer">): void {
      const found = said.filter((e) => nameOf(e) === nameOf(asked));
      if (found.length === 0) {
        const all = [...new Set(said.map(nameOf))];
        const text = `${nameOf(asked)} was not recorded. ${file} has ${all.slice(0, 10).join(", ")}${all.length > 10 ? ", and more" : ""}. ` +
          "If the connector is right to ask for that, record anew, with RECONCILE_RECORD=1.";
        wrong.push(text);
        return give(response, { status: 501, headers: {}, body: Buffer.from(text) });
      }
      const n = played.get(nameOf(asked)) ?? 0;
      played.set(nameOf(asked), n + 1);
      const { answer } = found[Math.min(n, found.length - 1)];
      const text = answer.json !== undefined ? JSON.stringify(answer.json) : answer.text ?? "";
      response.writeHead(answer.status, Object.fromEntries(Object.entries(answer.header ?? {}).map(([k, v]) => [k, v.map((s) => s.replaceAll(urlMark, here))])))
        .end(answer.bytes !== undefined ? Buffer.from(answer.bytes, "base64") : moved(text, urlMark, here));
    }
  });
  // After the server's end, which an error here would skip.
  t.after(() => {
    if (wrong.length > 0) {
      throw new Error(wrong.join("\n"));
    }
    if (recording) {
      const text = striker.text(JSON.stringify(said, undefined, 2));
      JSON.parse(text); // a secret may have been a part of what every recording has
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text + "\n");
    }
  });
  return here;
}

function load(file: string): Exchange[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (err) {
    throw new Error(`there is no recording ${file}: set RECONCILE_RECORD=1 and what the test needs to ask the platform, and run it once`, { cause: err });
  }
  return JSON.parse(text) as Exchange[];
}

const nameOf = (e: Omit<Exchange, "answer">) => `${e.method} ${e.path} ${e.body ?? ""}`.trim();

/** Replaces an address, also where its slashes are escaped. */
function moved(text: string, from: string, to: string): string {
  const escaped = (s: string) => s.replaceAll("/", "\\/");
  return text.replaceAll(from, to).replaceAll(escaped(from), escaped(to));
}

/** Strikes secrets out, and learns those that it strikes out because of their names. */
class Striker {
  private forms: string[] = [];

  constructor(secrets: readonly (string | undefined)[]) {
    secrets.forEach((secret, i) => {
      if (secret && secret.length < shortest) {
        throw new Error(`secret ${i + 1} has ${secret.length} characters: it would be struck out of ordinary data, too; take one that has ${shortest} at least`);
      }
      this.learn(secret ?? "");
    });
  }

  private learn(secret: string): void {
    const quoted = JSON.stringify(secret).slice(1, -1);
    const plus = new URLSearchParams({ s: secret }).toString().slice(2);
    const base64 = Buffer.from(secret).toString("base64");
    for (const form of [secret, quoted, plus, encodeURIComponent(secret), base64, base64.replaceAll("+", "-").replaceAll("/", "_")]) {
      if (secret !== "" && form !== struck && !this.forms.includes(form)) {
        this.forms.push(form);
      }
    }
    this.forms.sort((a, b) => b.length - a.length); // one may be a part of another
  }

  text(text: string): string {
    return this.forms.reduce((text, form) => text.replaceAll(form, struck), text);
  }

  private named(name: string, value: string): string {
    if (value === "" || !secretName.test(name) || notSecret.test(name)) {
      return this.text(value);
    }
    if (value.length >= shortest) {
      this.learn(value);
    }
    return struck;
  }

  private parameters(all: URLSearchParams): string {
    const clean = new URLSearchParams();
    for (const [name, value] of all) {
      clean.append(name, this.named(name, value));
    }
    clean.sort();
    return clean.toString();
  }

  request(address: string, type: string | undefined, body: Buffer, ignore: string[]): { path: string; body?: string } {
    const url = new URL(address, "http://shop");
    ignore.forEach((name) => url.searchParams.delete(name));
    const query = this.parameters(url.searchParams);
    const path = this.text(url.pathname) + (query === "" ? "" : `?${query}`);
    return body.length === 0 ? { path } : { path, body: this.body(body.toString("utf8"), type) };
  }

  private body(text: string, type = ""): string {
    if (isJSON(text)) {
      return this.text(this.json(text));
    }
    return type.startsWith("application/x-www-form-urlencoded") ? this.parameters(new URLSearchParams(text)) : this.text(text);
  }

  /** Works on the text, so that numbers keep their digits. */
  private json(text: string): string {
    return text.replace(/"((?:[^"\\]|\\.)*)"\s*:\s*"((?:[^"\\]|\\.)*)"/g, (member, name: string, value: string) =>
      this.named(name, JSON.parse(`"${value}"`) as string) === struck && secretName.test(name) && !notSecret.test(name) ? `"${name}":"${struck}"` : member);
  }

  answer(answer: { status: number; headers: Record<string, string>; body: Buffer }, from: string): Exchange["answer"] {
    const header: Record<string, string[]> = {};
    for (const [name, value] of Object.entries(answer.headers)) {
      if (!unkept.includes(name)) {
        header[name] = [this.named(name, value.replaceAll(from, urlMark))];
      }
    }
    const text = answer.body.toString("utf8");
    if (!Buffer.from(text).equals(answer.body)) {
      return { status: answer.status, header, bytes: answer.body.toString("base64") };
    }
    const clean = moved(this.body(text, answer.headers["content-type"]), from, urlMark);
    // JSON stays text where it would lose digits.
    return isJSON(clean) && JSON.stringify(JSON.parse(clean)) === clean ? { status: answer.status, header, json: JSON.parse(clean) } : { status: answer.status, header, text: clean };
  }
}

function isJSON(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
