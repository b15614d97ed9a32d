package database

import (
	"database/sql"
	"math/big"

	"github.com/go-sql-driver/mysql"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

var mysqlDialect = dialect{
	form:       "user:password@tcp(host:3306)/database",
	readOnly:   true,
	version:    "SELECT VERSION()",
	statements: &sqlForm{backslash: true, ticks: true, hash: true, spaced: true, versioned: true},
	open: func(dsn string) (*connection, error) {
		config, err := mysql.ParseDSN(dsn)
		if err != nil {
			return nil, err
		}
		config.ParseTime, config.Logger = true, &mysql.NopLogger{}
		config.MultiStatements = false        // which has the server refuse a second statement
		if config.Params["time_zone"] == "" { // TIMESTAMPs come in the session's zone
			if config.Params == nil {
				config.Params = map[string]string{}
			}
			config.Params["time_zone"] = "'+00:00'"
		}
		connector, err := mysql.NewConnector(config)
		if err != nil {
			return nil, err
		}
		needs := overNetwork
		if config.Net == "unix" {
			needs = sdk.Needs{Sockets: []string{config.Addr}}
		}
		return &connection{sql.OpenDB(connector), []string{config.Passwd}, needs}, nil
	},
	shortExact: 1_000_000, // the server writes FLOATs with six digits
	text: func(v any, column *sql.ColumnType) (string, bool) {
		if b, ok := v.([]byte); ok && column.DatabaseTypeName() == "BIT" {
			return new(big.Int).SetBytes(b).String(), true
		}
		return "", false
	},
}
