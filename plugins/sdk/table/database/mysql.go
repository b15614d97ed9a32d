package database

import (
	"database/sql"
	"math/big"
	"net/url"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// mysqlSession are the variables of a session, unless the data source name sets them.
var mysqlSession = map[string]string{
	"time_zone":        "'+00:00'",             // TIMESTAMPs come in it
	"sql_select_limit": "18446744073709551615", // a server may be set to give fewer rows of a result, without a word
	"max_error_count":  "65535",                // warnings are kept, too, and must not push out each other
}

// mysqlConfig reads a data source name.
func mysqlConfig(dsn string) (*mysql.Config, error) {
	config, err := mysql.ParseDSN(withCharset(dsn))
	if err != nil {
		return nil, err
	}
	config.ParseTime, config.Logger = true, &mysql.NopLogger{}
	config.MultiStatements = false // which has the server refuse a second statement
	if config.Params == nil {
		config.Params = map[string]string{}
	}
	for name, value := range mysqlSession {
		if config.Params[name] == "" {
			config.Params[name] = value
		}
	}
	return config, nil
}

// withCharset returns a data source name with a character set for the texts that come, if it names none: a server may be set to use its own,
// whatever the driver tells it when it connects.
func withCharset(dsn string) string {
	_, parameters, some := strings.Cut(dsn[strings.LastIndexByte(dsn, '/')+1:], "?")
	switch values, err := url.ParseQuery(parameters); {
	case err != nil || values.Has("charset") || !strings.Contains(dsn, "/"):
		return dsn
	case some:
		return dsn + "&charset=utf8mb4,utf8"
	}
	return dsn + "?charset=utf8mb4,utf8"
}

var mysqlDialect = dialect{
	form:       "user:password@tcp(host:3306)/database",
	readOnly:   true,
	version:    "SELECT VERSION()",
	statements: &sqlForm{backslash: true, ticks: true, hash: true, spaced: true, versioned: true},
	open: func(dsn string) (*connection, error) {
		config, err := mysqlConfig(dsn)
		if err != nil {
			return nil, err
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
	warnings:   mysqlWarnings,
	lost:       mysqlLost,
	shortExact: 1_000_000, // the server writes FLOATs with six digits
	text: func(v any, column *sql.ColumnType) (string, bool) {
		if b, ok := v.([]byte); ok && column.DatabaseTypeName() == "BIT" {
			return new(big.Int).SetBytes(b).String(), true
		}
		return "", false
	},
}
