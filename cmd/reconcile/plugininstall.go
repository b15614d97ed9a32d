package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/host/lockfile"
	"github.com/reconcilehq/reconcile/plugins/host/trust"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"
)

// pluginsDir is where plugins are installed, beside the configuration. A plugin's name there has neither version nor
// platform, so that one configuration serves people with different computers and survives an update.
const pluginsDir = ".reconcile/plugins"

// installFlags are the flags of reconcile plugin install.
type installFlags struct {
	sha256, sums string
	write        bool
}

func pluginInstallCommand(a *app) *cobra.Command {
	var f installFlags
	cmd := &cobra.Command{
		Use:   "install PATH | URL",
		Short: "Put a plugin beside the configuration, and lock it",
		Long: `Install copies a plugin, a program or a script of one file, into .reconcile/plugins beside the configuration, starts it
once in its sandbox to learn what it is, and locks it in reconcile.lock.hcl. It prints the plugin block that uses it, or
with --write adds it to the configuration. Installing a plugin again updates it.

An address is fetched by https. --sha256 or --sums say what the file has to be; without either, what is fetched is what
is trusted. From a list of hashes those of the plugin's other platforms are locked, too.`,
		Example: `  reconcile plugin install ./reconcile-plugin-shopify
  reconcile plugin install https://example.com/shopify_1.2.0_linux_amd64 --sums https://example.com/SHA256SUMS`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			i := &installation{app: a, place: args[0], installFlags: f}
			defer i.Close()
			return i.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&f.sha256, "sha256", "", "the SHA-256 that the file has to have")
	cmd.Flags().StringVar(&f.sums, "sums", "", "a list of SHA-256 hashes, as sha256sum writes it: a file or an address")
	cmd.Flags().BoolVar(&f.write, "write", false, "add the plugin block to the configuration")
	return cmd
}

// installation is one plugin on its way.
type installation struct {
	*app
	installFlags
	place string

	config *rules.Config
	guard  *guard
	hashes map[string]string // of other platforms, too
	file   string            // where it lies while it is looked at
	hash   string            // of what was fetched
	about  host.Description
}

// Close removes what was not installed.
func (i *installation) Close() {
	if i.file != "" {
		_ = os.Remove(i.file)
	}
}

func (i *installation) run(ctx context.Context) error {
	if err := i.prepare(); err != nil {
		return err
	}
	if err := i.fetch(ctx); err != nil {
		return err
	}
	words, err := i.words(i.file)
	if err != nil {
		return err
	}
	s, err := i.ask(ctx, words)
	if err != nil {
		return err
	}
	delete(i.hashes, lockfile.Any) // the file's own, which is locked for what it turned out to be
	target := filepath.Join(filepath.Dir(i.file), i.about.Connector+extension(i.file))
	if err := os.Rename(i.file, target); err != nil {
		return fmt.Errorf("install the plugin: %w", err)
	}
	i.file = ""
	old := i.guard.locks.Plugin(i.about.Connector)
	s.Plugin = &source.Plugin{Connector: i.about.Connector}
	i.guard.mu.Lock()
	err = i.guard.record(s, i.about.Version, i.hashes)
	i.guard.mu.Unlock()
	if err != nil {
		return err
	}
	return i.tell(s, old, target)
}

// prepare reads the configuration, which need not be there yet.
func (i *installation) prepare() error {
	var diags hcl.Diagnostics
	i.config, diags = i.load()
	if i.config.Dir == "" {
		if _, err := os.Stat(i.configPath); err == nil || i.write {
			return i.refuse(i.config, diags)
		}
		dir, err := filepath.Abs(filepath.Dir(i.configPath))
		if err != nil {
			return err
		}
		i.config.Dir = dir
	}
	i.guard = i.app.guard(i.config)
	if i.guard.read(); i.guard.diags.HasErrors() {
		return i.refuse(i.config, i.guard.diags)
	}
	return nil
}

// fetch gets the file and holds it against the hashes that were given.
func (i *installation) fetch(ctx context.Context) error {
	i.hashes = map[string]string{}
	wanted := strings.ToLower(i.sha256)
	if i.sums != "" {
		var list bytes.Buffer
		if _, err := trust.Fetch(ctx, i.sums, &list); err != nil {
			return err
		}
		var err error
		if i.hashes, err = trust.Sums(list.String(), i.place); err != nil {
			return fmt.Errorf("%s: %w", i.sums, err)
		}
	}
	dir := filepath.Join(i.config.Dir, filepath.FromSlash(pluginsDir))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("install the plugin: %w", err)
	}
	ext := filepath.Ext(strings.SplitN(filepath.Base(i.place), "?", 2)[0])
	if interpreters[ext] == nil && ext != ".exe" {
		ext = "" // shop_1.2.0 has none
	}
	out, err := os.OpenFile(filepath.Join(dir, ".new-"+rand.Text()[:8]+ext), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return fmt.Errorf("install the plugin: %w", err)
	}
	i.file = out.Name()
	i.hash, err = trust.Fetch(ctx, i.place, out)
	hash := i.hash
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	switch {
	case ctx.Err() != nil:
		return context.Canceled
	case err != nil:
		return err
	case wanted != "" && wanted != hash:
		return fmt.Errorf("%s has the SHA-256 %s, not the one of --sha256: it was not run, and is not installed", i.place, hash)
	case i.sums != "" && cmp.Or(i.hashes[lockfile.Any], i.hashes[trust.Platform()]) != hash:
		return fmt.Errorf("%s has the SHA-256 %s, which %s does not name for %s: it was not run, and is not installed", i.place, hash, i.sums, trust.Platform())
	}
	return nil
}

