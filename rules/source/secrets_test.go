package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecrets(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "secrets")
	for name, text := range map[string]string{"secrets/shops/toronto": "s3cret\n", "secrets/windows": "s3cret\r\n", "secrets/two": "a\nb\n", "secrets/empty": "\n",
		"secrets/long": strings.Repeat("s3cret", maxSecret/6+1), "secrets/bytes": "\xff\xfe", "outside": "s3cret"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "outside"), filepath.Join(folder, "link")); err != nil {
		t.Log(err) // as on Windows without the right
	}
	environment := func(name string) (string, bool) {
		v, ok := map[string]string{"S_SHOPS_TORONTO": "s3cret", "S_EMPTY": ""}[name]
		return v, ok
	}
	inFolder := func() *secretStore { return &secretStore{folder: folder, known: map[string]string{}} }
	inEnvironment := func() *secretStore {
		return &secretStore{prefix: "S_", getenv: environment, known: map[string]string{}}
	}
	for _, tc := range []struct {
		store      *secretStore
		name, want string
		says       string
	}{
		{inFolder(), "shops/toronto", "s3cret", ""},
		{inFolder(), "windows", "s3cret", ""},
		{inFolder(), "two", "a\nb", ""},
		{inFolder(), "empty", "", `the secret "empty" is empty`},
		{inFolder(), "long", "", "more than 64 KiB"},
		{inFolder(), "bytes", "", "no text in UTF-8"},
		{inFolder(), "shops", "", "is no file"},
		{inFolder(), "nowhere", "", "is not there"},
		{inFolder(), "link", "", `the secret "link"`},
		{inFolder(), "../outside", "", "a secret's name has"},
		{inFolder(), "/etc/passwd", "", "a secret's name has"},
		{inFolder(), "", "", "a secret's name has"},
		{inFolder(), "a//b", "", "a secret's name has"},
		{inEnvironment(), "shops/toronto", "s3cret", ""},
		{inEnvironment(), "empty", "", "set the environment variable S_EMPTY"},
		{inEnvironment(), "shops/paris", "", "set the environment variable S_SHOPS_PARIS"},
	} {
		got, err := tc.store.look(tc.name)
		if got != tc.want || (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %q, %v", tc.name, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the message shows it: %v", tc.name, err)
		}
	}
}

// TestSecretOfCommand has this very program say secrets.
func TestSecretOfCommand(t *testing.T) {
	const variable = "RECONCILE_TEST_SAYS_SECRET"
	if os.Getenv(variable) != "" {
		sayAsSecret(os.Args[len(os.Args)-1])
	}
	t.Setenv(variable, "1")
	command := []string{os.Args[0], "-test.run=^TestSecretOfCommand$", "--"}
	for name, tc := range map[string]struct{ want, says string }{
		"shops/toronto": {want: "s3cret of shops/toronto"},
		"fails":         {says: "failed (exit status 3)"},
		"long":          {says: "says more than 64 KiB"},
		"nothing":       {says: "is empty"},
	} {
		s := &secretStore{command: command, dir: t.TempDir(), known: map[string]string{}}
		got, err := s.look(name)
		if got != tc.want || (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the message shows it: %v", name, err)
		}
	}
	s := &secretStore{command: []string{filepath.Join(t.TempDir(), "nothing")}, known: map[string]string{}}
	if _, err := s.look("a"); err == nil {
		t.Error("a program that is not there says a secret")
	}
	stop := make(chan struct{})
	close(stop)
	s = &secretStore{command: command, stop: stop, known: map[string]string{}}
	if _, err := s.look("waits"); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("a program that is waited for in vain: %v", err)
	}
}

func sayAsSecret(name string) {
	switch name {
	case "fails":
		os.Stdout.WriteString("s3cret")
		os.Stderr.WriteString("s3cret")
		os.Exit(3)
	case "long":
		os.Stdout.WriteString(strings.Repeat("s3cret", maxSecret))
	case "nothing":
	case "waits":
		select {}
	default:
		os.Stdout.WriteString("s3cret of " + name + "\n")
	}
	os.Exit(0)
}

func TestShopsList(t *testing.T) {
	for text, want := range map[string]string{
		"shop,vat\na,1\nb,2\n":             "",
		"\ufeffshop;vat\r\na;1\r\n":        "",
		"shop\na\n":                        "",
		"shop,note\na,\"two\nlines\"\nb,x": "",
		"":                                 "it is empty",
		"shop,vat\n":                       "it has no shop",
		"name,vat\na,1\n":                  `line 1: there is no column "shop"`,
		"shop,vat,vat\na,1,2\n":            `line 1: two columns are called "vat"`,
		"shop,,vat\na,1,2\n":               "line 1: the column 2 has no name",
		"shop,vat\na,1\n,2\n":              `line 3: the column "shop" is empty`,
		"shop,vat\na,1\nb\n":               "line 3: it has not as many columns",
		"shop,vat\na,1\nb,1,2\n":           "line 3: it has not as many columns",
		"shop,vat\n../a,1\n":               `line 2: "../a" cannot name a shop`,
		"shop,vat\nall,1\n":                `line 2: no shop can be called "all"`,
		"shop,vat\nAll,1\n":                `line 2: no shop can be called "All"`,
		"shop,vat\nst-a,1\nst.A,1\n":       "line 3: the name st.A is too like that in line 2",
		"shop,vat\na,\"1\n":                "line 2",
		"shop,vat\na,1\"2\n":               "line 2",
		"shop,vat\na,\xff\n":               "no text in UTF-8",
	} {
		s := &Shops{}
		err := s.read([]byte(text))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// FuzzShopsList says that each line of a list is a shop, with a value for each column, or the list is refused.
func FuzzShopsList(f *testing.F) {
	f.Add([]byte("shop,vat\na,1\nb,2\n"))
	f.Add([]byte("\ufeffshop;vat\r\na;\"1\r\n2\"\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s := &Shops{}
		if s.read(text) != nil {
			return
		}
		if len(s.Names) == 0 || len(s.Names) != len(s.lines) {
			t.Fatalf("%q: %d names, %d lines", text, len(s.Names), len(s.lines))
		}
		seen := map[string]bool{}
		for i, line := range s.lines {
			if len(line.values) != len(s.columns) || line.values[shopColumn] != s.Names[i] || seen[alike(s.Names[i])] || strings.ContainsAny(s.Names[i], "/\\") {
				t.Fatalf("%q: %v", text, line)
			}
			seen[alike(s.Names[i])] = true
		}
	})
}
