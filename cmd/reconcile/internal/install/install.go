// Package install puts plugins beside a configuration, locks them, and lists them.
package install

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

	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/host/lockfile"
	"github.com/reconcilehq/reconcile/plugins/host/trust"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// pluginsDir is where plugins are installed, beside the configuration. A plugin's name there has neither version nor
// platform, so that one configuration serves people with different computers and survives an update.
const pluginsDir = ".reconcile/plugins"

// Order says what is installed.
type Order struct {
	Place        string // a file or an address
	SHA256, Sums string // the hash that the file has to have, a list that has it; "" if that is not known
	Write        bool   // add the plugin block to the configuration
}

// Installed is a plugin that was installed.
type Installed struct {
	File     string // as the configuration writes it
	About    host.Description
	SHA256   string
	Platform string
	Others   []string         // platforms whose hashes were locked, too
	Was      *lockfile.Plugin // what was locked before; nil if nothing was

	Block   string // the plugin block that runs it
	Present string // the place of the block that the configuration has already; "" if it has none
	Used    bool   // which runs the file
	Written string // the file that the block was added to; "" if it was not to be
}

// installation is one plugin on its way.
type installation struct {
	Order
	session *session.Session

	config *rules.Config
	guard  *guard.Guard
	hashes map[string]string // of other platforms, too
	file   string            // where it lies while it is looked at
	old    string            // where the one lies that it takes the place of; "" if there is none
	hash   string            // of what was fetched
	about  host.Description
}

// Install copies a plugin beside the configuration, which need not be there yet, starts it once in its sandbox to learn what
// it is, and locks it.
func Install(ctx context.Context, s *session.Session, o Order) (*Installed, error) {
	i := &installation{Order: o, session: s}
	defer i.close()
	if err := i.prepare(); err != nil {
		return nil, err
	}
	if err := i.fetch(ctx); err != nil {
		return nil, err
	}
	command, err := commandOf(i.file, i.Place)
	if err != nil {
		return nil, err
	}
	suspect, err := i.ask(ctx, command)
	if err != nil {
		return nil, err
	}
	delete(i.hashes, lockfile.Any) // the file's own, which is locked for what it turned out to be
	target := filepath.Join(filepath.Dir(i.file), i.about.Connector+extension(i.file))
	undo, err := i.put(target)
	if err != nil {
		return nil, fmt.Errorf("install the plugin: %w", err)
	}
	was := i.guard.Locked(i.about.Connector)
	suspect.Plugin = &source.Plugin{Connector: i.about.Connector}
	if err := i.guard.Record(suspect, i.about.Version, i.hashes); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the plugin: %w; it is not installed", err), undo())
	}
	return i.finish(suspect, was, target)
}

// put gives the file its name. The file that has the name so far keeps another one until all is well: a program and its lock
// belong together, so undo gives it back. Where the disk knows no second names, undo only removes the new one.
func (i *installation) put(target string) (undo func() error, err error) {
	if old := i.file + ".old"; os.Link(target, old) == nil {
		i.old = old
	}
	if err := os.Rename(i.file, target); err != nil {
		return nil, err
	}
	i.file = ""
	return func() error {
		if i.old == "" {
			return os.Remove(target)
		}
		return os.Rename(i.old, target)
	}, nil
}

// close removes what was not installed, and what was until now.
func (i *installation) close() {
	for _, file := range []string{i.file, i.old} {
		if file != "" {
			_ = os.Remove(file)
		}
	}
}

// finish finds out what is to be done in the configuration, and does it if that was asked for.
func (i *installation) finish(s *guard.Suspect, was *lockfile.Plugin, target string) (*Installed, error) {
	done := &Installed{File: filepath.ToSlash(i.relative(target)), About: i.about, SHA256: s.Pinned.SHA256, Platform: s.Program.Platform, Was: was}
	for platform := range i.hashes {
		if platform != s.Program.Platform {
			done.Others = append(done.Others, platform)
		}
	}
	slices.Sort(done.Others)
	var err error
	if done.Block, err = i.block(target); err != nil {
		return nil, err
	}
	if p := i.config.Plugin(i.about.Connector); p != nil {
		done.Present = words.Position(p.Range)
		done.Used = slices.Contains(append(slices.Clone(p.Command), p.Path), "./"+done.File)
	} else if i.Write {
		if done.Written, err = i.append(done.Block); err != nil {
			err = fmt.Errorf("the plugin is installed and locked, but its block cannot be added to the configuration: %w", err)
		}
	}
	return done, err
}

// prepare reads the configuration, which need not be there yet.
func (i *installation) prepare() error {
	var diags hcl.Diagnostics
	i.config, diags = i.session.Load()
	if i.config.Dir == "" {
		if _, err := os.Stat(i.session.ConfigPath); !errors.Is(err, os.ErrNotExist) {
			return i.session.Refuse(i.config, diags)
		}
		dir, err := filepath.Abs(filepath.Dir(i.session.ConfigPath))
		if err != nil {
			return err
		}
		i.config.Dir = dir
	}
	i.guard = i.session.Guard(i.config)
	if diags := i.guard.Read(); diags.HasErrors() {
		return i.session.Refuse(i.config, diags)
	}
	return nil
}

