package doctor

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// aboutBundle stands in every bundle.
const aboutBundle = `This was written by reconcile doctor --bundle, for whoever helps you.

findings.json       what doctor found, in its own words; nothing that a source, a platform or a file says
configuration/*.hcl  the configuration's form: every text, number, comment and name of yours is replaced
environment.json    which variables that matter are set; none of their values

There is no catalogue, no value, no SKU, no token and no name of a file in it. Look through it before you send it on.
`

// variables are those whose being set explains something.
var variables = []string{"HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "TMPDIR", "TMP", "LocalAppData", "RECONCILE_DATA", "RECONCILE_REATTACH",
	"NO_COLOR", "TERM", "COLUMNS", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "GOMEMLIMIT", "GODEBUG"}

// plainFinding is a finding as it stands in a bundle.
type plainFinding struct {
	Topic string `json:"topic"`
	Level Level  `json:"level"`
	Text  string `json:"text"`
}

// WriteBundle writes a ZIP file with what support needs. There is no secret and no SKU in it.
func (e *Examination) WriteBundle(w io.Writer) error {
	out := zip.NewWriter(w)
	findings := make([]plainFinding, 0, len(e.Findings))
	for _, f := range e.Findings {
		findings = append(findings, plainFinding{f.Topic, f.Level, f.plain})
	}
	set := map[string]bool{}
	for _, name := range variables {
		_, set[name] = os.LookupEnv(name)
	}
	for _, file := range []struct {
		name    string
		content any
	}{{"findings.json", findings}, {"environment.json", set}} {
		text, err := json.MarshalIndent(file.content, "", "  ")
		if err != nil {
			return fmt.Errorf("write the bundle: %w", err)
		}
		if err := add(out, file.name, string(text)+"\n"); err != nil {
			return err
		}
	}
	if err := add(out, "README.txt", aboutBundle); err != nil {
		return err
	}
	strike := newStriker(slices.Concat(e.patient.Session.Bundled, e.words))
	for i, text := range strike.files(e.config.Files) {
		if err := add(out, fmt.Sprintf("configuration/%d.hcl", i+1), text); err != nil {
			return err
		}
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	return nil
}

func add(out *zip.Writer, name, text string) error {
	file, err := out.Create(name)
	if err == nil {
		_, err = io.Copy(file, strings.NewReader(text))
	}
	if err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	return nil
}
