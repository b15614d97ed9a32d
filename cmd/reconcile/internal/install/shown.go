package install

import (
	"os"
	"path/filepath"
	"strings"
)

// hidden stands for an argument that is not shown.
const hidden = "…"

// shown returns a plugin's command as anybody may see it, dir being the folder that paths in it are relative to. An argument can
// be a token: those are shown that are a file, and the names of flags.
func shown(command []string, dir string) []string {
	list := make([]string, 0, len(command))
	for i, word := range command {
		if i > 0 && !isFile(word, dir) {
			word = nameOfFlag(word)
		}
		list = append(list, word)
	}
	return list
}

func isFile(word, dir string) bool {
	if !filepath.IsAbs(word) {
		word = filepath.Join(dir, word)
	}
	info, err := os.Stat(word)
	return err == nil && info.Mode().IsRegular()
}

// nameOfFlag returns "--token=…" of "--token=abc", and all of "--fast".
func nameOfFlag(word string) string {
	if !strings.HasPrefix(word, "--") {
		return hidden // -pTOKEN is one word, too
	}
	name, _, found := strings.Cut(word, "=")
	if found {
		name += "=" + hidden
	}
	return name
}
