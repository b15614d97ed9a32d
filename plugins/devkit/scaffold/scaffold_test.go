package scaffold

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckName(t *testing.T) {
	tests := []struct{ name, near string }{
		{"shop", ""},
		{"my-shop2", ""},
		{"", "-"},
		{"42", "-"},
		{"My Shop", "my-shop"},
		{"shop_eu", "shop-eu"},
		{"shop--eu", "shop-eu"},
		{"-shop-", "shop"},
		{"2shops", "shops"},
		{"../../etc", "etc"},
		{"Überladen", "berladen"},
		{strings.Repeat("a", 41), "-"},
	}
	for _, tt := range tests {
		err := CheckName(tt.name)
		switch {
		case tt.near == "":
			if err != nil {
				t.Errorf("%q: %v", tt.name, err)
			}
		case err == nil:
			t.Errorf("%q passes", tt.name)
		case tt.near != "-" && !strings.HasSuffix(err.Error(), `, such as "`+tt.near+`"`):
			t.Errorf("%q: %v", tt.name, err)
		}
	}
}

// TestReleased says what a project needs that no source of the SDK lies beside: the released version, and go mod tidy.
func TestReleased(t *testing.T) {
	p, err := Go("shop", "", "1.2.3", false)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files, err := p.Write(dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	want := "module example.com/reconcile-plugin-shop\n\ngo 1.26.0\n\nrequire github.com/reconcilehq/reconcile v1.2.3\n"
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Error(diff)
	}
	if p.Next[0] != "go mod tidy" {
		t.Errorf("the first command is %q", p.Next[0])
	}
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), exampleName) {
			t.Errorf("%s still has the example's name", name)
		}
	}
}

// TestBeside says that a project whose SDK lies in a folder can be published as it is: only what git leaves out names the folder.
func TestBeside(t *testing.T) {
	sdk, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Go("shop", sdk, "1.2.3-dev", false)
	if err != nil {
		t.Fatal(err)
	}
	contents, err := p.contents()
	if err != nil {
		t.Fatal(err)
	}
	ignored := strings.Fields(string(contents[".gitignore"]))
	for name, text := range contents {
		if strings.Contains(string(text), filepath.ToSlash(sdk)) != (name == "go.work") {
			t.Errorf("%s names the folder, or does not", name)
		}
	}
	for _, name := range []string{"/go.work", "/go.work.sum"} {
		if !slices.Contains(ignored, name) {
			t.Errorf(".gitignore has no %s", name)
		}
	}
	if got := string(contents["go.mod"]); strings.Count(got, Module) != 1 || strings.Contains(got, "indirect") || strings.Contains(got, "replace") {
		t.Errorf("go.mod is\n%s", got)
	}
}

// TestTypeScriptLock says that a project names no registry: its packages come from wherever the integrator's npm is set to.
func TestTypeScriptLock(t *testing.T) {
	p, err := TypeScript("shop", false)
	if err != nil {
		t.Fatal(err)
	}
	contents, err := p.contents()
	if err != nil {
		t.Fatal(err)
	}
	lock := string(contents["package-lock.json"])
	if !strings.Contains(lock, `"integrity": "sha512-`) || strings.Contains(lock, `"resolved"`) || strings.Contains(lock, "registry") {
		t.Error("package-lock.json has no hashes, or names where packages come from")
	}
	for name, text := range contents {
		if strings.Contains(string(text), exampleName) {
			t.Errorf("%s still has the example's name", name)
		}
	}
}

// TestWrites says which files a connector has that writes, that no mark of the examples is left in any project, and which lines are which.
func TestWrites(t *testing.T) {
	for _, writes := range []bool{false, true} {
		inGo, err := Go("shop", "", "1.2.3", writes)
		if err != nil {
			t.Fatal(err)
		}
		inTypeScript, err := TypeScript("shop", writes)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			project     Project
			main, serve string
			writer      []string
		}{{inGo, "main.go", "&Writer{}", []string{"apply.go", "apply_test.go"}}, {inTypeScript, "src/main.ts", "serve(writer)", []string{"src/writer.ts", "src/writer.test.ts"}}} {
			contents, err := c.project.contents()
			if err != nil {
				t.Fatal(err)
			}
			for name, text := range contents {
				for line := range strings.Lines(string(text)) {
					line = strings.TrimSpace(line)
					if strings.HasPrefix(line, "#+") || strings.HasPrefix(line, "//+") || strings.HasSuffix(line, "//-") || strings.HasSuffix(line, "#-") {
						t.Errorf("%s has the line %s", name, line)
					}
				}
			}
			for _, name := range c.writer {
				if _, has := contents[name]; has != writes {
					t.Errorf("writes %v, and it has %s: %v", writes, name, has)
				}
			}
			for name, text := range map[string]string{c.main: c.serve, "reconcile.hcl": "    price = pos.price\n", "conformance.hcl": "\nwrite \"sample\" {\n  item "} {
				if strings.Contains(string(contents[name]), text) != writes {
					t.Errorf("writes %v, and %s is\n%s", writes, name, contents[name])
				}
			}
		}
	}
}

// TestWithoutSandbox says that the tests of a connector that reads need nothing of the sample shop, so that they build when it is gone.
func TestWithoutSandbox(t *testing.T) {
	inGo, err := Go("shop", "", "1.2.3", false)
	if err != nil {
		t.Fatal(err)
	}
	inTypeScript, err := TypeScript("shop", false)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		project       Project
		sandbox, test string
	}{{inGo, "sandbox.go", "main_test.go"}, {inTypeScript, "src/sandbox.ts", "src/shop.test.ts"}} {
		contents, err := c.project.contents()
		if err != nil {
			t.Fatal(err)
		}
		names := regexp.MustCompile(`(?m)^\t?(?:export )?(?:async )?(?:func|type|function|class|const|var)? ?(\w*[sS]andbox\w*)\b`).FindAllStringSubmatch(string(contents[c.sandbox]), -1)
		if len(names) < 3 {
			t.Errorf("%s declares %q", c.sandbox, names)
		}
		for _, name := range names {
			if strings.Contains(string(contents[c.test]), name[1]) {
				t.Errorf("%s needs %s of %s", c.test, name[1], c.sandbox)
			}
		}
	}
}
