package database

import (
	"database/sql"

	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"
)

var sqlserver = dialect{
	form:    "sqlserver://user:password@host:1433?database=name",
	version: "SELECT @@VERSION",
	open: func(dsn string) (*connection, error) {
		config, err := msdsn.Parse(dsn)
		if err != nil {
			return nil, err
		}
		return &connection{sql.OpenDB(mssql.NewConnectorConfig(config)), []string{config.Password}, overNetwork}, nil
	},
	shortFloats: []string{"REAL"},
	text: func(v any, column *sql.ColumnType) (string, bool) {
		var id mssql.UniqueIdentifier
		if column.DatabaseTypeName() == "UNIQUEIDENTIFIER" && id.Scan(v) == nil {
			return id.String(), true
		}
		return "", false
	},
}
