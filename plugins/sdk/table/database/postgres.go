package database

import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

var postgres = dialect{
	form:     "postgres://user:password@host:5432/database",
	readOnly: true,
	version:  "SHOW server_version",
	// The server refuses a second statement, but not where the data source name asks for the simple protocol.
	statements: &sqlForm{escapes: true, dollars: true, nested: true},
	open: func(dsn string) (*connection, error) {
		config, err := pgx.ParseConfig(dsn)
		if err != nil {
			return nil, err
		}
		return &connection{stdlib.OpenDB(*config), []string{config.Password}}, nil
	},
	shortFloats: []string{"FLOAT4"},
}
