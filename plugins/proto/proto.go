// Package proto is what host and SDK must agree on: the handshake, the generated gRPC code (source/v1), and how batches
// and schemas are written as messages. Connectors do not import it.
package proto

//go:generate protoc -I . --go_out=. --go_opt=paths=source_relative --go-grpc_out=. --go-grpc_opt=paths=source_relative source/v1/source.proto

import (
	"time"

	plugin "github.com/hashicorp/go-plugin"
)

const (
	// Major is the protocol's major version, which go-plugin negotiates. The proto package source.v1 has the same number.
	Major = 1
	// Minor is the protocol's minor version, which grows with each release that adds something; nothing is released yet. Host and connector
	// exchange it in Describe.
	Minor = 0

	// PluginName is the name under which go-plugin knows a connector.
	PluginName = "source"

	// Incremental is the capability of sources that have the calls Pull and Assemble: the host can keep a Local Copy of them.
	Incremental = "incremental"
	// Fetch is the capability of sources that have the call Fetch: single items can be read of them.
	Fetch = "fetch"
	// Apply is the capability of sources that have the calls Prepare and Apply: they can change their platform. They have Fetch, too.
	Apply = "apply"

	// Orders is the capability of sources that have the call Orders: they tell the web orders that the field pending counts.
	Orders = "orders"

	// MaxMessage is the largest message, and so the largest batch, that a host accepts from a connector, in bytes.
	MaxMessage = 64 << 20
	// MaxAnswer is the largest answer to Describe, Configure, Check and Schema, and the largest message of a read or pull that
	// has no items and no records, in bytes. Two bytes of such a message can become a hundred in memory.
	MaxAnswer = 2 << 20
	// MaxBatchItems is the largest number of items that a host accepts in one batch, and of records or keys in one message.
	MaxBatchItems = 1 << 20

	// MaxChanges is the largest number of changes in one call of Prepare or Apply, and of items in one call of Fetch.
	MaxChanges = 2000

	// MaxOrders is the largest number of web orders that a host accepts in one answer, and of lines of all of them. No shop has so many
	// to import.
	MaxOrders = 1 << 20

	// MaxField is the largest text that a host accepts as a field's value, or as an element of one, in bytes. No product has one.
	MaxField = 16 << 20

	// MaxItems is the largest number of items that a host accepts in one read. No catalogue has more.
	MaxItems = 100_000_000
	// MaxMessagesWithoutItem is the largest number of messages in a row that bring no item, or no record.
	MaxMessagesWithoutItem = 100_000
	// MaxEmptyBatches is the largest number of batches in a row without an item.
	MaxEmptyBatches = 1000
	// MaxWarnings is the largest number of warnings of one read that are shown.
	MaxWarnings = 1000
	// MaxNotices is the largest number of notices of one read that are shown.
	MaxNotices = 100
	// MaxText is the largest text for people, in bytes: a host cuts what is longer.
	MaxText = 4 << 10

	// MaxWaiting is how long, in a row, a connector may wait for its platform without getting on. What it waits longer counts
	// as silence.
	MaxWaiting = 15 * time.Minute

	// LifelineEnv is the environment variable with the number of an inherited file descriptor, the lifeline: one end of a
	// pipe. The host keeps the other end open as long as it runs. The connector exits when its end is closed.
	LifelineEnv = "RECONCILE_LIFELINE_FD"
	// ParentEnv is the environment variable with the host's process id. A connector without a lifeline (on Windows) exits
	// when that process is gone.
	ParentEnv = "RECONCILE_HOST_PID"
	// ReattachEnv is the environment variable that tells a host to attach to running connectors instead of starting them.
	// Its value is NAME=ADDRESS, or several of these with commas between. NAME is a connector, or a source as
	// CONNECTOR.SOURCE; ADDRESS is unix:PATH or tcp:HOST:PORT.
	ReattachEnv = "RECONCILE_REATTACH"
)

// Handshake tells a connector's process that it was started by reconcile, not by a person.
var Handshake = plugin.HandshakeConfig{
	ProtocolVersion:  Major,
	MagicCookieKey:   "RECONCILE_PLUGIN",
	MagicCookieValue: "source.v1",
}
