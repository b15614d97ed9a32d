package table

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
		return &connection{sql.OpenDB(mssql.NewConnectorConfig(config)), []string{config.Password}}, nil
	},
	text: func(v any, column *sql.ColumnType) (string, bool) {
		switch column.DatabaseTypeName() {
		case "REAL": // comes as a float64, whose shortest text has the noise of the conversion
			if f, ok := v.(float64); ok {
				return floatText(f, 32), true
			}
		case "UNIQUEIDENTIFIER":
			var id mssql.UniqueIdentifier
			if err := id.Scan(v); err == nil {
				return id.String(), true
			}
		}
		return "", false
	},
}
