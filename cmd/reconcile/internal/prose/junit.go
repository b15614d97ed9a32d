package prose

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/reconcilehq/reconcile/engine/report"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
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

// JUnit writes the results for build servers, a suite for each file.
func JUnit(to io.Writer, r *session.TestRun) error {
	suites := junitSuites{Tests: len(r.Results), Failures: r.Failed()}
	for _, result := range r.Results {
		file := report.Prose{}.Clean(result.Range.Filename)
		if n := len(suites.Suites); n == 0 || suites.Suites[n-1].Name != file {
			suites.Suites = append(suites.Suites, junitSuite{Name: file})
		}
		suite := &suites.Suites[len(suites.Suites)-1]
		c := junitCase{Name: report.Prose{}.Clean(result.Name), Class: strings.TrimSuffix(file, ".test.hcl"), File: file, Line: result.Range.Start.Line}
		if len(result.Failures) > 0 {
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
	_, err = fmt.Fprintf(to, "%s%s\n", xml.Header, text)
	return err
}

func failureOf(result session.TestResult) *junitFailure {
	page := &Page{Prose: report.Prose{Width: widestText}}
	var messages []string
	for i := range result.Failures {
		f := &result.Failures[i]
		page.failure(f, 0)
		messages = append(messages, fmt.Sprintf("%s should be %c, but is %c", f.Code, f.Cell, f.Explanation.Cell.State))
	}
	return &junitFailure{Message: report.Prose{}.Clean(strings.Join(messages, "; ")), Type: "cell", Text: "\n" + page.out.String()}
}
