package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// leaked is the secret of every source in TestNothingLeaks. Its three parts stay what they are in whatever way it is
// escaped, so that each of them is looked for.
const leaked = "Zq9Vt3&Qx7Lm5/Kw4Jd8"

// traces are what is looked for: the secret's parts, and the middle of it in base64 behind any number of other bytes.
func traces() []string {
	list := append(strings.FieldsFunc(leaked, func(r rune) bool { return r == '&' || r == '/' }), url.QueryEscape(leaked))
	list = append(list, strings.ToUpper(list[0]), strings.ToLower(list[0]))
	for before := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + leaked))
		list = append(list, text[6:18])
	}
	return list
}

// TestNothingLeaks runs commands on configurations whose sources all have a secret and fail in ways that tempt them to
// tell it, and looks for it in all that is printed and in every file that there is afterwards.
func TestNothingLeaks(t *testing.T) {
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Header.Get("X-Auth-Token"))
		status := http.StatusUnauthorized
		if strings.Contains(r.URL.Path, "/garbage/") {
			status = http.StatusOK // which makes its body a mistake
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"title": "token %s of %s is no good", "detail": %q}`, r.Header.Get("X-Auth-Token"), r.URL, r.Header)
	}))
	t.Cleanup(store.Close) // after the cases, which run side by side
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	escaped := url.QueryEscape(leaked)
	database := func(driver, dsn string) string {
		return fmt.Sprintf("source \"amberpos\" \"web\" {\n  read_timeout = \"2s\"\n  database {\n    driver = %q\n    dsn = %q\n    query = \"select 1\"\n  }\n}\n", driver, dsn)
	}
	bad := func(how string) string {
		return "plugin \"bad\" {\n  command = [\"bad-connector\", \"" + how + "\"]\n}\nsource \"bad\" \"web\" {\n  token = env(\"SECRET\")\n  read_timeout = \"2s\"\n}\n"
	}
	shop := func(settings string) string {
		return "plugin \"shop\" {\n  command = [\"shop-connector\"]\n  sandbox = \"off\"\n}\nsource \"shop\" \"web\" {\n  platform = \"platform.json\"\n" + settings + "}\n"
	}
	const slow = "a store that talks nonsense"
	cases := map[string]string{
		"a store that says the token back":  fmt.Sprintf("source \"bigcommerce\" \"web\" {\n  store_hash = \"abc\"\n  api_url = %q\n  access_token = env(\"SECRET\")\n}\n", store.URL),
		slow:                                fmt.Sprintf("source \"bigcommerce\" \"web\" {\n  store_hash = \"abc\"\n  api_url = %q\n  access_token = env(\"SECRET\")\n}\n", store.URL+"/garbage"),
		"a store at no address":             fmt.Sprintf("source \"bigcommerce\" \"web\" {\n  store_hash = \"abc\"\n  api_url = \"http://%s:bad/%s\"\n  access_token = env(\"SECRET\")\n}\n", nobody, ""),
		"a token with a line's end":         fmt.Sprintf("source \"bigcommerce\" \"web\" {\n  store_hash = \"abc\"\n  api_url = %q\n  access_token = \"${env(\"SECRET\")}\\n\"\n}\n", store.URL),
		"PostgreSQL that is not there":      database("postgres", "postgres://shop:"+escaped+"@"+nobody+"/x"),
		"no address of PostgreSQL":          database("postgres", "postgres://shop:"+escaped+"@db:port/x"),
		"words of PostgreSQL":               database("postgres", "host=127.0.0.1 port=bad user=shop password='"+leaked+"'"),
		"MySQL that is not there":           database("mysql", "shop:"+leaked+"@tcp("+nobody+")/x"),
		"no address of MySQL":               database("mysql", "shop:"+leaked+"@tcp(db:3306"),
		"SQL Server that is not there":      database("sqlserver", "sqlserver://sa:"+escaped+"@"+nobody+"?database=x&dial+timeout=1"),
		"no address of SQL Server":          database("sqlserver", "sqlserver://sa:"+escaped+"@db:port?database=x"),
		"words of SQL Server":               database("sqlserver", "server=127.0.0.1;port=bad;user id=sa;password="+leaked),
		"Firebird that is not there":        database("firebird", "sysdba:"+escaped+"@"+nobody+"/x.fdb"),
		"no address of Firebird":            database("firebird", "sysdba:"+leaked+"@"+nobody),
		"a file of SQLite that is a secret": database("sqlite", leaked+".db"),
		"an unknown driver":                 database("oracle", "shop/"+leaked+"@db"),
		"a plugin that dies":                bad("dies"),
		"a plugin that tells":               bad("tells-its-secret"),
		"a plugin that panics":              bad("panics-at-start"),
		"a platform that says it":           shop("  token = env(\"SECRET\")\n"),
		"written out, of a wrong kind":      shop("  token = \"" + leaked + "\"\n  shout = \"yes\"\n"),
		"written out, with another mistake": shop("  token = \"" + leaked + "\" + 1\n"),
		"written out, in a broken file":     shop("  token = \"" + leaked + "\n"),
		"turned into a number":              shop("  token = tostring(tonumber(env(\"SECRET\")))\n"),
		"as a setting that there is not":    shop("  tocken = \"" + leaked + "\"\n  token = \"" + leaked + "\"\n"),
		"by way of a local name":            shop("  token = local.t\n") + "locals {\n  t = env(\"SECRET\")\n}\n",
	}
	cases["in a rule"] = "locals {\n  pass = env(\"SECRET\")\n  loud = upper(local.pass)\n}\n" + shop("  token = local.pass\n") +
		"rule \"T\" {\n  when = pos.name != \"x${local.loud}\" && lower(local.loud) != \"a\"\n}\n"
	for i, slip := range []string{"token = '%s'", "token: \"%s\"", "tocken = <<E\n%s\nE", "token = upper(\"%s\", 1)", "token = “%s”", "token = [\"%s\"]", "token =\n\"%s\"", "token = \"${local.nothing}%s\""} {
		cases[fmt.Sprintf("slip %d", i)] = shop("  " + fmt.Sprintf(slip, leaked) + "\n")
	}
	cases["what is shown"] = "locals {\n  pass = env(\"SECRET\")\n  loud = upper(local.pass)\n}\n" + shop("  token = local.pass\n") +
		"rule \"T\" {\n  when = pos.name == \"\"\n  title = local.loud\n  severity = local.pass\n}\n"
	thorough := map[string]bool{"a store that says the token back": true, "MySQL that is not there": true, "a platform that says it": true,
		"written out, with another mistake": true, "by way of a local name": true}
	for why, source := range cases {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			if why == slow && os.Getenv("RECONCILE_TEST_BAD_CONNECTORS") == "" {
				t.Skip("the answers are asked for six times, which takes half a minute: set RECONCILE_TEST_BAD_CONNECTORS=1")
			}
			holdAgainstLeaks(t, source, thorough[why])
		})
	}
}

func holdAgainstLeaks(t *testing.T, source string, thorough bool) {
	dir, aside := t.TempDir(), t.TempDir()
	connector := strings.Fields(source[strings.Index(source, "source ")+len("source "):])[0]
	config := source + "source \"file\" \"pos\" {\n  path = \"pos.csv\"\n}\nreconciliation \"x\" {\n  pos   = source.file.pos\n  store = source." +
		strings.Trim(connector, `"`) + ".web\n}\nrule \"N\" {\n  when = pos.name != store.name\n}\n"
	for name, text := range map[string]string{"reconcile.hcl": config, "pos.csv": "sku,name\nA-0,Bell\nA-1,Horn\n", "platform.json": `{"closed": "for today"}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	commands := [][]string{
		{"run", "--verbose", "--details", "--format", "json", "--output", "result.json"},
		{"sources", "--verbose"},
		{"validate", "--format", "json"},
		{"pull", "--verbose"},
		{"console", "A-0"},
		{"plugin", "list", "--verbose"},
	}
	if !thorough {
		commands = commands[:1]
	}
	for _, args := range commands {
		cmd := program(t, dir, args...)
		cmd.Env = append(cmd.Env, "SECRET="+leaked, "HOME="+aside, "XDG_DATA_HOME="+aside, "XDG_CACHE_HOME="+aside, "TMPDIR="+aside, "LocalAppData="+aside)
		cmd.Stdin = strings.NewReader("store.name\nlocal.t\n")
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		_ = cmd.Run() // most of them fail, as they are to
		if cmd.ProcessState == nil || said.Len() == 0 {
			t.Errorf("reconcile %s said nothing", strings.Join(args, " "))
		}
		for _, trace := range traces() {
			if strings.Contains(said.String(), trace) {
				t.Errorf("reconcile %s says %q:\n%s", strings.Join(args, " "), trace, said.String())
				break
			}
		}
	}
	for _, folder := range []string{dir, aside} {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || d.Name() == "reconcile.hcl" {
				return err
			}
			text, err := os.ReadFile(path)
			for _, trace := range traces() {
				if bytes.Contains(text, []byte(trace)) || strings.Contains(path, trace) {
					t.Errorf("%s has %q", path, trace)
				}
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
