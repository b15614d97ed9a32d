// Package completion finds what a shell can suggest on the command line beyond the configuration's own names. It returns soon:
// where something cannot be told, there are no suggestions.
package completion

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/usercache"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// patience is how long somebody who pressed the tab key waits for SKUs to be read.
const patience = 2 * time.Second

// fileSettings are the connectors that read files, with the setting that names the file. Other sources are not asked:
// they may be far away, and a shell that completes must not wait.
var fileSettings = map[string]string{"amberpos": "file", "file": "path"}

// SKUs returns the SKUs of a source, with the items' names behind tabs, where that is a file that one of the connectors reads.
// They are read once for each state of the file. Where they cannot be told soon there are none.
func SKUs(ctx context.Context, connectors []sdk.Connector, config *rules.Config, source *source.Source) []string {
	f := fileOf(connectors, config, source)
	if f == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	read := make(chan []string, 1)
	fault.Go(func() { read <- f.skus(ctx) }) // which the program's end ends, if the file is slow
	select {
	case <-ctx.Done():
		return nil
	case skus := <-read:
		return skus
	}
}

// skuFile is a source that is a file, read within this process: starting its connector would take longer.
type skuFile struct {
	source   sdk.Source
	settings []byte
	path     string
	info     os.FileInfo
	of       string // the configuration and the source, which the cache goes by
}

// fileOf returns the source as a file; nil if it is none, or there is something wrong with it.
func fileOf(connectors []sdk.Connector, config *rules.Config, s *source.Source) *skuFile {
	setting := fileSettings[s.Connector]
	if setting == "" || config.Plugin(s.Connector) != nil {
		return nil
	}
	f := &skuFile{of: config.Dir + "\n" + s.Range.Filename + "\n" + s.Address()}
	for _, c := range connectors {
		if c.Name == s.Connector {
			f.source = c.New()
		}
	}
	schema, err := sdk.SettingsOf(f.source)
	if err != nil {
		return nil
	}
	settings, diags := config.Settings(s, schema)
	if diags.HasErrors() {
		return nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(settings.JSON, &object) != nil || json.Unmarshal(object[setting], &f.path) != nil || f.path == "" {
		return nil
	}
	if !filepath.IsAbs(f.path) {
		f.path = filepath.Join(config.Dir, f.path)
	}
	f.info, err = os.Stat(f.path)
	if err != nil || !f.info.Mode().IsRegular() { // opening a pipe would take what it holds
		return nil
	}
	if object[setting], err = json.Marshal(f.path); err != nil {
		return nil
	}
	if f.settings, err = json.Marshal(object); err != nil {
		return nil
	}
	return f
}

// skus returns the SKUs with the items' names, from the cache or else from the file. Nil where neither can be read.
func (f *skuFile) skus(ctx context.Context) []string {
	state := fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%d\n%s", f.path, f.info.ModTime().UnixNano(), f.info.Size(), f.settings)))
	cache, err := usercache.Path("completion", fmt.Sprintf("%x", sha256.Sum256([]byte(f.of)))[:32])
	if err == nil {
		if text, err := replace.Read(cache); err == nil {
			if was, lines, _ := strings.Cut(string(text), "\n"); was == state {
				return strings.Split(lines, "\n")
			}
		}
	}
	skus, complete := f.read(ctx)
	if complete && err == nil {
		_ = replace.WritePlain(cache, []byte(state+"\n"+strings.Join(skus, "\n")), 0o600)
	}
	return skus
}

// read reads the file; complete is false if it was not read to its end.
func (f *skuFile) read(ctx context.Context) (skus []string, complete bool) {
	if err := sdk.FillSettings(f.source, f.settings); err != nil {
		return nil, false
	}
	if err := f.source.(sdk.Configurer).Configure(ctx); err != nil {
		return nil, false
	}
	fields := []string{"sku"}
	offered, err := f.source.Schema(ctx)
	if err != nil {
		return nil, false
	}
	for _, field := range offered {
		if field.Name == "name" && field.Type == catalog.String {
			fields = append(fields, field.Name)
		}
	}
	seen := map[string]bool{"": true}
	_, err = sdk.ReadAll(ctx, f.source, sdk.NewReadRequest(fields, func(string) {}), func(b *catalog.Batch) error {
		for i := range b.Len() {
			// A SKU that a shell or a terminal would take for something else cannot be suggested.
			if sku := b.Value("sku", i).Str(); !seen[sku] && words.OneLine(sku) == sku {
				seen[sku] = true
				skus = append(skus, Described(sku, b.Value("name", i).Str()))
			}
		}
		return nil
	})
	return skus, err == nil
}

// Described puts a description behind a word; both are one line.
func Described(word, about string) string {
	if about = strings.Join(strings.Fields(words.OneLine(about)), " "); about == "" || about == word {
		return word
	}
	return word + "\t" + about
}
