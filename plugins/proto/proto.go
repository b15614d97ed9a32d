// Package proto is what host and SDK must agree on: the handshake, the generated gRPC code (source/v1), and how batches
// and schemas are written as messages. Nothing else of the project imports it.
package proto

//go:generate protoc -I . --go_out=. --go_opt=paths=source_relative --go-grpc_out=. --go-grpc_opt=paths=source_relative source/v1/source.proto

import (
	plugin "github.com/hashicorp/go-plugin"
)

const (
	// Major is the protocol's major version, which go-plugin negotiates; it goes with the proto package's name.
	Major = 1
	// Minor is the protocol's minor version: which additions within the major one a side knows. Describe carries it.
	Minor = 0

	// PluginName is the name under which a connector's process serves.
	PluginName = "source"

	// Incremental is the capability of a source of which the host can keep a Local Copy: it has Pull and Assemble.
	Incremental = "incremental"

	// MaxMessage is the largest message, and so the largest batch, in bytes that a host takes from a connector.
	MaxMessage = 64 << 20
	// MaxBatchItems is the largest number of items that a host takes in one batch.
	MaxBatchItems = 1 << 20

	// MaxItems is the largest number of items that a host takes in one read: more are no catalogue.
	MaxItems = 100_000_000
	// MaxTalk is the largest number of messages in a row that bring no item, or no record.
	MaxTalk = 100_000
	// MaxEmpty is the largest number of batches in a row without an item.
	MaxEmpty = 1000
	// MaxWarnings is the largest number of warnings of one read that are shown.
	MaxWarnings = 1000
	// MaxNotices is the largest number of notices of one read that are shown.
	MaxNotices = 100
	// MaxText is the largest text for people, in bytes: a host cuts what is longer.
	MaxText = 4 << 10

	// LifelineEnv names the environment variable that holds the number of an inherited file descriptor. The host keeps
	// the other end open for as long as it lives; the connector exits when it reads its end.
	LifelineEnv = "RECONCILE_LIFELINE_FD"
	// ParentEnv names the environment variable that holds the host's process id. A connector that got no lifeline
	// (Windows) exits when that process is gone.
	ParentEnv = "RECONCILE_HOST_PID"
	// ReattachEnv names the environment variable by which a host is told not to start connectors but to attach to
	// processes that run already: NAME=ADDRESS, several of them with commas between. NAME is a connector, or a source as
	// CONNECTOR.SOURCE; ADDRESS is unix:PATH or tcp:HOST:PORT.
	ReattachEnv = "RECONCILE_REATTACH"
)

// Handshake tells a connector's process that it was started by reconcile, not by a person.
var Handshake = plugin.HandshakeConfig{
	ProtocolVersion:  Major,
	MagicCookieKey:   "RECONCILE_PLUGIN",
	MagicCookieValue: "source.v1",
}
