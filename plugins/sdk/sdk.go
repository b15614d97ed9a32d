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
// What a connector can do beyond that are optional interfaces: Configurer, Checker, ItemPager, ColumnReader, Incremental, Confined, and for
// platforms that can be asked for single items, and changed, Fetcher and Applier, and for those whose web orders a point of sale imports,
// OrderReader.
//
// The SDK sends items as the connector gives them; it trims no spaces. It only changes each text to Unicode NFC, and line
// ends (CRLF, CR) to LF, so that equal names have equal bytes.
package sdk

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

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
	// Fact is something to tell people about the platform. The one named "clock" tells reconcile doctor the time by the
	// platform's clock, as RFC 3339 has it.
	Fact = catalog.Fact
	// Batch is a number of items as columns, for ReadAll.
	Batch = catalog.Batch
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

// Known returns known fields: those that have the same name and type in every connector (sku, name, price, ...). It panics
// if a name is not that of a known field. For other fields write a Field with a Type.
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

// Connector describes a connector's program, for Serve.
type Connector struct {
	Name    string // as in source "NAME" "..." { }
	Version string // the connector's own, for people
	Doc     string // what it reads, in a sentence or two

	// New returns a new, unconfigured source: a pointer to a struct. Its fields with a setting tag are the connector's
	// configuration, filled in before any method is called. The tags:
	//
	//	setting:"name"            the attribute's name; add ,required ,sensitive (never printed) ,path (names a file)
	//	                          ,live (of an Incremental source: the records do not depend on it)
	//	                          ,imported (of an OrderReader: names the file of imported orders, which the host adds to)
	//	                          ,apply (only an Applier's Prepare and Apply need it, such as a token that may write)
	//	doc:"..."                 what it means
	//	default:"..."             the value if it is left out (text without quotes; elements of a list with commas between)
	//	values:"a|b"              the allowed values of a string
	//
	// If the type of a setting is a SettingDescriber, its doc and values come from there.
	//
	// Field types: string, bool, int, int64, float64, Decimal, []string, []int64, map[string]string. A struct, or a pointer
	// to one, is a nested block. A pointer is nil if the setting or block is left out.
	New func() Source
}

// Source is a configured connector. It also implements Reader, ColumnReader or Incremental. The host may call Check, Schema and
// reads at the same time.
type Source interface {
	// Schema returns the fields that can be read. They may depend on the configuration. An error means that the source
	// cannot be read with this configuration.
	Schema(ctx context.Context) ([]Field, error)
}

// Reader is a source that gives items one by one.
type Reader interface {
	// Read calls emit for each item, in the source's order, and returns nil after the last one. If emit returns an error,
	// Read returns it. Read returns promptly when ctx is done. An error of Read fails the whole run. So return one if any
	// item may be missing: half a catalogue must never look like a whole one.
	Read(ctx context.Context, req ReadRequest, emit func(Item) error) error
}

// ColumnReader is a source that writes fields directly into columns, which is several times as fast as Items. If a source
// is a ColumnReader and a Reader, only ReadColumns is called.
type ColumnReader interface {
	// ReadColumns is like Read, with a Writer instead of emit.
	ReadColumns(ctx context.Context, req ReadRequest, w *Writer) error
}

// Configurer is a source that checks or prepares its settings.
type Configurer interface {
	// Configure is called once, after the settings were filled in and before any other method. It does not contact the
	// platform. Return a SettingError for each wrong setting; join several with errors.Join.
	Configure(ctx context.Context) error
}

// ItemPager is a source that knows where on its platform people see and change an item.
type ItemPager interface {
	// ItemPage returns the address of an item's page, https or http, with the names of fields of Schema in braces behind its host:
	// https://shop.example/admin/products/{id}/edit. Each of them is a String or a Number. The host puts an item's values in, percent-encoded,
	// and shows a link to people; of an item that lacks one of the values it shows none. The fields are read with all items, so name few.
	// "" is that there is no such page. Never put a secret in. It is called after Configure, and contacts no platform.
	ItemPage() string
}

// Checker is a source that can test its connection and its credentials.
type Checker interface {
	// Check contacts the platform and logs in. It returns facts that people want to see, such as the store's name and
	// currency. The error says what to do.
	Check(ctx context.Context) ([]Fact, error)
}

// ReadRequest says what to read.
type ReadRequest struct {
	Fields []string // the fields that are wanted, each once; others are ignored

	// Log goes to the host's --verbose output. Never log a secret.
	Log *slog.Logger

	progress *progress
	warn     func(text string)
	notice   func(text string)

	units      *units
	unreadable *unreadableItems
	counted    *countedOrders
	age        *age
}

// NewReadRequest returns a request for tests of a connector, without a host. warn receives each warning. Notices are
// dropped; to receive them, use OnNotice.
func NewReadRequest(fields []string, warn func(text string)) ReadRequest {
	return ReadRequest{Fields: fields, Log: slog.New(slog.DiscardHandler), warn: warn,
		progress: untold(), notice: func(string) {}, units: &units{}, unreadable: &unreadableItems{}, counted: &countedOrders{asked: true},
		age: &age{began: time.Now()}}
}

// OnNotice returns a copy of the request whose notices go to take.
func (r ReadRequest) OnNotice(take func(text string)) ReadRequest {
	r.notice = take
	return r
}

// ReadAt says that the data are as they were at t, which is before this read: of a file, when it was last changed. file is then its
// path, as the settings have it, and otherwise "". The report tells people how old the data are, and that the file is to be written
// anew. If it is called several times, the earliest time counts: data are as old as their oldest part. A time that cannot be, because
// it is zero, before 1981 or after the read has begun, is ignored. Without a time the data are as they were when the read began.
func (r ReadRequest) ReadAt(t time.Time, file string) {
	if r.age != nil {
		r.age.older(t, file)
	}
}

// DataTime returns the time of the data and the file, as ReadAt has set them. It is for tests of connectors.
func (r ReadRequest) DataTime() (t time.Time, file string) { return r.age.get() }

// age is how old the data of a read are.
type age struct {
	began time.Time // the read

	mu   sync.Mutex
	at   time.Time // zero: as the read began
	file string
}

// firstYear is the first in which a file's time is taken for one. Programs that do not know a time write 1970 or 1980.
const firstYear = 1981

func (a *age) older(t time.Time, file string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t.UTC().Year() < firstYear || !t.Before(a.began) || !a.at.IsZero() && !t.Before(a.at) {
		return
	}
	a.at, a.file = t, file
}

func (a *age) get() (time.Time, string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return cmp.Or(a.at, a.began), a.file
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

// Warn shows people a warning about the data. The report shows it too.
func (r ReadRequest) Warn(format string, args ...any) { r.warn(fmt.Sprintf(format, args...)) }

// Notice shows people what the connector has guessed about the data, such as a file's delimiter, and which setting replaces
// the guess. It is no warning: it is shown during the run, as one line, and not in the report.
func (r ReadRequest) Notice(format string, args ...any) { r.notice(fmt.Sprintf(format, args...)) }

// SettingError is a mistake in the configuration. The host shows it with the file and line of the attribute.
type SettingError struct {
	Path    []string // the attribute, nested blocks first: {"database", "dsn"}; empty: the source block
	Summary string   // what is wrong, in a line
	Detail  string   // what to do about it
	Warning bool     // show it, but go on
}

// Error returns the summary and the detail.
func (e *SettingError) Error() string {
	if e.Detail == "" {
		return e.Summary
	}
	return e.Summary + ": " + e.Detail
}
