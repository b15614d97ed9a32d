package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBundleTellsNothing has tokens and SKUs in every place where a person might have them, in a configuration that is right
// and in ones that are not, in file names, in files that cannot be read, in the environment. None is in the bundle.
func TestBundleTellsNothing(t *testing.T) {
	t.Parallel()
	const token, sku = "tr0ub4dorAnd3", "GTR-77-SUNBURST"
	right := fmt.Sprintf(`
# %[1]s %[2]s
locals {
  a = %[1]q
}

source "file" "%[1]s" {
  path = "%[2]s.csv"
}

source "bigcommerce" "web" {
  store_hash   = %[2]q
  access_token = %[1]q
  api_url      = "http://127.0.0.1:9/%[1]s"
}

reconciliation "%[2]s" {
  pos   = source.file.%[1]s
  store = source.bigcommerce.web
}

rule "N" {
  title = %[2]q
  when  = pos.name != store.name && pos.sku != %[2]q
  note  = %[1]q
}

intentional %[2]q {
  skus   = [%[2]q]
  reason = %[1]q
}
`, token, sku)
	for name, config := range map[string]string{
		"right":              right,
		"a wrong quote":      strings.Replace(right, `access_token = "tr0ub4dorAnd3"`, `access_token = 'tr0ub4dorAnd3'`, 1),
		"no quote":           strings.Replace(right, `access_token = "tr0ub4dorAnd3"`, `access_token = tr0ub4dorAnd3`, 1),
		"an unknown setting": strings.Replace(right, `access_token =`, `acces_token =`, 1),
		"an unknown plugin":  right + fmt.Sprintf("\nplugin %q {\n  command = [%q, %q]\n}\n", "mine", "./"+token, sku),
		"cut off":            right[:len(right)-20],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			put(t, dir, map[string]string{"reconcile.hcl": config, sku + ".csv": "sku,name,price\n" + sku + ",\"" + token + "\n",
				"reconcile.accepted.hcl": fmt.Sprintf("intentional %q {\n  skus   = [%q]\n  rules  = [\"N\"]\n  reason = %q\n}\n", "accepted: "+sku, sku, token)})
			cmd := program(t, dir, "doctor", "--bundle", "b.zip")
			cmd.Env = append(cmd.Env, "RECONCILE_DATA="+filepath.Join(dir, token), "TMPDIR="+dir+"/none-"+sku, "HTTP_PROXY=http://"+token+"@127.0.0.1:9")
			if name == "right" { // otherwise nothing is tried
				cmd.Env = append(cmd.Env, "TMPDIR="+dir)
			}
			said, _ := cmd.CombinedOutput()
			archive, err := zip.OpenReader(filepath.Join(dir, "b.zip"))
			if err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			defer archive.Close()
			if len(archive.File) < 5 {
				t.Errorf("the bundle holds %d files", len(archive.File))
			}
			for _, file := range archive.File {
				in, err := file.Open()
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(in)
				if err != nil {
					t.Fatal(err)
				}
				for _, secret := range []string{token, sku, "SUNBURST", filepath.Base(dir)} {
					if strings.Contains(file.Name+string(text), secret) {
						t.Errorf("%s is in %s: %s", secret, file.Name, text)
					}
				}
			}
		})
	}
}

// put writes files into a folder.
func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}
