// Credentials: how requests to a platform are signed.

import type { Session } from "./webapi.js";

/** Signs requests. */
export interface Auth {
  /** The texts that must stand in no error. */
  secrets: string[];
  /** Adds the credentials to a try. An Auth that has to ask for a token does so with session, which has no credentials. */
  sign(headers: Headers, url: URL, session: Session): Promise<void> | void;
  /**
   * Is called where the platform answers 401, with the headers that were signed. It says whether the credentials have been replaced since,
   * so that the request is worth making once more.
   */
  renew?(signed: Headers, session: Session): Promise<boolean>;
}

/** Signs in with a token in the header Authorization. */
export const bearer = (token: string): Auth => header("Authorization", `Bearer ${token}`, token);

/** Signs in with a user's name and a password. */
export function basic(user: string, password: string): Auth {
  const pair = Buffer.from(`${user}:${password}`).toString("base64");
  return header("Authorization", `Basic ${pair}`, password, pair);
}

/** Signs in with a header. secrets are the parts of the value that must stand in no error: all of it if none are given. */
export function header(name: string, value: string, ...secrets: string[]): Auth {
  return { secrets: secrets.length > 0 ? secrets : [value], sign: (headers) => headers.set(name, value) };
}

/** Signs in with a parameter of the address. */
export function query(name: string, value: string): Auth {
  return { secrets: [value], sign: (_, url) => url.searchParams.set(name, value) };
}

/**
 * Signs in with a token that the platform gives for credentials: a POST of message, as JSON, to path, whose answer has the token in a
 * member. The token is sent in a header, behind prefix. It is asked for with the first request, and again where the platform answers
 * 401. The values of message stand in no error.
 */
export function login(path: string, message: Record<string, string>, member: string, name = "Authorization", prefix = "Bearer "): Auth {
  let token: Promise<string> | undefined, known = "";
  const secrets = Object.values(message);
  const ask = async (session: Session) => {
    const got = await session.do({ method: "POST", path, body: message, again: true }, (answer) => answer.object()[member]);
    if (typeof got !== "string" || got === "") {
      throw new Error(`the answer to the login has no text "${member}"; check the credentials`);
    }
    secrets.push(got);
    return known = got;
  };
  const start = (session: Session) => {
    const asked = token = ask(session);
    asked.catch(() => { if (token === asked) token = undefined; }); // the next request asks again
    return asked;
  };
  /** What another request has asked for may fail because nobody waits for that one any more. */
  const have = async (session: Session) => (await token?.catch(() => undefined)) ?? await (token ?? start(session));
  return {
    secrets,
    async sign(headers, _, session) {
      headers.set(name, prefix + await have(session));
    },
    async renew(signed, session) {
      if (signed.get(name) === prefix + known && known !== "") {
        known = "";
        token = undefined;
      }
      await have(session);
      return true;
    },
  };
}
