// The process that the host starts: go-plugin's handshake, its health check and shutdown, and the host's end.

import { randomBytes } from "node:crypto";
import type { EventEmitter } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Server, ServerCredentials, status, type ServerUnaryCall, type ServerWritableStream, type sendUnaryData } from "@grpc/grpc-js";

import type { ChangeStream } from "./answers.js";
import type { OrdersStream } from "./orders.js";
import { serviceOf } from "./protocol.js";
import { demand, makeSecret, receiveSecret } from "./secret.js";
import { Mistake, StatusError } from "./source.js";

const cookie = { name: "RECONCILE_PLUGIN", value: "source.v1" };
const corePluginVersion = 1, protocolMajor = 1;

/** The calls of the protocol, as promises. */
export interface Calls {
  Describe(request: object): Promise<object>;
  Configure(request: { settings: Uint8Array; read_timeout_ms: number; apply: boolean }): Promise<object>;
  Check(request: object, signal: AbortSignal): Promise<object>;
  Schema(request: object): Promise<object>;
  Read(stream: ServerWritableStream<{ fields: string[]; counted: boolean }, object>): Promise<void>;
  Fetch(stream: ServerWritableStream<{ fields: string[]; items: { id: string; sku: string }[] }, object>): Promise<void>;
  Prepare(stream: ChangeStream): Promise<void>;
  Apply(stream: ChangeStream): Promise<void>;
  Orders(stream: OrdersStream): Promise<void>;
}

const byHost = process.env[cookie.name] === cookie.value;

/** Read before anything of the connector runs. */
const received = byHost ? receive() : undefined;

/** Whether a person has started this process to debug it: it waits for hosts that attach to it then, one after the other. */
export const debugging = !byHost && process.argv.slice(2).some((arg) => arg === "-debug" || arg === "--debug");

/**
 * Serves the calls until the host is done. In a process that a person started it says so on stderr and ends with status 1,
 * unless the argument -debug is there.
 */
export function run(name: string, calls: Calls, maxMessage: number): void {
  if (!byHost && !debugging) {
    giveUp("This is a connector: reconcile starts it, as a plugin block or reconcile plugin test tells it to. With -debug it waits for reconcile.");
  }
  if (process.env.PLUGIN_CLIENT_CERT) {
    giveUp("A connector in TypeScript needs Unix sockets, which this system does not have: run reconcile on Linux or macOS, or in WSL.");
  }
  if (!debugging) {
    endWithHost();
  }
  // What a connector prints goes to the host's log: the host reads stdout for the handshake alone.
  const handshake = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  if (!debugging) {
    process.on("SIGINT", () => {}); // the host gets it too, and ends us when it is done
  }

  const folder = debugging ? mkdtempSync(join(tmpdir(), "reconcile-debug-")) : process.env.PLUGIN_UNIX_SOCKET_DIR || tmpdir();
  const socket = join(folder, `plugin${randomBytes(6).toString("hex")}`);
  const secret = received ?? makeSecret(`${socket}.secret`);
  const server = new Server({ interceptors: [demand(secret)], "grpc.max_receive_message_length": maxMessage, "grpc.max_send_message_length": maxMessage });
  server.addService(serviceOf("reconcile.source.v1.Source"), {
    Describe: unary(calls.Describe), Configure: unary(calls.Configure), Check: unary(calls.Check), Schema: unary(calls.Schema),
    Read: streaming(calls.Read), Fetch: streaming(calls.Fetch), Prepare: streaming(calls.Prepare), Apply: streaming(calls.Apply), Orders: streaming(calls.Orders),
  });
  server.addService(serviceOf("grpc.health.v1.Health"), {
    Check: unary(async () => ({ status: 1 })), // SERVING
  });
  server.addService(serviceOf("plugin.GRPCController"), {
    Shutdown: (_: object, answer: sendUnaryData<object>) => {
      answer(null, {});
      server.tryShutdown(() => process.exit(0));
      setTimeout(() => process.exit(0), 500).unref();
    },
  });

  server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (err) => {
    if (err) {
      giveUp(`The connector cannot listen on ${socket}: ${err.message}`);
    }
    if (!debugging) {
      handshake(`${corePluginVersion}|${protocolMajor}|unix|${socket}|grpc\n`);
      return;
    }
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        rmSync(folder, { recursive: true, force: true });
        process.exit(0);
      });
    }
    handshake(`The connector "${name}" waits for reconcile, in process ${process.pid}. In another terminal:

  export RECONCILE_REATTACH='${name}=unix:${socket}'
  reconcile run

Set breakpoints as you like: no time limit applies. Ctrl-C ends it.
`);
  });
}

function receive(): string {
  try {
    return receiveSecret();
  } catch (err) {
    return giveUp(err instanceof Error ? err.message : String(err));
  }
}

function giveUp(message: string): never {
  process.stderr.write(message + "\n");
  process.exit(1);
}

/** Ends the process when the host is gone, however it went. */
function endWithHost(): void {
  const end = () => process.exit(0);
  if (process.env.RECONCILE_LIFELINE_FD) {
    // The host holds the other end for as long as it lives.
    new Socket({ fd: Number(process.env.RECONCILE_LIFELINE_FD), readable: true, writable: false })
      .on("end", end).on("close", end).on("error", end).resume().unref();
  } else if (process.env.RECONCILE_HOST_PID) {
    const host = Number(process.env.RECONCILE_HOST_PID);
    setInterval(() => { if (process.ppid !== host) end(); }, 1000).unref();
  }
}

type Unary = (request: any, signal: AbortSignal) => Promise<object>;

function unary(call: Unary) {
  return (c: ServerUnaryCall<object, object>, answer: sendUnaryData<object>) => {
    const abort = new AbortController();
    c.on("cancelled", () => abort.abort());
    call(c.request, abort.signal).then((message) => answer(null, message), (err: unknown) => {
      log(err);
      answer(failure(err));
    });
  };
}

/** A call that answers with a stream. */
function streaming<S extends EventEmitter>(call: (stream: S) => Promise<void>) {
  return (stream: S) => {
    stream.on("error", () => {}); // its end, which the call notices by itself
    call(stream).catch((err: unknown) => {
      log(err);
      stream.emit("error", failure(err));
    });
  };
}

const longestMessage = 4000; // characters: an error travels in a header

/** An error as gRPC has it, with its text as it is. */
function failure(err: unknown): { code: number; details: string } {
  const text = err instanceof Error ? err.message : String(err);
  const cause = err instanceof Error && err.cause instanceof Error ? `: ${err.cause.message}` : "";
  return { code: err instanceof StatusError ? err.code : status.UNKNOWN, details: (text + cause).slice(0, longestMessage) };
}

/** Where an error came from, for the host's --verbose output. */
function log(err: unknown): void {
  if (err instanceof StatusError && !(err instanceof Mistake)) {
    return; // the host's doing
  }
  const text = err instanceof Error ? (err.stack ?? err.message) : String(err);
  process.stderr.write(JSON.stringify({ "@level": "debug", "@message": text }) + "\n");
}
