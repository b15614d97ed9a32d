package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Status is the outcome of a demand.
type Status string

// All outcomes.
const (
	Passed  Status = "passed"
	Failed  Status = "failed"
	Skipped Status = "skipped"
)

// Result is the outcome of one demand, with details.
type Result struct {
	Demand
	Status Status
	// Seen are the details. If the demand failed: what happened. If it was skipped: why. If it passed: what was checked, or
	// nothing.
	Seen []string
}

// Report is the result of a run of the suite.
type Report struct {
	Connector, Version, SDKVersion string // "" where it did not get so far as to say it
	Results                        []Result
	Notes                          []string // what breaks no demand, and is to be thought of all the same
	Took                           time.Duration
}

// Failed returns the numbers of the demands that failed.
func (r *Report) Failed() []string { return r.numbers(Failed) }

func (r *Report) numbers(status Status) []string {
	var numbers []string
	for _, result := range r.Results {
		if result.Status == status {
			numbers = append(numbers, result.Number)
		}
	}
	return numbers
}

// outcome is the outcome of a demand so far. Of the outcomes with several sources the worst counts.
type outcome struct {
	status Status
	seen   []string
}

// maxSeen is how many findings about one demand are listed.
const maxSeen = 8

func (s *suite) note(number string, status Status, format string, args ...any) {
	o := s.outcomes[number]
	if o == nil {
		if !slices.ContainsFunc(Demands(), func(d Demand) bool { return d.Number == number }) {
			panic("conformance: no demand has the number " + number)
		}
		o = &outcome{status: Skipped}
		s.outcomes[number] = o
	}
	text := fmt.Sprintf(format, args...)
	if text != "" && s.source != "" {
		text = s.source + ": " + text
	}
	rank := map[Status]int{Skipped: 0, Passed: 1, Failed: 2}
	switch {
	case rank[status] < rank[o.status]:
		return
	case rank[status] > rank[o.status]:
		o.status, o.seen = status, nil
	}
	if text != "" && !slices.Contains(o.seen, text) && len(o.seen) <= maxSeen {
		if len(o.seen) == maxSeen {
			text = "and more of the kind"
		}
		o.seen = append(o.seen, text)
	}
	if status == Failed {
		s.log("%s fails: %s", number, text)
	}
}

// pass, fail and skip note the outcome of a demand. A demand that has failed once stays failed.
func (s *suite) pass(number, format string, args ...any) { s.note(number, Passed, format, args...) }
func (s *suite) fail(number, format string, args ...any) { s.note(number, Failed, format, args...) }
func (s *suite) skip(number, format string, args ...any) { s.note(number, Skipped, format, args...) }

// skipAll skips all demands whose number begins with prefix.
func (s *suite) skipAll(prefix, format string, args ...any) {
	for _, d := range Demands() {
		if strings.HasPrefix(d.Number, prefix) && s.outcomes[d.Number] == nil {
			s.skip(d.Number, format, args...)
		}
	}
}

// failed reports whether one of the demands has failed.
func (s *suite) failed(numbers ...string) bool {
	return slices.ContainsFunc(numbers, func(number string) bool {
		o := s.outcomes[number]
		return o != nil && o.status == Failed
	})
}

func (s *suite) report() *Report {
	r := &Report{Connector: s.description.GetConnector(), Version: s.description.GetVersion(), SDKVersion: s.description.GetSdkVersion(),
		Notes: s.notes, Took: time.Since(s.started)}
	var first string // the first that failed
	for _, d := range Demands() {
		result := Result{Demand: d, Status: Skipped}
		if o := s.outcomes[d.Number]; o != nil {
			result.Status, result.Seen = o.status, o.seen
		} else if result.Seen = []string{"it was not reached"}; first != "" {
			result.Seen = []string{fmt.Sprintf("it was not reached, because of %s", first)}
		}
		if result.Status == Failed && first == "" {
			first = d.Number
		}
		r.Results = append(r.Results, result)
	}
	return r
}
