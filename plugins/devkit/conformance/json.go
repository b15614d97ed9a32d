package conformance

import (
	"encoding/json"
	"io"
)

// WriteJSON writes the report for programs, with format_version "1".
func (r *Report) WriteJSON(w io.Writer) error {
	type result struct {
		Number string   `json:"number"`
		Title  string   `json:"title"`
		Status Status   `json:"status"`
		Seen   []string `json:"seen"`
		Mend   string   `json:"mend,omitempty"`
	}
	report := struct {
		FormatVersion string         `json:"format_version"`
		Connector     string         `json:"connector"`
		Version       string         `json:"version"`
		SDKVersion    string         `json:"sdk_version"`
		Seconds       float64        `json:"seconds"`
		Summary       map[Status]int `json:"summary"`
		Results       []result       `json:"results"`
		Notes         []string       `json:"notes,omitempty"`
	}{"1", r.Connector, r.Version, r.SDKVersion, r.Took.Seconds(), map[Status]int{Passed: 0, Failed: 0, Skipped: 0}, nil, r.Notes}
	for _, one := range r.Results {
		report.Summary[one.Status]++
		line := result{Number: one.Number, Title: one.Title, Status: one.Status, Seen: one.Seen}
		if line.Seen == nil {
			line.Seen = []string{}
		}
		if one.Status == Failed {
			line.Mend = one.Mend
		}
		report.Results = append(report.Results, line)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(report)
}
