// Package sdktest runs connectors in tests, in the test's own process: it makes a source from settings and reads it, and the
// test compares the result. It needs no host, and the test needs no other package of reconcile than sdk.
//
// For the platform there are Replay, which records what a real one answers and plays it in tests, Catalogue, which makes items up,
// and Faulty and TestFaults, which spoil answers. TestWriting spoils those of a platform that is written to.
//
// To check that a finished program keeps the rules for connectors, use conformance.Test in plugins/devkit/conformance.
package sdktest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Settings are the settings of a source, as in a configuration: strings, numbers, bools, lists, maps of strings, and for a
// block again Settings.
type Settings map[string]any

// Source returns the connector's source with these settings. If settings are wrong, the error joins an *sdk.SettingError for
// each of them, as the host shows them.
func Source(ctx context.Context, c sdk.Connector, settings Settings) (sdk.Source, error) {
	if settings == nil {
		settings = Settings{}
	}
	object, err := json.Marshal(settings)
	if err != nil {
		return nil, err
	}
	source := c.New()
	if err := sdk.FillSettings(source, object); err != nil {
		return nil, err
	}
	if own, ok := source.(sdk.Configurer); ok {
		return source, own.Configure(ctx)
	}
	return source, nil
}

// Result is what a read gave. If the read failed, it holds what came before the failure.
type Result struct {
	Items    []string // each item as a line of JSON, with the fields in the order in which they were asked for
	Warnings []string
	Notices  []string
	Waits    []string // what it said that it waited for

	Unreadable []string // the SKUs of items that could not be read
	Skipped    int64    // the number of rows whose SKU could not be read either

	Currencies map[string]string // the code or sign of the currency by field, as far as it is known
	Units      map[string]string // the unit of weights and lengths by field, as far as it is known

	// Texts are the values of each field, one for each item, as reports show them: 10.1, true, "" for null.
	Texts map[string][]string
}

// Read configures a source and reads these fields; all fields of its schema if none are given.
func Read(ctx context.Context, c sdk.Connector, settings Settings, fields ...string) (Result, error) {
	source, err := Source(ctx, c, settings)
	if err != nil {
		return Result{}, err
	}
	return ReadFrom(ctx, source, fields...)
}

// ReadFrom is Read for a source that is configured already.
func ReadFrom(ctx context.Context, source sdk.Source, fields ...string) (Result, error) {
	return gather(ctx, source, fields, func(req sdk.ReadRequest, send func(*catalog.Batch) error) (int64, error) {
		return sdk.ReadAll(ctx, source, req, send)
	})
}

// gather reads these fields of a source, or all.
func gather(ctx context.Context, source sdk.Source, fields []string, read func(req sdk.ReadRequest, send func(*catalog.Batch) error) (int64, error)) (Result, error) {
	result := Result{Texts: map[string][]string{}}
	if len(fields) == 0 {
		offered, err := source.Schema(ctx)
		if err != nil {
			return result, err
		}
		for _, f := range offered {
			fields = append(fields, f.Name)
		}
	}
	req := sdk.NewReadRequest(fields, func(text string) { result.Warnings = append(result.Warnings, text) }).
		OnNotice(func(text string) { result.Notices = append(result.Notices, text) }).
		OnWaiting(func(_ time.Time, why string) { result.Waits = append(result.Waits, why) })
	n, err := read(req, func(b *catalog.Batch) error {
		for row := range b.Len() {
			item, err := line(b, row)
			if err != nil {
				return err
			}
			result.Items = append(result.Items, item)
			for i := range b.Schema().Len() {
				field := b.Schema().Field(i).Name
				result.Texts[field] = append(result.Texts[field], b.Column(i).Value(row).Text())
			}
		}
		return nil
	})
	result.Currencies, result.Units = req.Currencies(), req.Units()
	unread, skipped := req.UnreadableItems()
	for _, it := range unread {
		result.Unreadable = append(result.Unreadable, it.SKU)
	}
	result.Skipped = skipped
	if err == nil && n != int64(len(result.Items)) {
		err = fmt.Errorf("%d items were counted, %d were sent", n, len(result.Items))
	}
	return result, err
}

func line(b *catalog.Batch, row int) (string, error) {
	var s strings.Builder
	for i := range b.Schema().Len() {
		value, err := b.Column(i).Value(row).MarshalJSON()
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&s, `,%q:%s`, b.Schema().Field(i).Name, value)
	}
	return "{" + strings.TrimPrefix(s.String(), ",") + "}", nil
}

// File writes a file into a new folder and makes that the working directory, because a connector runs in the folder of the
// configuration. It returns the file's name.
func File(t testing.TB, name, text string) string {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile(filepath.FromSlash(name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
