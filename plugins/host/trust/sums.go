package trust

import (
	"bufio"
	"cmp"
	"encoding/hex"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/host/lockfile"
)

// platformIn finds the platform in the name of a released file, such as shop_1.2.0_linux_amd64 or shop-Darwin-x86_64.exe.
var platformIn = regexp.MustCompile(`(?i)(linux|darwin|macos|windows|freebsd|openbsd|netbsd)[-_.](amd64|x86_64|x64|arm64|aarch64|386|i386|armv?[67]?)(?:\b|_)`)

// Sums reads a list of SHA-256 hashes in the form of sha256sum, and returns those of one plugin by platform. It takes the
// file itself and the files whose names differ from it only in the platform. If the file's name has no platform, as that of
// a script, it takes only that file, and the platform is lockfile.Any. Sums fails if the list does not name the file.
func Sums(list, file string) (map[string]string, error) {
	name := filepath.Base(file)
	if at, err := url.Parse(file); err == nil && IsURL(file) {
		name = path.Base(at.Path)
	}
	own, stem := platformOf(name)
	hashes := map[string]string{}
	lines := bufio.NewScanner(strings.NewReader(list))
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		hash := strings.ToLower(fields[0])
		if raw, err := hex.DecodeString(hash); err != nil || len(raw) != 32 || len(fields) != 2 {
			return nil, fmt.Errorf("line %d of the list of hashes is not a SHA-256 and a file's name", n)
		}
		listed, other := platformOf(path.Base(strings.TrimPrefix(fields[1], "*")))
		if listed != "" != (own != "") || other != stem {
			continue
		}
		if listed == "" {
			listed = lockfile.Any
		}
		if old := hashes[listed]; old != "" && old != hash {
			return nil, fmt.Errorf("line %d of the list of hashes: there are two for %s", n, listed)
		}
		hashes[listed] = hash
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the list of hashes: %w", err)
	}
	if hashes[cmp.Or(own, lockfile.Any)] == "" {
		return nil, fmt.Errorf("the list of hashes does not name %s", name)
	}
	return hashes, nil
}

// platformOf returns the platform in a file's name, in the form that lock files use, and the name without it.
func platformOf(name string) (platform, stem string) {
	at := platformIn.FindStringSubmatchIndex(name)
	if at == nil {
		return "", name
	}
	system, machine := strings.ToLower(name[at[2]:at[3]]), strings.ToLower(name[at[4]:at[5]])
	switch machine {
	case "x86_64", "x64":
		machine = "amd64"
	case "aarch64":
		machine = "arm64"
	case "i386":
		machine = "386"
	case "armv6", "armv7", "arm6", "arm7":
		machine = "arm"
	}
	if system == "macos" {
		system = "darwin"
	}
	return system + "_" + machine, name[:at[2]] + "*" + strings.TrimSuffix(name[at[5]:], ".exe")
}
