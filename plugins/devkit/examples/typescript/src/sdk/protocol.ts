// The protocol's messages and calls, from its own description: source.proto is the one that the host was made with.

import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import protobuf from "protobufjs";

import sourceProto from "./source.proto";

// What go-plugin, by which the host starts connectors, asks of them beside the protocol.
const goPluginProto = `syntax = "proto3";
package plugin;
message Empty {}
service GRPCController { rpc Shutdown(Empty) returns (Empty); }
`;
const healthProto = `syntax = "proto3";
package grpc.health.v1;
message HealthCheckRequest { string service = 1; }
message HealthCheckResponse { int32 status = 1; }
service Health { rpc Check(HealthCheckRequest) returns (HealthCheckResponse); }
`;

const root = new protobuf.Root();
root.addJSON(protobuf.common.get("google/protobuf/timestamp.proto")!.nested!);
for (const text of [sourceProto, goPluginProto, healthProto]) {
  protobuf.parse(text, root, { keepCase: true });
}
root.resolveAll();

/** The minor version of the protocol that this SDK knows; Describe carries it. */
export const protocolMinor = 0;

/** The calls of a service, as grpc-js wants them. */
export function serviceOf(name: string): ServiceDefinition {
  const definition: { [method: string]: MethodDefinition<object, object> } = {};
  const service = root.lookupService(name);
  for (const m of service.methodsArray) {
    const request = m.resolvedRequestType!, response = m.resolvedResponseType!;
    definition[m.name] = {
      path: `/${name}/${m.name}`,
      requestStream: m.requestStream ?? false,
      responseStream: m.responseStream ?? false,
      requestSerialize: (message) => encode(request, message),
      requestDeserialize: (bytes) => decode(request, bytes),
      responseSerialize: (message) => encode(response, message),
      responseDeserialize: (bytes) => decode(response, bytes),
    };
  }
  return definition;
}

function encode(type: protobuf.Type, message: object): Buffer {
  return Buffer.from(type.encode(type.fromObject(message)).finish());
}

function decode(type: protobuf.Type, bytes: Buffer): object {
  return type.toObject(type.decode(bytes), { defaults: true, longs: Number });
}
