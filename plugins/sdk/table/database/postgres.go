package database

import (
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

var postgres = dialect{
	form:     "postgres://user:password@host:5432/database",
	readOnly: true,
	version:  "SHOW server_version",
	// The server refuses a second statement, but not where the data source name asks for the simple protocol.
	statements: &sqlForm{escapes: true, dollars: true, nested: true},
	open: func(dsn string) (*connection, error) {
		config, err := postgresConfig(dsn)
		if err != nil {
			return nil, err
		}
		return &connection{stdlib.OpenDB(*config), []string{config.Password}, postgresNeeds(config)}, nil
	},
	shortFloats: []string{"FLOAT4"},
}

// postgresConfig reads a data source name. Texts come in UTF-8, for which the driver takes them whatever they are: else they would come as the
// database, or the user's role, has them.
func postgresConfig(dsn string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	config.RuntimeParams["client_encoding"] = "UTF8"
	return config, nil
}

// postgresNeeds says what connecting to any of the hosts takes. Files with certificates and passwords have been read already.
func postgresNeeds(config *pgx.ConnConfig) (needs sdk.Needs) {
	hosts := []string{config.Host}
	for _, other := range config.Fallbacks {
		hosts = append(hosts, other.Host)
	}
	for _, host := range hosts {
		if strings.HasPrefix(host, "/") {
			needs.Sockets = append(needs.Sockets, host)
		} else {
			needs.Network = true
		}
	}
	return needs
}
