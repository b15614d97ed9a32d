package web

import "net/url"

// downloads are the formats in which a table can be had, in the order of the menu.
var downloads = []struct{ Format, Text string }{{"xlsx", "Excel"}, {"csv", "CSV"}, {"html", "Page to print or send"}, {"json", "JSON"}, {"ndjson", "JSON, a line an item"}}

// Downloads are the formats in which the table can be had.
func (p *inventory) Downloads() []struct{ Format, Text string } { return downloads }

// DownloadLink is where the API has the table in a format: what is filtered, in the order that is shown. For CSV it says to spreadsheets
// that the text is UTF-8.
func (p *inventory) DownloadLink(format string) string {
	v := p.Query.Filtering().Values()
	v.Del("run")
	v.Set("format", format)
	v.Set("values", "optional")
	if format == "csv" {
		v.Set("bom", "1")
	}
	return "/api/v1/runs/" + url.PathEscape(p.Run.ID) + "/download?" + v.Encode()
}
