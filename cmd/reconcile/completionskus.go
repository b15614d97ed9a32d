package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"
)

// skuPatience is how long somebody who pressed the tab key waits for SKUs to be read.
const skuPatience = 2 * time.Second

// fileSettings are the connectors that read files, with the setting that names the file. Other sources are not asked:
// they may be far away, and a shell that completes must not wait.
var fileSettings = map[string]string{"amberpos": "file", "file": "path"}

// completeSKUs suggests the SKUs of the point of sale, with the items' names, where that is a file. They are read once
// for each state of the file.
func (a *app) completeSKUs(cmd *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	config, _ := a.load()
	r := chosen(config, cmd, args)
	if r == nil || r.Pos == nil {
		return suggestions(nil, start)
	}
	f := fileOf(config, r.Pos)
	if f == nil {
		return suggestions(nil, start)
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), skuPatience)
	defer cancel()
	read := make(chan []string, 1)
	go func() { read <- f.skus(ctx) }() // which the program's end ends, if the file is slow
	select {
	case <-ctx.Done():
		return suggestions(nil, start)
	case words := <-read:
		return suggestions(words, start)
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
func fileOf(config *rules.Config, s *source.Source) *skuFile {
	setting := fileSettings[s.Connector]
	if setting == "" || config.Plugin(s.Connector) != nil {
		return nil
	}
	f := &skuFile{of: config.Dir + "\n" + s.Range.Filename + "\n" + s.Address()}
	for _, c := range bundled() {
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
	cache, err := cachePath("completion", fmt.Sprintf("%x", sha256.Sum256([]byte(f.of)))[:32])
	if err == nil {
		if text, err := os.ReadFile(cache); err == nil {
			if was, lines, _ := strings.Cut(string(text), "\n"); was == state {
				return strings.Split(lines, "\n")
			}
		}
	}
	words, complete := f.read(ctx)
	if complete && err == nil {
		_ = writeCache(cache, state+"\n"+strings.Join(words, "\n"))
	}
	return words
}

// read reads the file; complete is false if it was not read to its end.
func (f *skuFile) read(ctx context.Context) (words []string, complete bool) {
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
			if sku := b.Value("sku", i).Str(); !seen[sku] && oneLine(sku) == sku {
				seen[sku] = true
				words = append(words, described(sku, b.Value("name", i).Str()))
			}
		}
		return nil
	})
	return words, err == nil
}

// writeCache replaces a file that only the user can read.
func writeCache(path, text string) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return err
	}
	_, err = temp.WriteString(text)
	if closing := temp.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}