// interpreters run scripts that do not name their own, by the file's extension.
var interpreters = map[string][]string{".js": {"node"}, ".mjs": {"node"}, ".cjs": {"node"}, ".py": {"python3"}, ".jar": {"java", "-jar"}}

func extension(file string) string { return filepath.Ext(filepath.Base(file)[1:]) } // of .new-X it is none

// words returns how a file is run: itself, or by an interpreter.
func (i *installation) words(file string) ([]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, 4)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	interpreter := interpreters[filepath.Ext(file)]
	switch {
	case interpreter != nil && (runtime.GOOS == "windows" || !bytes.HasPrefix(head[:n], []byte("#!"))):
		return append(slices.Clone(interpreter), file), nil
	case bytes.HasPrefix(head[:n], []byte("PK")), bytes.HasPrefix(head[:n], []byte("\x1f\x8b")):
		return nil, fmt.Errorf("%s is an archive: unpack it, and install the program in it", i.place)
	case bytes.HasPrefix(head[:n], []byte("<")):
		return nil, fmt.Errorf("%s is no program but a page or the like: is the address right?", i.place)
	}
	return []string{file}, nil
}

// ask starts the plugin in its sandbox, without any setting, to learn what it is.
func (i *installation) ask(ctx context.Context, words []string) (*suspect, error) {
	program, err := trust.Find(words, i.config.Dir)
	if err != nil {
		return nil, err
	}
	pinned, err := host.Pin(program.Files...)
	if err != nil {
		return nil, err
	}
	s := &suspect{Plugin: &source.Plugin{}, program: program, pinned: pinned}
	if pinned.SHA256 != i.hash {
		s.Close()
		return nil, errors.New("the file was changed while it was being installed; it was not run")
	}
	process, err := i.guard.run(ctx, s, nil, host.Options{Label: i.place, Version: version, Log: i.log})
	if err != nil {
		return nil, fmt.Errorf("%w\nIt is not installed", err)
	}
	defer process.Close()
	i.about = process.Describe()
	name := i.about.Connector
	switch {
	case !hclsyntax.ValidIdentifier(name):
		return nil, fmt.Errorf("%s calls itself %q, which cannot name a connector; it is not installed", i.place, name)
	case slices.Contains(bundledNames(), name):
		return nil, fmt.Errorf("%s calls itself %q, as a connector does that comes with the program; it is not installed", i.place, name)
	}
	return s, nil
}

// tell says what was installed, and prints or writes the block.
func (i *installation) tell(s *suspect, old *lockfile.Plugin, target string) error {
	about := i.about
	prose := i.textPage().prose
	fmt.Fprintf(i.stdout, "Installed in %s: plugin %q, version %q, %s. %s\n", filepath.ToSlash(i.relative(target)), about.Connector, about.Version, about.Protocol(), prose.Clean(about.Doc))
	was := ""
	if old != nil && old.Hash(s.program.Platform) != s.pinned.SHA256 {
		was = fmt.Sprintf("; it was version %q", old.Version)
	}
	var others []string
	for platform := range i.hashes {
		if platform != s.program.Platform {
			others = append(others, platform)
		}
	}
	if slices.Sort(others); len(others) > 0 {
		was += "; also for " + enumerate(others)
	}
	fmt.Fprintf(i.stdout, "Locked in %s: SHA-256 %s (%s)%s.\n", lockfile.Name, shortHash(s.pinned.SHA256), s.program.Platform, was)
	block, err := i.block(target)
	if err != nil {
		return err
	}
	if p := i.config.Plugin(about.Connector); p != nil {
		if slices.Contains(append(slices.Clone(p.Command), p.Path), "./"+filepath.ToSlash(i.relative(target))) {
			_, err := fmt.Fprintf(i.stdout, "The plugin block at %s runs it.\n", position(p.Range))
			return err
		}
		_, err := fmt.Fprintf(i.stdout, "The plugin block at %s runs another file. Put this one in its place:\n\n%s", position(p.Range), block)
		return err
	}
	if !i.write {
		_, err := fmt.Fprintf(i.stdout, "Add it to the configuration (--write does that):\n\n%s", block)
		return err
	}
	path, err := i.append(block)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(i.stdout, "Its plugin block is in %s now.\n", path)
	return err
}

// relative returns a path as the configuration writes it.
func (i *installation) relative(path string) string {
	if rel, err := filepath.Rel(i.config.Dir, path); err == nil {
		return rel
	}
	return path
}

// block returns the plugin block that runs a file.
func (i *installation) block(target string) (string, error) {
	words, err := i.words(target)
	if err != nil {
		return "", err
	}
	for n := range words {
		if words[n] == target {
			words[n] = "./" + filepath.ToSlash(i.relative(target))
		}
		words[n] = fmt.Sprintf("%q", words[n])
	}
	how := "path = " + words[0]
	if len(words) > 1 {
		how = "command = [" + strings.Join(words, ", ") + "]"
	}
	return fmt.Sprintf("plugin %q {\n  %s\n}\n", i.about.Connector, how), nil
}

// append adds the block to the configuration: to the file, or to a file of its own in the folder.
func (i *installation) append(block string) (string, error) {
	path := i.configPath
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "plugins.hcl")
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if len(text) > 0 {
		text = append(bytes.TrimRight(text, "\n"), "\n\n"...)
	}
	out, err := i.openOutput(path)
	if err != nil {
		return "", err
	}
	defer out.Discard()
	if _, err := out.Write(append(text, block...)); err != nil {
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	return path, out.Commit()
}