// fetch gets the file and holds it against the hashes that were given.
func (i *installation) fetch(ctx context.Context) error {
	i.hashes = map[string]string{}
	wanted := strings.ToLower(i.SHA256)
	if i.Sums != "" {
		list, err := trust.FetchList(ctx, i.Sums)
		if err != nil {
			return err
		}
		if i.hashes, err = trust.Sums(list, i.Place); err != nil {
			return fmt.Errorf("%s: %w", i.Sums, err)
		}
	}
	dir := filepath.Join(i.config.Dir, filepath.FromSlash(pluginsDir))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("install the plugin: %w", err)
	}
	ext := filepath.Ext(strings.SplitN(filepath.Base(i.Place), "?", 2)[0])
	if interpreters[ext] == nil && ext != ".exe" {
		ext = "" // shop_1.2.0 has none
	}
	out, err := os.OpenFile(filepath.Join(dir, ".new-"+rand.Text()[:8]+ext), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return fmt.Errorf("install the plugin: %w", err)
	}
	i.file = out.Name()
	i.hash, err = trust.Fetch(ctx, i.Place, out)
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
		return fmt.Errorf("%s has the SHA-256 %s, not the one of --sha256: it was not run, and is not installed", i.Place, hash)
	case i.Sums != "" && cmp.Or(i.hashes[lockfile.Any], i.hashes[trust.Platform()]) != hash:
		return fmt.Errorf("%s has the SHA-256 %s, which %s does not name for %s: it was not run, and is not installed", i.Place, hash, i.Sums, trust.Platform())
	}
	return nil
}

// interpreters run scripts that do not name their own, by the file's extension.
var interpreters = map[string][]string{".js": {"node"}, ".mjs": {"node"}, ".cjs": {"node"}, ".py": {"python3"}, ".jar": {"java", "-jar"}}

func extension(file string) string { return filepath.Ext(filepath.Base(file)[1:]) } // of .new-X it is none

// commandOf returns how a file is run: itself, or by an interpreter. place is where it came from, for messages.
func commandOf(file, place string) ([]string, error) {
	f, err := replace.OpenToRead(file)
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
		return nil, fmt.Errorf("%s is an archive: unpack it, and install the program in it", place)
	case bytes.HasPrefix(head[:n], []byte("<")):
		return nil, fmt.Errorf("%s is no program but a page or the like: is the address right?", place)
	}
	return []string{file}, nil
}

// ask starts the plugin in its sandbox, without any setting, to learn what it is.
func (i *installation) ask(ctx context.Context, command []string) (*guard.Suspect, error) {
	program, err := trust.Find(command, i.config.Dir)
	if err != nil {
		return nil, err
	}
	pinned, err := host.Pin(program.Files...)
	if err != nil {
		return nil, err
	}
	s := &guard.Suspect{Plugin: &source.Plugin{}, Program: program, Pinned: pinned}
	if pinned.SHA256 != i.hash {
		s.Close()
		return nil, errors.New("the file was changed while it was being installed; it was not run")
	}
	process, err := i.guard.Run(ctx, s, nil, host.Options{Label: i.Place, Version: i.session.Version, Log: i.session.Log})
	if err != nil {
		return nil, fmt.Errorf("%w\nIt is not installed", err)
	}
	defer process.Close()
	i.about = process.Describe()
	name := i.about.Connector
	switch {
	case !hclsyntax.ValidIdentifier(name):
		return nil, fmt.Errorf("%s calls itself %q, which cannot name a connector; it is not installed", i.Place, name)
	case slices.Contains(i.session.Bundled, name):
		return nil, fmt.Errorf("%s calls itself %q, as a connector does that comes with the program; it is not installed", i.Place, name)
	}
	return s, nil
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
	return blockOf(i.about.Connector, target, "./"+filepath.ToSlash(i.relative(target)))
}

// blockOf returns the plugin block of a connector that runs a file, which the configuration names so.
func blockOf(connector, file, named string) (string, error) {
	command, err := commandOf(file, file)
	if err != nil {
		return "", err
	}
	for n := range command {
		if command[n] == file {
			command[n] = named
		}
		command[n] = fmt.Sprintf("%q", command[n])
	}
	how := "path = " + command[0]
	if len(command) > 1 {
		how = "command = [" + strings.Join(command, ", ") + "]"
	}
	return fmt.Sprintf("plugin %q {\n  %s\n}\n", connector, how), nil
}

// BlockOf returns the plugin block of a connector that is installed for configurations in dir; "" if none of that name is.
func BlockOf(dir, connector string) (string, error) {
	folder := filepath.Join(dir, filepath.FromSlash(pluginsDir))
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("look for plugins: %w", err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.Type().IsRegular() && (name == connector || strings.TrimSuffix(name, filepath.Ext(name)) == connector) {
			return blockOf(connector, filepath.Join(folder, name), "./"+pluginsDir+"/"+name)
		}
	}
	return "", nil
}

// Names returns the names of the connectors that are installed for configurations in dir, sorted.
func Names(dir string) (names []string) {
	entries, _ := os.ReadDir(filepath.Join(dir, filepath.FromSlash(pluginsDir))) // none where it cannot be read
	for _, entry := range entries {
		if name := strings.TrimSuffix(entry.Name(), filepath.Ext(entry.Name())); entry.Type().IsRegular() && hclsyntax.ValidIdentifier(name) {
			names = append(names, name)
		}
	}
	return names
}

// append adds the block to the configuration: to the file, or to a file of its own in the folder.
func (i *installation) append(block string) (string, error) {
	path := i.session.ConfigPath
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "plugins.hcl")
	}
	text, err := replace.Read(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if len(text) > 0 {
		text = append(bytes.TrimRight(text, "\n"), "\n\n"...)
	}
	return path, replace.Write(path, append(text, block...), 0o666)
}
