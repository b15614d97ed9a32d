package database

import (
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

var sqlite = dialect{
	form:     "the path of the database file, relative to the configuration's folder, or a file: URI",
	ready:    sqliteReady,
	readOnly: true,
	version:  "SELECT sqlite_version()",
	// The driver runs all statements and gives the rows of the last.
	statements: &sqlForm{brackets: true, ticks: true},
	open: func(dsn string) (*connection, error) {
		uri, err := readOnlyURI(dsn)
		if err != nil {
			return nil, err
		}
		db, err := sql.Open("sqlite", uri)
		if err != nil {
			return nil, err
		}
		return &connection{db: db, needs: sqliteNeeds(sqliteFile(dsn))}, nil
	},
}

var errNoSQLiteFile = errors.New("there is no such database file")

// readOnlyURI returns the URI that opens the file for reading only, which also keeps SQLite from making a file that is
// not there.
func readOnlyURI(dsn string) (string, error) {
	if !strings.HasPrefix(dsn, "file:") {
		if dsn == "" {
			return "", errNoSQLiteFile
		}
		return (&url.URL{Scheme: "file", Opaque: uriPath(dsn), RawQuery: "mode=ro"}).String(), nil
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return "", err
	}
	query := u.Query()
	query.Set("mode", "ro")
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// uriPath writes a path as the URIs of SQLite have it: C:\data\shop.db is ///C:/data/shop.db.
func uriPath(path string) string {
	slashed := filepath.ToSlash(path)
	escaped := (&url.URL{Path: slashed}).EscapedPath()
	switch volume := filepath.VolumeName(path); {
	case strings.HasPrefix(slashed, "//"): // a server's share
		return "//" + escaped
	case volume != "":
		return "///" + escaped
	}
	return escaped
}

// sqliteFile returns the path in a data source name.
func sqliteFile(dsn string) string {
	if !strings.HasPrefix(dsn, "file:") {
		return dsn
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return ""
	}
	path := u.Path
	if u.Opaque != "" {
		if path, err = url.PathUnescape(u.Opaque); err != nil {
			return ""
		}
	}
	if len(path) > 2 && path[0] == '/' && path[2] == ':' { // /C:/data/shop.db
		path = path[1:]
	}
	return filepath.FromSlash(path)
}

// sqliteReady returns an error that says what to do if the file is not there. The driver's own would be that it is
// out of memory.
func sqliteReady(dsn string) error {
	info, err := os.Stat(sqliteFile(dsn))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return errors.New("the file that dsn names does not exist: paths are relative to the configuration's folder")
	case err == nil && info.IsDir():
		return errors.New("dsn names a folder, not a database file")
	case err == nil && !info.Mode().IsRegular(): // opening a pipe waits for whoever writes to it
		return errors.New("dsn names a pipe or a device, not a database file")
	}
	return nil // SQLite will say
}

// sqliteNeeds says what reading a file takes. SQLite looks for files of its own beside it, and where the database has a
// write-ahead log it makes one of them, if only to read.
func sqliteNeeds(path string) sdk.Needs {
	folder := filepath.Dir(path)
	needs := sdk.Needs{Read: []string{folder}}
	if hasWriteAheadLog(path) {
		needs.Write = []string{folder}
	}
	return needs
}

// hasWriteAheadLog looks into the header of the file: https://www.sqlite.org/fileformat.html#file_format_version_numbers.
func hasWriteAheadLog(path string) bool {
	const versionsAt, writeAhead = 18, 2
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	var versions [2]byte // for writing and for reading
	_, err = file.ReadAt(versions[:], versionsAt)
	return err == nil && versions[1] == writeAhead
}
