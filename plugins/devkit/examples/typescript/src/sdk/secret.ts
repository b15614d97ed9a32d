// The secret of this process: only who started it can call it.

import { randomBytes, timingSafeEqual } from "node:crypto";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";

import { ServerInterceptingCall, status, type ServerInterceptor } from "@grpc/grpc-js";

const header = "reconcile-secret"; // of each call
const form = /^[0-9a-f]{64}$/;

/** Reads the secret that the host hands over, and closes the descriptor, so that no program that this one starts inherits it. */
export function receiveSecret(): string {
  const fd = process.env.RECONCILE_SECRET_FD;
  delete process.env.RECONCILE_SECRET_FD;
  if (!fd) {
    throw new Error("RECONCILE_SECRET_FD is not set, so that anybody could use this connector: it needs a newer reconcile");
  }
  const secret = readFileSync(Number(fd), "latin1");
  closeSync(Number(fd));
  if (fd === "0") {
    openSync("/dev/null", "r"); // it becomes the standard input
  }
  if (!form.test(secret)) {
    throw new Error("what should be the secret of this process is not 64 digits from 0 to f");
  }
  return secret;
}

/** Makes a secret and writes it into a file that only the user can read. Hosts that attach read it there. */
export function makeSecret(path: string): string {
  const secret = randomBytes(32).toString("hex");
  writeFileSync(path, secret, { flag: "wx", mode: 0o600 });
  return secret;
}

/** Refuses each call that does not carry the secret, to whichever service it goes. */
export function demand(secret: string): ServerInterceptor {
  const wanted = Buffer.from(secret);
  return (_, call) => new ServerInterceptingCall(call, {
    start: (next) => next({
      onReceiveMetadata: (metadata, pass) => {
        const given = metadata.get(header).map((value) => Buffer.from(value));
        if (given.length === 1 && given[0]!.length === wanted.length && timingSafeEqual(given[0]!, wanted)) {
          pass(metadata);
          return;
        }
        call.sendStatus({ code: status.UNAUTHENTICATED,
          details: "the call does not carry the secret of this process: only who started it can use it" });
      },
    }),
  });
}
