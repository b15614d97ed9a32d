package main

import (
	"bytes"
	"maps"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// secretLiteral is an attribute whose name says that its value is secret, with a value that is written out. It is hidden
// before a connector has said which settings are sensitive, too.
var secretLiteral = regexp.MustCompile(`(?i)\b[a-z0-9_]*(?:token|secret|password|passwd|pwd|dsn|api_?key|credential)[a-z0-9_]*[ \t]*=[ \t]*"((?:\\.|[^"\\\n])*)`)

// withoutSecrets returns the files for showing the lines that a diagnostic is about, without the secrets that are written
// out in them: their letters are stars, so that every place stays where it is.
func (a *app) withoutSecrets(files map[string]*hcl.File) map[string]*hcl.File {
	shown := maps.Clone(files)
	for name, file := range files {
		if file == nil {
			continue
		}
		text := slices.Clone(file.Bytes)
		for _, at := range secretLiteral.FindAllSubmatchIndex(text, -1) {
			if value := text[at[2]:at[3]]; !bytes.HasPrefix(value, []byte("${")) {
				star(value)
			}
		}
		a.secrets.Mask(text)
		masked := *file
		masked.Bytes = text
		shown[name] = &masked
	}
	return shown
}

func star(text []byte) {
	for i := range text {
		text[i] = '*'
	}
}

// hideSecrets returns diagnostics whose words hold no secret.
func (a *app) hideSecrets(diags hcl.Diagnostics) hcl.Diagnostics {
	shown := make(hcl.Diagnostics, 0, len(diags))
	for _, d := range diags {
		without := *d
		without.Summary, without.Detail = a.secrets.Hide(d.Summary), a.secrets.Hide(d.Detail)
		shown = append(shown, &without)
	}
	return shown
}
