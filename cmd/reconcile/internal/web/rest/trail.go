package rest

import (
	"bytes"
	"net/http"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// audit answers with entries of the audit trail, the newest first.
func (a *API) audit(r *http.Request) (int, any, error) {
	v := r.URL.Query()
	of := store.Search{Who: v.Get("who"), What: v.Get("what"), Text: v.Get("q")}
	for name, into := range map[string]*time.Time{"from": &of.From, "to": &of.To} {
		if text := v.Get(name); text != "" {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return 0, nil, wrong("%s is a time such as 2027-03-31T00:00:00Z, not %q", name, text)
			}
			*into = at
		}
	}
	before, err := number(r, "before", 0, 0, 1<<53)
	if err != nil {
		return 0, nil, err
	}
	of.Before = int64(before)
	if of.Most, err = number(r, "limit", usualItems, 1, mostItems); err != nil {
		return 0, nil, err
	}
	entries, err := a.Store.Browse(r.Context(), of)
	if err != nil {
		return 0, nil, err
	}
	for i := range entries {
		entries[i].At = entries[i].At.UTC()
	}
	return http.StatusOK, map[string]any{"entries": append([]store.Entry{}, entries...)}, nil
}

// exportAudit answers with the whole audit trail, as reconcile audit export writes it.
func (a *API) exportAudit(w http.ResponseWriter, r *http.Request) {
	var out bytes.Buffer // whole, or not at all; and nobody who reads slowly keeps others from adding to the trail
	if err := a.Store.Export(r.Context(), &out); err != nil {
		refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", contentTypes["ndjson"])
	w.Header().Set("Content-Disposition", `attachment; filename="audit.jsonl"`)
	_, _ = w.Write(out.Bytes()) // who does not read it has gone
}
