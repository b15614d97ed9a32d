package orders

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/engine/strict"
	"github.com/reconcilehq/reconcile/engine/weborder"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

// Manifest says what is in a file of orders, and where it comes from.
type Manifest struct {
	FormatVersion  string    `json:"format_version"`
	File           string    `json:"file"`   // its name, without the folder
	SHA256         string    `json:"sha256"` // of the file
	Reconciliation string    `json:"reconciliation"`
	Source         string    `json:"source"` // connector and name
	Store          string    `json:"store"`  // a hash that stands for the store itself
	MadeAt         time.Time `json:"made_at"`
	MadeBy         string    `json:"made_by"`
	ReadAt         time.Time `json:"read_at"` // when the orders were so
	Lineage        Lineage   `json:"lineage"`
	With           []string  `json:"with"`   // what of people is in it: customer, address, customer_note
	Orders         []string  `json:"orders"` // their numbers
	Lines          int       `json:"lines"`
	CameSince      []string  `json:"came_since"` // orders that came after they were counted: they are not in the file
	GoneSince      []string  `json:"gone_since"` // orders that were counted, and are no longer to be imported
	Hash           string    `json:"hash"`       // of all the rest
}

// Lineage says where the set of orders comes from: what pending counted.
type Lineage struct {
	CountedAt time.Time `json:"counted_at"` // when the store was so
	LocalCopy bool      `json:"local_copy"` // counted in its Local Copy
	Program   string    `json:"program"`    // its version
}

const manifestVersion = "1"

// mostManifest is how large a manifest is at most, in bytes: one of 1,048,576 orders is smaller.
const mostManifest = 256 << 20

// manifestSuffix is what the name of a manifest has after that of its file.
const manifestSuffix = ".manifest.json"

func manifestOf(path string) string { return path + manifestSuffix }

func newManifest(store *session.Store, s *sorting) *Manifest {
	m := &Manifest{FormatVersion: manifestVersion, Reconciliation: store.Reconciliation.Name, Source: store.Address(), Store: store.DataHash(),
		MadeAt: time.Now().UTC().Truncate(time.Second), MadeBy: whoami(), Lines: s.lines, CameSince: append([]string{}, s.came...), GoneSince: append([]string{}, s.gone...)}
	for _, o := range s.kept {
		m.Orders = append(m.Orders, o.ID)
	}
	return m
}

func wished(w weborder.Wish) []string {
	with := []string{}
	for name, asked := range map[string]bool{"customer": w.Customer, "address": w.Address, "customer_note": w.CustomerNote} {
		if asked {
			with = append(with, name)
		}
	}
	slices.Sort(with)
	return with
}

// sum returns the hash of the manifest without its hash.
func (m Manifest) sum() (string, error) {
	m.Hash = ""
	text, err := json.Marshal(m)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// write writes the manifest to a file.
func (m *Manifest) write(path string) (err error) {
	if m.Hash, err = m.sum(); err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return replace.WritePlain(path, append(text, '\n'), 0o600)
}

var errNoManifest = errors.New("it is not as reconcile orders export has written it: export the orders again")

// readManifest reads the manifest of an export, of which the argument is the file or the manifest, and checks both.
func readManifest(path string) (*Manifest, error) {
	at := path
	if !strings.HasSuffix(path, manifestSuffix) {
		at = manifestOf(path)
	}
	m, err := decodeManifest(at)
	switch {
	case errors.Is(err, fs.ErrNotExist) && at != path:
		return nil, fmt.Errorf("%s has no manifest beside it (%s): it is no export of this program, or was moved without it", path, filepath.Base(at))
	case err != nil:
		return nil, err
	}
	file := filepath.Join(filepath.Dir(at), m.File)
	if manifestOf(file) != filepath.Clean(at) {
		return nil, fmt.Errorf("the manifest %s is of the file %s: give both their old names again", at, m.File)
	}
	text, err := replace.Read(file)
	if err != nil {
		return nil, fmt.Errorf("read the export that the manifest is about: %w", err)
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != m.SHA256 {
		return nil, fmt.Errorf("%s was changed since it was exported, so that nobody knows which orders were imported from it. If a program has only saved it anew, add the numbers of those that were by hand", file)
	}
	return m, nil
}

// decodeManifest reads a manifest as it was written.
func decodeManifest(path string) (*Manifest, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > mostManifest {
		return nil, fmt.Errorf("the manifest %s: %w", path, errNoManifest)
	}
	text, err := replace.Read(path)
	if err != nil {
		return nil, err
	}
	m := &Manifest{}
	if err := strict.Decode(text, m); err != nil {
		return nil, fmt.Errorf("the manifest %s: %w", path, errNoManifest)
	}
	if m.FormatVersion != manifestVersion {
		return nil, fmt.Errorf("the manifest %s is of format_version %q, and this reconcile reads %q", path, m.FormatVersion, manifestVersion)
	}
	if hash, err := m.sum(); err != nil || hash != m.Hash || m.File != filepath.Base(m.File) {
		return nil, fmt.Errorf("the manifest %s: %w", path, errNoManifest)
	}
	return m, nil
}

// overlap is another export that has some of the same orders.
type overlap struct {
	file string
	at   time.Time
	ids  []string
}

// overlapping returns the exports in a folder that have orders of this one. What is no manifest is passed over.
func overlapping(dir string, m *Manifest) (list []overlap, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("look for other exports: %w", err)
	}
	ours := map[string]bool{}
	for _, id := range m.Orders {
		ours[id] = true
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), manifestSuffix) {
			continue
		}
		other, err := decodeManifest(filepath.Join(dir, entry.Name()))
		if err != nil || other.Store != m.Store {
			continue
		}
		o := overlap{file: other.File, at: other.MadeAt}
		for _, id := range other.Orders {
			if ours[id] {
				o.ids = append(o.ids, id)
			}
		}
		if len(o.ids) > 0 {
			list = append(list, o)
		}
	}
	return list, nil
}

// sortNumbers sorts numbers of orders: short ones first, so that 9 comes before 10.
func sortNumbers(ids []string) {
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
}
