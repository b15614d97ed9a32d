package web

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
	"github.com/reconcilehq/reconcile/engine/report"
)

// downloads are the formats in which a table can be had, in the order of the menu.
var downloads = []struct{ Format, Text string }{{"xlsx", "Excel"}, {"csv", "CSV"}, {"html", "Page to print or send"}, {"json", "JSON"}, {"ndjson", "JSON, a line an item"}}

// Downloads are the formats in which the table can be had.
func (p *inventory) Downloads() []struct{ Format, Text string } { return downloads }

// DownloadLink is where the table is in a format: what is filtered, in the order that is shown.
func (p *inventory) DownloadLink(format string) string {
	q := p.Query.Closed()
	q.Row, q.Run, q.Details = 0, p.Run.ID, false
	return q.Address(p.Path + "/download/" + format)
}

// download answers with what a query leaves, as a file.
func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	name, q := r.PathValue("name"), screen.ReadQuery(r.URL.Query())
	formats := report.Formats()
	at := slices.IndexFunc(formats, func(f report.Format) bool { return f.Name == r.PathValue("format") && f.Suffix != "" })
	if at < 0 {
		s.refuse(w, r, http.StatusNotFound, "not_found", "There is no such format.")
		return
	}
	format := formats[at]
	run, err := s.open(r, name, q.Run)
	if errors.Is(err, screen.ErrNoRun) || err == nil && run == nil {
		s.refuse(w, r, http.StatusNotFound, "no_run", "There is no such run of "+name+".")
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer run.Done()
	result, err := run.Result(q)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	head := w.Header()
	kind := mime.TypeByExtension(format.Suffix)
	if kind == "" {
		kind = "application/octet-stream"
	}
	head.Set("Content-Type", kind)
	head.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fmt.Sprintf("%s-%s%s", name, run.MadeAt.UTC().Format("2006-01-02"), format.Suffix)}))
	if err := format.Write(w, result, report.Options{All: true, BOM: format.BOM, Details: true}); err != nil {
		s.Log.Error("download", "reconciliation", name, "format", format.Name, "error", err)
		panic(http.ErrAbortHandler) // what was sent so far is not to look like a whole file
	}
}
