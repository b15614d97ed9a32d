// Package sdk turns a type of one's own into a source connector for reconcile. It is all that a connector imports.
//
// A connector is a struct whose tagged fields are its settings, with two methods, Schema and Read, and a main function
// of one line:
//
//	type Shop struct {
//		URL   string `setting:"url,required" doc:"The shop's address."`
//		Token string `setting:"token,required,sensitive" doc:"The access token."`
//	}
//
//	func (s *Shop) Schema(context.Context) ([]sdk.Field, error) { return sdk.Known("sku", "name", "price"), nil }
//
//	func (s *Shop) Read(ctx context.Context, req sdk.ReadRequest, emit func(sdk.Item) error) error {
//		return emit(sdk.Item{"sku": "A-1", "name": "Bell", "price": "19.99"})
//	}
//
//	func main() { sdk.Serve(sdk.Connector{Name: "shop", Version: "1.0.0", New: func() sdk.Source { return &Shop{} }}) }
//
// What a connector can do beyond that are optional interfaces: Configurer, Checker, ColumnReader, Incremental.
//
// Items are sent as they are given: the SDK trims nothing. It only brings each text to Unicode NFC and its line ends to LF,
// where they were CRLF or a lone CR, so that equal names are equal bytes.
package sdk

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Version is the version of the SDK, which Describe reports.
const Version = "0.1.0"

// The vocabulary that connectors share with the engine.
type (
	// Field describes a field that a source offers.
	Field = catalog.Field
	// Type is the type of a field.
	Type = catalog.Type
	// Decimal is an exact decimal number.
	Decimal = catalog.Decimal
	// Entry is one entry of a map, for ColumnReaders.
	Entry = catalog.Entry
	// Fact is something to tell people about the platform.
	Fact = catalog.Fact
)

// The types of fields.
const (
	String = catalog.String
	Number = catalog.Number
	Bool   = catalog.Bool
	List   = catalog.List
	Map    = catalog.Map
)

// ParseDecimal reads a decimal number such as "-12.50" or "1e3"; see catalog.ParseDecimal.
func ParseDecimal(s string) (Decimal, error) { return catalog.ParseDecimal(s) }

// Known returns the fields of those names that every connector names and types alike (sku, name, price, ...). It panics
// on a name that is not among them: give such a field a type of its own with Field.
func Known(names ...string) []Field {
	fields := make([]Field, len(names))
	for i, name := range names {
		f, ok := catalog.KnownField(name)
		if !ok {
			panic(fmt.Sprintf("sdk.Known: %q is not a field that every connector knows", name))
		}
		fields[i] = f
	}
	return fields
}

// Connector says what a program connects to.
type Connector struct {
	Name    string // as in source "NAME" "..." { }
	Version string // the connector's own, for people
	Doc     string // what it reads, in a sentence or two

	// New returns a new, unconfigured source: a pointer to a struct. Its fields with a setting tag are the connector's
	// configuration, filled in before any method is called. The tags:
	//
	//	setting:"name"            the attribute's name; add ,required ,sensitive (never printed) ,path (names a file)
	//	                          ,live (an Incremental source's: its records do not depend on it)
	//	doc:"..."                 what it means
	//	default:"..."             what holds if it is left out (text as it stands, for lists comma-separated)
	//	values:"a|b"              the allowed values of a string
	//
	// A setting whose type is a SettingDescriber says its doc and values itself.
	//
	// Field types: string, bool, int, int64, float64, Decimal, []string, []int64, map[string]string; a struct or a
	// pointer to one is a nested block, nil if it is left out. A pointer to a scalar is nil if it is left out.
	New func() Source
}

// Source is a configured connector. It also implements Reader, ColumnReader or Incremental. The host may call Check, Schema and
// reads at the same time.
type Source interface {
	// Schema returns the fields that can be read, which may depend on the configuration. An error means that the
	// source cannot be read as it is configured.
	Schema(ctx context.Context) ([]Field, error)
}

// Reader is a source that hands over items one by one.
type Reader interface {
	// Read calls emit for each item, in the source's order, and returns nil when it has handed over all of them. It
	// returns emit's error if there is one, and returns promptly when ctx is done. Returning an error fails the whole
	// run, which is right whenever an item may be missing: half a catalogue must never look like missing items.
	Read(ctx context.Context, req ReadRequest, emit func(Item) error) error
}

// ColumnReader is a source that writes fields straight into columns, which is several times as fast as Items. It is
// used in place of Reader where a source has both.
type ColumnReader interface {
	// ReadColumns is Read with a Writer in place of emit.
	ReadColumns(ctx context.Context, req ReadRequest, w *Writer) error
}

// Configurer is a source that checks or prepares its settings.
type Configurer interface {
	// Configure is called once, after the settings were filled in and before anything else. It does not reach out to
	// the platform. Its error, joined with errors.Join where there are several, may hold SettingErrors.
	Configure(ctx context.Context) error
}

// Checker is a source that can try its credentials.
type Checker interface {
	// Check tries whether the platform is there and lets us in, and returns what people want to see then: the store's
	// name, its currency. The error says what to do.
	Check(ctx context.Context) ([]Fact, error)
}

// ReadRequest is what the host asks for.
type ReadRequest struct {
	Fields []string // the fields to hand over, without repetition; others are ignored

	// Log goes to the host's --verbose output. Never log a secret.
	Log *slog.Logger

	progress func(items, total int64, text string)
	warn     func(text string)
	notice   func(text string)

	currencies *currencies
	unread     *unread
}

// NewReadRequest returns a request for tests of a connector, without a host. warn receives each warning; notices are
// dropped, unless OnNotice says otherwise.
func NewReadRequest(fields []string, warn func(text string)) ReadRequest {
	return ReadRequest{Fields: fields, Log: slog.New(slog.DiscardHandler), warn: warn,
		progress: func(int64, int64, string) {}, notice: func(string) {}, currencies: &currencies{}, unread: &unread{}}
}

// OnNotice returns the request with notices handed to take.
func (r ReadRequest) OnNotice(take func(text string)) ReadRequest {
	r.notice = take
	return r
}

// Wants reports whether the field was asked for.
func (r ReadRequest) Wants(field string) bool {
	for _, f := range r.Fields {
		if f == field {
			return true
		}
	}
	return false
}

// Progress tells a person how far the read is: items of total (0 if it is not known) and what is being done. It also
// shows the host that the connector is alive; call it wherever minutes may pass between two items.
func (r ReadRequest) Progress(items, total int64, text string) { r.progress(items, total, text) }

// Warn tells people something about the data that is no reason to stop. It is shown with the report.
func (r ReadRequest) Warn(format string, args ...any) { r.warn(fmt.Sprintf(format, args...)) }

// Notice says how the data were read where the connector had to guess, such as a file's delimiter, and how the guess can be
// replaced by a setting. It is no warning: it is shown to whoever runs the program, in a line, and stands in no report.
func (r ReadRequest) Notice(format string, args ...any) { r.notice(fmt.Sprintf(format, args...)) }

// SettingError is a mistake in the configuration. The host shows it at the attribute's place in the file.
type SettingError struct {
	Path    []string // the attribute, nested blocks first: {"database", "dsn"}; empty: the source block
	Summary string   // what is wrong, in a line
	Detail  string   // what to do about it
	Warning bool     // worth saying, but no reason to refuse
}

// Error returns the summary and the detail.
func (e *SettingError) Error() string {
	if e.Detail == "" {
		return e.Summary
	}
	return e.Summary + ": " + e.Detail
}
