package localcopy

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// Folder is the folder of all Local Copies. Only the user can enter it. It is made when the first copy is.
type Folder struct {
	dir string
	now func() time.Time
}

// In returns the folder of Local Copies inside a data folder.
func In(data string) *Folder { return &Folder{dir: filepath.Join(data, "copies"), now: time.Now} }

// Path returns where the folder lies, there or not.
func (f *Folder) Path() string { return f.dir }

// DefaultData returns the user's folder for this program's data: $XDG_DATA_HOME/reconcile or ~/.local/share/reconcile,
// ~/Library/Application Support/reconcile, or %LocalAppData%\reconcile.
func DefaultData() (string, error) {
	var dir string
	switch runtime.GOOS {
	case "windows":
		dir = os.Getenv("LocalAppData")
	case "darwin", "ios":
	default:
		dir = os.Getenv("XDG_DATA_HOME")
	}
	if filepath.IsAbs(dir) { // a relative one is to be ignored, says the XDG specification
		return filepath.Join(dir, "reconcile"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the folder for Local Copies: %w; name one with --data", err)
	}
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(home, "AppData", "Local", "reconcile"), nil
	case "darwin", "ios":
		return filepath.Join(home, "Library", "Application Support", "reconcile"), nil
	}
	return filepath.Join(home, ".local", "share", "reconcile"), nil
}

// location says where the copy of an identity is.
type location struct {
	id   Identity
	name string // a keyed hash of the identity, in hexadecimal digits
	path string // of the database
	key  []byte // of the folder
}

// itemsSuffix is what the path of the file with the items that were made of a copy ends in, behind that of the database.
const itemsSuffix = ".items"

func (p *location) lock() string { return p.path + ".lock" }

// find returns the location of an identity's copy. If the folder does not exist, find makes it if make is true, and returns
// ErrNone otherwise.
func (f *Folder) find(id Identity, make bool) (*location, error) {
	if err := f.secure(make); err != nil {
		return nil, err
	}
	key, err := f.key(make)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%d:%s%d:%s", len(id.Connector), id.Connector, len(id.Settings), id.Settings)
	name := hex.EncodeToString(mac.Sum(nil))
	return &location{id: id, name: name, path: filepath.Join(f.dir, id.Connector+"-"+name[:24]+".db"), key: key}, nil
}

// secure makes the folder if it is missing and make is true. It refuses a folder that belongs to somebody else.
func (f *Folder) secure(make bool) error {
	info, err := os.Stat(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		if !make {
			return ErrNone
		}
		if err := os.MkdirAll(f.dir, 0o700); err != nil {
			return fmt.Errorf("make the folder for Local Copies: %w", err)
		}
		info, err = os.Stat(f.dir)
	}
	if err != nil {
		return fmt.Errorf("look at the folder for Local Copies: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("the folder for Local Copies, %s, is no folder", f.dir)
	}
	if err := belongsToUser(info); err != nil {
		return fmt.Errorf("the folder for Local Copies, %s, %w: name another one with --data", f.dir, err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		// To read on a disk that is read-only, it is enough that nobody else can have written.
		if err := os.Chmod(f.dir, 0o700); err != nil && (make || info.Mode().Perm()&0o022 != 0) {
			return fmt.Errorf("keep others out of the folder for Local Copies: %w", err)
		}
	}
	return nil
}

const keyLength = 32

// key returns the folder's random key. Because of it, nobody without the key can test a guess of the settings, which may be
// secret, against the name of a file.
func (f *Folder) key(make bool) ([]byte, error) {
	path := filepath.Join(f.dir, "key")
	key, err := replace.Read(path)
	switch {
	case err == nil && len(key) == keyLength:
		return key, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read the key of the Local Copies: %w", err)
	case !make:
		return nil, ErrNone
	}
	// Two processes may be here at the same time: the second one uses the key of the first.
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if key, err := replace.Read(path); err == nil && len(key) == keyLength {
		return key, nil
	}
	key = append(key[:0], rand.Text()...) // at least 128 bits of randomness
	sum := sha256.Sum256(key)
	if err := replace.WritePlain(path, sum[:], 0o600); err != nil { // which only the user may read
		return nil, fmt.Errorf("make a key for the Local Copies: %w; name another folder with --data", err)
	}
	return sum[:], nil
}
