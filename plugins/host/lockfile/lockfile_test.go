package lockfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	hashA = strings.Repeat("a1", 32)
	hashB = strings.Repeat("b2", 32)
)

// TestNormalForm says that a file is the same whatever the order in which it was made, and that reading it gives what
// was written.
func TestNormalForm(t *testing.T) {
	shop := Plugin{Connector: "shop", Version: `1.0 "${beta}"`, SHA256: map[string]string{"linux_amd64": hashA, "darwin_arm64": hashB}}
	till := Plugin{Connector: "till", Version: "", SHA256: map[string]string{Any: hashB}}
	one, other := &File{}, &File{}
	one.Set(shop)
	one.Set(till)
	other.Set(Plugin{Connector: "till", Version: "0", SHA256: map[string]string{Any: hashA}})
	other.Set(till)
	other.Set(shop)
	want := `plugin "shop" {
  version = "1.0 \"$${beta}\""
  sha256 = {
    darwin_arm64 = "` + hashB + `"
    linux_amd64  = "` + hashA + `"
  }
}

plugin "till" {
  version = ""
  sha256 = {
    any = "` + hashB + `"
  }
}
`
	for _, f := range []*File{one, other} {
		if diff := cmp.Diff(want, string(f.Bytes())); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	path := filepath.Join(t.TempDir(), Name)
	if err := one.Write(path); err != nil {
		t.Fatal(err)
	}
	got, _, diags := Read(path)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for _, p := range []Plugin{shop, till} {
		if diff := cmp.Diff(&p, got.Plugin(p.Connector)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	if got.Plugin("other") != nil || got.Plugin("shop").Hash("linux_arm64") != "" || got.Plugin("till").Hash("linux_arm64") != hashB {
		t.Error("what is not in the file was found, or what holds on any platform was not")
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("beside the file lies %v (%v)", left, err)
	}
}

func TestReadMistakes(t *testing.T) {
	cases := []struct{ why, text, want string }{
		{"a conflict left by a merge", "<<<<<<< ours\n", "Argument or block definition required"},
		{"a hash cut short", `plugin "a" { 
version = "1"
sha256 = { any = "abc" } 
}`, "Not a SHA-256"},
		{"upper case, which is not the normal form", `plugin "a" { 
version = "1"
sha256 = { any = "` + strings.ToUpper(hashA) + `" } 
}`, "Not a SHA-256"},
		{"no hash at all", `plugin "a" { 
version = "1"
sha256 = {} 
}`, "Wrong type"},
		{"no map", `plugin "a" { 
version = 1
sha256 = "` + hashA + `" 
}`, "Wrong type"},
		{"a plugin twice", strings.Repeat("plugin \"a\" {\nversion = \"1\"\nsha256 = { any = \""+hashA+"\" }\n}\n", 2), "Duplicate plugin"},
		{"something of a later version, which may forbid something", "signatures = true\n", "Unsupported argument"},
		{"nothing of a plugin", `plugin "a" {}`, "Missing required argument"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), Name)
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			f, files, diags := Read(path)
			if f != nil || !diags.HasErrors() || !strings.Contains(diags.Error(), c.want) || files[path] == nil {
				t.Errorf("Read is %v, %v", f, diags)
			}
		})
	}
}

func TestReadNothing(t *testing.T) {
	f, _, diags := Read(filepath.Join(t.TempDir(), Name))
	if f == nil || len(diags) > 0 || len(f.Bytes()) != 0 {
		t.Errorf("Read is %v, %v", f, diags)
	}
	f, _, diags = Read(t.TempDir())
	if f != nil || !diags.HasErrors() {
		t.Errorf("a folder reads as %v, %v", f, diags)
	}
	large := filepath.Join(t.TempDir(), Name)
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, maxSize+1); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{large, os.DevNull} {
		if f, _, diags = Read(path); f != nil || !diags.HasErrors() {
			t.Errorf("%s reads as %v, %v", path, f, diags)
		}
	}
}
