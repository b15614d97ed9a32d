package database

import (
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"time"

	_ "github.com/nakagami/firebirdsql" // the driver "firebirdsql"
)

var firebird = dialect{
	form:     "user:password@host:3050/path/to/file.fdb",
	readOnly: true,
	version:  "SELECT rdb$get_context('SYSTEM', 'ENGINE_VERSION') FROM rdb$database",
	open: func(dsn string) (*connection, error) {
		u, err := url.Parse("firebird://" + strings.TrimPrefix(dsn, "firebird://"))
		if err != nil {
			return nil, err
		}
		if u.User.Username() == "" || strings.Trim(u.Path, "/") == "" {
			return nil, errors.New("no user or no database") // which the driver says only when it connects
		}
		db, err := sql.Open("firebirdsql", dsn)
		if err != nil {
			return nil, err
		}
		password, _ := u.User.Password()
		return &connection{db, []string{password}, overNetwork}, nil
	},
	shortFloats: []string{"FLOAT"},
	text: func(v any, column *sql.ColumnType) (string, bool) {
		// A time without a zone comes in the local one.
		if at, ok := v.(time.Time); ok && column.DatabaseTypeName() == "TIMESTAMP" {
			return at.Format("2006-01-02T15:04:05.999999999Z"), true
		}
		return "", false
	},
}
