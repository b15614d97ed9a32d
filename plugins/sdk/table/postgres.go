package table

import (
	"database/sql"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

var postgres = dialect{
	form:     "postgres://user:password@host:5432/database",
	readOnly: true,
	version:  "SHOW server_version",
	open: func(dsn string) (*connection, error) {
		config, err := pgx.ParseConfig(dsn)
		if err != nil {
			return nil, err
		}
		return &connection{stdlib.OpenDB(*config), []string{config.Password}}, nil
	},
	text: func(v any, column *sql.ColumnType) (string, bool) {
		// A real comes as a float64, whose shortest text has the noise of the conversion.
		if f, ok := v.(float64); ok && column.DatabaseTypeName() == "FLOAT4" {
			return floatText(f, 32), true
		}
		return "", false
	},
}
