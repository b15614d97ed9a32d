package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/engine/report"
)

// The elements of JUnit's XML that build servers read.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr"`
		Failure *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// junit shows the results for build servers, a suite for each file.
func (r *testRun) junit() error {
	suites := junitSuites{Tests: len(r.results), Failures: r.failed()}
	for _, result := range r.results {
		file := report.Prose{}.Clean(result.Range.Filename)
		if n := len(suites.Suites); n == 0 || suites.Suites[n-1].Name != file {
			suites.Suites = append(suites.Suites, junitSuite{Name: file})
		}
		suite := &suites.Suites[len(suites.Suites)-1]
		c := junitCase{Name: report.Prose{}.Clean(result.Name), Class: strings.TrimSuffix(file, ".test.hcl"), File: file, Line: result.Range.Start.Line}
		if len(result.failures) > 0 {
			c.Failure = failureOf(result)
			suite.Failures++
		}
		suite.Tests++
		suite.Cases = append(suite.Cases, c)
	}
	// Controls cannot stand in XML, not even escaped: the texts are cleaned of them.
	text, err := xml.MarshalIndent(suites, "", "  ")
	if err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	text = bytes.ReplaceAll(text, []byte("&#xA;"), []byte("\n")) // for those who read the file itself
	_, err = fmt.Fprintf(r.app.stdout, "%s%s\n", xml.Header, text)
	return err
}

func failureOf(result testResult) *junitFailure {
	page := &textPage{prose: report.Prose{Width: widestText}}
	var messages []string
	for i := range result.failures {
		f := &result.failures[i]
		page.failure(f, 0)
		messages = append(messages, fmt.Sprintf("%s should be %c, but is %c", f.Code, f.Cell, f.Explanation.Cell.State))
	}
	return &junitFailure{Message: report.Prose{}.Clean(strings.Join(messages, "; ")), Type: "cell", Text: "\n" + page.out.String()}
}
