package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// misplaced is the token that a person has written into a wrong place, or in a wrong way.
const misplaced = "x7qk2m9v4b8n1w5z"

// tellsMisplaced reports whether a text has six letters of the token in a row.
func tellsMisplaced(text string) bool {
	const few = 6
	for i := 0; i+few <= len(misplaced); i++ {
		if strings.Contains(text, misplaced[i:i+few]) {
			return true
		}
	}
	return false
}

// lines are ways to write a setting of which most are wrong. NAME is the setting's name, TOKEN the token.
var lines = []string{
	`NAME = "TOKEN"`, `NAME = 'TOKEN'`, `NAME = TOKEN`, `NAME: "TOKEN"`, `NAME "TOKEN"`, `NAME = ["TOKEN"]`, `NAME = upper("TOKEN", 1)`, `NAME = uper("TOKEN")`, "NAME = “TOKEN”", `NAME = "TOKEN`, `NAME = TOKEN"`,
	"NAME = <<EOT\nTOKEN\nEOT", "NAME = <<EOT\nTOKEN", "NAME =\n\"TOKEN\"", "NAME = {\n\"a\" = \"TOKEN\"\n}", "NAME = {\nTOKEN = \"a\"\n}", `NAME = env("TOKEN")`, `NAME = env(TOKEN)`, `NAME = "${env("X")}TOKEN" + 1`,
	`NAME = local.nothing["TOKEN"]`, `NAME = "TOKEN" # it is here`, `NAME = 5 # TOKEN`, `# NAME = "TOKEN"`, `/* NAME = TOKEN */`, `TOKEN = NAME`, `TOKEN = "NAME"`, `"TOKEN" = NAME`, `TOKEN`, `"TOKEN"`, `NAME "x" { TOKEN }`,
	`NAME { value = "TOKEN" }`, `NAME "TOKEN" {}`, `TOKEN {}`, `TOKEN "x" {}`, `NAME = local.TOKEN`, `NAME = source.TOKEN`, `NAME = TOKEN.x`, `NAME = TOKEN("x")`, `NAME = "x" NAME = "TOKEN"`, `headers = { "X-Auth" = "TOKEN" }`,
	`headers { NAME = "TOKEN" }`, `NAME = "%{ if TOKEN }"`, `NAME = "${TOKEN}"`, `NAME = [for x in ["TOKEN"] : x]`, `NAME = "a"["TOKEN"]`, `NAME = true ? "TOKEN" : 1`, `NAME = tonumber("TOKEN")`, `NAME = length("TOKEN")`,
	`NAME = "TOKEN" == 1`, `NAME = split("TOKEN", 5)`, `NAME = regex("(TOKEN", "x")`, `NAME = "a\qTOKEN"`, `NAME = "\u00TOKEN"`,
}

// spots are where a person writes such a LINE, with the names that the setting may have there.
var spots = []struct {
	text  string
	names []string
}{
	{"source \"bigcommerce\" \"web\" {\n  store_hash = \"abc\"\n  api_url = \"http://127.0.0.1:9\"\n  LINE\n}\n", []string{"access_token", "acces_tokn", "headers"}},
	{"source \"bigcommerce\" \"web\" { LINE }\n", []string{"access_token"}},
	{"source \"bigcommerce\" \"web\" {\n  store_hash = \"abc\"\n  LINE\n", []string{"acces_tokn"}},
	{"sorce \"bigcommerce\" \"web\" {\n  LINE\n}\n", []string{"access_token"}},
	{"notify \"mail\" {\n  LINE\n}\n", []string{"password"}},
	{"locals {\n  a = 1\n  LINE\n}\n", []string{"token", "hash"}},
	{"plugin \"x\" {\n  path = \"./x\"\n  LINE\n}\n", []string{"command", "env", "token"}},
	{"rule \"Z\" {\n  when = pos.name != store.name\n  LINE\n}\n", []string{"token", "acces_token"}},
	{"reconciliation \"y\" {\n  pos   = source.file.pos\n  store = source.file.pos\n  LINE\n}\n", []string{"token"}},
	{"LINE\n", []string{"access_token"}},
}

// addresses are ways to write an address or a path with the token in it. They are no HCL, or a password stands in them where an address
// has one: then it is hidden, whatever is known of the setting.
var addresses = []string{
	`NAME = https://shop.example/TOKEN/v3`, `NAME = "https://shop.example/TOKEN/v3`, `NAME: "https://shop.example/TOKEN/v3"`, `NAME = "https://u:TOKEN@shop.example/v3" + 1`, `NAME = uper("https://u:TOKEN@shop.example")`,
	`NAME = 'postgres://u:TOKEN@db/shop'`, `NAME = postgres://u:p@db/TOKEN`, `NAME = ["u:TOKEN@tcp(db:3306)/shop"]`, `NAME = u:TOKEN@tcp(db:3306)/shop`, `NAME = server=db;password=TOKEN`, `NAME "server=db;password=TOKEN"`,
	`NAME = /srv/TOKEN/pos.csv`, `NAME = "/srv/TOKEN/pos.csv`, `NAME = 'C:\srv\TOKEN\pos.csv'`, `NAME = "C:\srv\TOKEN\pos.csv"`, `NAME = file:///srv/TOKEN/shop.db`, "NAME = <<EOT\n/srv/TOKEN/pos.csv", `NAME = "/srv/" "TOKEN/pos.csv"`,
}

// paths are such ways that are HCL, and fail only when they are computed.
var paths = []string{
	`NAME = uper("https://shop.example/v3?key=TOKEN")`, `NAME = ["/srv/TOKEN/pos.csv", 1]`, `NAME = "/srv/${local.nothing}/TOKEN.csv"`, `NAME = join("/", "srv", ["TOKEN"], 5)`,
	`NAME = "https://shop.example/TOKEN" + 1`, `NAME = { path = "/srv/TOKEN" }`,
}

// addressSpots are where such a line stands. Where known is true, it is known, at least by some commands, that the setting is no secret:
// what is in it as a path is shown then.
var addressSpots = []struct {
	text  string
	known bool
}{
	{"source \"amberpos\" \"second\" {\n  database {\n    driver = \"postgres\"\n    query  = \"SELECT 1\"\n    dsn LINE\n  }\n}\n", false},
	{"source \"amberpos\" \"second\" {\n  database {\n    driver = \"sqlite\"\n    conection LINE\n  }\n}\n", false},
	{"source \"amberpos\" \"second\" {\n  file LINE\n}\n", true},
	{"source \"file\" \"second\" {\n  path LINE\n}\n", true},
	{"source \"rest\" \"second\" {\n  path  = \"/products\"\n  items = \"$[*]\"\n  base_url LINE\n}\n", true},
	{"source \"bigcommerce\" \"second\" {\n  store_hash = \"abc\"\n  api_url LINE\n}\n", true},
	{"plugin \"x\" {\n  path LINE\n}\n", true},
	{"shops {\n  file LINE\n}\n", true},
	{"secrets {\n  folder LINE\n}\n", true},
	{"locals {\n  base LINE\n}\n", false},
}

// unreached are databases that cannot be reached, each with the token as its password.
var unreached = []string{
	`driver = "postgres"` + "\n" + `dsn = "postgres://u:TOKEN@127.0.0.1:9/shop?sslmode=disable"`,
	`driver = "postgres"` + "\n" + `dsn = "host=127.0.0.1 port=9 user=u password='TOKEN' sslmode=disable"`,
	`driver = "postgres"` + "\n" + `dsn = "postgres://u:TOKEN@127.0.0.1:9/shop?sslmode=verify-full&sslrootcert=/nowhere/ca.pem"`,
	`driver = "postgres"` + "\n" + `dsn = "postgres://u:TOKEN@127.0.0.1:port/shop"`,
	`driver = "mysql"` + "\n" + `dsn = "u:TOKEN@tcp(127.0.0.1:9)/shop"`,
	`driver = "mysql"` + "\n" + `dsn = "u:TOKEN@unix(/nowhere/mysql.sock)/shop"`,
	`driver = "mysql"` + "\n" + `dsn = "sqlserver://u:TOKEN@127.0.0.1:9?database=shop"`,
	`driver = "sqlite"` + "\n" + `dsn = "file:nowhere/shop.db?key=TOKEN"`,
	`driver = "sqlite"` + "\n" + `dsn = "/nowhere/TOKEN/shop.db"`,
	`driver = "firebird"` + "\n" + `dsn = "u:TOKEN@127.0.0.1:9/srv/shop.fdb"`,
	`driver = "firebird"` + "\n" + `dsn = "u:TOKEN@127.0.0.1/%zz"`,
	`driver = "sqlserver"` + "\n" + `dsn = "sqlserver://u:TOKEN@127.0.0.1:9?database=shop&dial+timeout=1"`,
	`driver = "sqlserver"` + "\n" + `dsn = "server=127.0.0.1;port=9;user id=u;password=TOKEN;dial timeout=1"`,
}

// theRest is what makes a configuration of a spot.
const theRest = "source \"file\" \"pos\" {\n  path = \"pos.csv\"\n}\nreconciliation \"x\" {\n  pos   = source.file.pos\n  store = source.bigcommerce.web\n}\nrule \"N\" {\n  when = pos.name != store.name\n}\n"

// wrongKind are settings that are no texts, with the token as their value.
var wrongKind = []string{
	"plugin \"x\" {\n  path = \"./x\"\n  sandbox = \"TOKEN\"\n}\n",
	"source \"bigcommerce\" \"web\" {\n  store_hash = \"abc\"\n  api_url = \"http://127.0.0.1:9\"\n  access_token = \"right\"\n  read_timeout = \"TOKEN\"\n  max_items = \"TOKEN\"\n  imported_through = \"TOKEN\"\n}\n",
	"source \"bigcommerce\" \"web\" {\n  store_hash = \"abc\"\n  api_url = \"http://127.0.0.1:9\"\n  access_token = \"right\"\n  imported_through = TOKEN\n}\n",
	"websync { names = \"TOKEN\" }\nhistory { runs = \"TOKEN\" }\n",
	"source \"bigcommerce\" \"web\" {\n  sandbox = true\n}\nrule \"Y\" {\n  when = TOKEN\n}\nrule \"Z\" {\n  when    = pos.TOKEN == \"\" || store.name == \"${TOKEN}\"\n  applies = lower(TOKEN) == local.TOKEN\n}\n" +
		"intentional \"i\" {\n  rules  = [\"Z\"]\n  reason = \"x\"\n  where  = pos.name == TOKEN\n}\nreconciliation \"y\" {\n  pos   = source.file.pos\n  store = source.bigcommerce.web\n  key   = TOKEN\n}\n",
}

// TestNoMisplacedToken writes a token into each place in each way. No command tells it, on a screen or in a file.
func TestNoMisplacedToken(t *testing.T) {
	t.Parallel()
	var configs []string
	for _, spot := range spots {
		for _, name := range spot.names {
			for _, line := range lines {
				text := strings.ReplaceAll(spot.text, "LINE", strings.NewReplacer("NAME", name, "TOKEN", misplaced).Replace(line))
				if !strings.Contains(text, `source "bigcommerce" "web"`) {
					text += "source \"bigcommerce\" \"web\" {\n  store_hash = \"abc\"\n  api_url = \"http://127.0.0.1:9\"\n  access_token = \"right\"\n}\n"
				}
				configs = append(configs, text+theRest)
			}
		}
	}
	chance := rand.New(rand.NewPCG(2026, 11))
	chance.Shuffle(len(configs), func(i, j int) { configs[i], configs[j] = configs[j], configs[i] })
	some := []string{"validate", "validate --format json", "validate --offline", "rules", "test", "fmt --check --diff", "plugin list", "__complete run ", "run"}
	configs = configs[:400] // of more than twice as many, which would take minutes
	thorough := 5
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		configs, thorough = configs[:12], 0
	}
	for _, text := range wrongKind {
		configs = append(configs, strings.ReplaceAll(text, "TOKEN", misplaced)+theRest)
	}
	holdMisplaced(t, configs[:thorough], everyCommand)
	holdMisplaced(t, configs[thorough:], some)
}

// TestNoMisplacedAddress writes the token into an address, a path and a data source name that nobody can use. No command tells it.
func TestNoMisplacedAddress(t *testing.T) {
	t.Parallel()
	store := "source \"bigcommerce\" \"web\" {\n  store_hash = \"abc\"\n  api_url = \"http://127.0.0.1:9\"\n  access_token = \"right\"\n}\n"
	var configs []string
	for _, spot := range addressSpots {
		list := addresses
		if !spot.known {
			list = slices.Concat(addresses, paths)
		}
		for _, line := range list {
			line = strings.TrimPrefix(strings.ReplaceAll(line, "TOKEN", misplaced), "NAME")
			configs = append(configs, strings.ReplaceAll(spot.text, " LINE", line)+store+theRest)
		}
	}
	chance := rand.New(rand.NewPCG(2026, 12))
	chance.Shuffle(len(configs), func(i, j int) { configs[i], configs[j] = configs[j], configs[i] })
	some, thorough := []string{"validate --offline", "validate --format json", "fmt --check --diff", "sources", "plugin list", "doctor", "run"}, 3
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		configs, thorough = configs[:12], 0
	}
	holdMisplaced(t, configs[:thorough], everyCommand)
	holdMisplaced(t, configs[thorough:], some)

	var databases []string
	for _, dsn := range unreached {
		databases = append(databases, "source \"amberpos\" \"second\" {\n  database {\n    query = \"SELECT 1\"\n"+strings.ReplaceAll(dsn, "TOKEN", misplaced)+"\n  }\n}\n"+store+
			strings.Replace(theRest, "pos   = source.file.pos", "pos   = source.amberpos.second", 1))
	}
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		databases = databases[:4]
	}
	holdMisplaced(t, databases, []string{"validate", "validate --format json", "sources --verbose", "doctor", "run --verbose"})
}

// holdMisplaced runs commands on configurations that all have the token somewhere.
func holdMisplaced(t *testing.T, configs, commands []string) {
	t.Helper()
	root := t.TempDir()
	var folders []string
	for i, config := range configs {
		folders = append(folders, folderOf(t, filepath.Join(root, strconv.Itoa(i)), config))
	}
	if len(folders) == 0 {
		return
	}
	inFolders(t, folders, commands)
	mistakes := 0
	for i, folder := range folders {
		filesIn(t, folder, func(name, text string) {
			if name == saidFile && strings.Contains(text, "Error: ") {
				mistakes++
			}
			if name != "reconcile.hcl" && tellsMisplaced(text) {
				t.Errorf("%s tells the token:\n%s\nof\n%s", name, blockWith(text), configs[i])
			}
		})
	}
	if mistakes < len(folders)/2 {
		t.Errorf("only %d of %d configurations have a mistake", mistakes, len(folders))
	}
}

// blockWith returns what the first command said that told the token.
func blockWith(text string) string {
	for block := range strings.SplitSeq(text, "\n$ ") {
		if tellsMisplaced(block) {
			return block
		}
	}
	return text
}

// folderOf makes a folder with a configuration, an inventory, a test of rules, and what is typed into the console.
func folderOf(t *testing.T, folder, config string) string {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"reconcile.hcl": config, "pos.csv": "sku,name\nA-0,Bell\nA-1,Horn\n", "typed.txt": "store.name\nlocal.token\nlocal.hash\nlocal.a\n:fields\n",
		"x.test.hcl": "test \"t\" {\n  pos    = { name = \"a\" }\n  store  = { name = \"a\" }\n  expect = { N = \"N\" }\n}\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// TestNoMisplacedTokenInFiles has the token in the files around a configuration, in the command of a plugin, and as a local value
// that rules use, while everything can be read: all commands do their work, and none tells it.
func TestNoMisplacedTokenInFiles(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("each case starts a plugin some thirty times: set RECONCILE_TEST_LONG=1")
	}
	t.Parallel()
	const command = `command = ["shop-connector"]`
	well := "plugin \"shop\" {\n  " + command + "\n  sandbox = \"off\"\n}\nsource \"shop\" \"web\" {\n  platform = \"platform.json\"\n  token = env(\"SECRET\")\n}\nsource \"file\" \"pos\" {\n  path = \"pos.csv\"\n}\n" +
		"reconciliation \"x\" {\n  pos   = source.file.pos\n  store = source.shop.web\n}\nrule \"N\" {\n  when = pos.name != store.name\n}\n"
	secret := "locals {\n  token = \"" + misplaced + "\"\n  more = \"a${local.token}\"\n}\n"
	for name, c := range map[string]struct{ config, file, text string }{
		"an argument of a plugin":       {config: strings.Replace(well, command, `command = ["shop-connector", "--token=`+misplaced+`", "`+misplaced+`"]`, 1)},
		"a variable with its value":     {config: strings.Replace(well, command, command+"\n  env = [\"TOKEN="+misplaced+"\"]", 1)},
		"nowhere but where it is right": {config: well},
		"a test":                        {well, "x.test.hcl", "test \"t\" {\n  pos    = { name = \"a\" }\n  store  = {}\n  expect = { N = \"S\" }\n  token  = \"" + misplaced + "\"\n}\n"},
		"a test that is no HCL":         {well, "x.test.hcl", "test \"t\" {\n  pos   = { name = \"a\" }\n  store = {}\n  token = " + misplaced + "\n\"\n}\n"},
		"an accepted one":               {well, "reconcile.accepted.hcl", "intentional \"t\" {\n  rules  = [\"N\"]\n  reason = \"x\"\n  token  = \"" + misplaced + "\"\n}\n"},
		"accepted ones that are no HCL": {well, "reconcile.accepted.hcl", "intentional \"t\" {\n  rules = [\"N\"]\n  token = '" + misplaced + "'\n}\n"},
		"a lock file":                   {well, "reconcile.lock.hcl", "plugin \"shop\" {\n  token = \"" + misplaced + "\"\n}\n"},
		"a lock file that is no HCL":    {well, "reconcile.lock.hcl", "plugin \"shop\" {\n  sha256 = '" + misplaced + "'\n}\n"},
		"a list of SKUs":                {well + "intentional \"a\" {\n  rules     = [\"N\"]\n  reason    = \"x\"\n  skus_file = \"skus.csv\"\n}\n", "skus.csv", "sku,token\nA-0," + misplaced + "\n"},
		"a condition":                   {config: well + secret + "rule \"Z\" {\n  when = pos.name != local.token\n}\n"},
		"a text of a condition":         {config: well + secret + "rule \"Z\" {\n  when = \"${pos.name}${local.more}\" != upper(local.more)\n}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := folderOf(t, t.TempDir(), c.config)
			files := map[string]string{"platform.json": `{"version": 1, "products": {"A-0": {"name": "Bel", "price": "1"}, "A-1": {"name": "Horn", "price": "2"}}}`}
			if c.file != "" {
				files[c.file] = c.text
			}
			for name, text := range files {
				if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			inFolders(t, []string{folder}, everyCommand, "SECRET="+misplaced)
			filesIn(t, folder, func(name, text string) {
				if name != "reconcile.hcl" && name != c.file && tellsMisplaced(text) {
					t.Errorf("%s tells the token:\n%s", name, blockWith(text))
				}
			})
		})
	}
}

// TestWhatIsShownByDesign writes words where people describe what is compared: everybody sees them, so no token belongs there.
func TestWhatIsShownByDesign(t *testing.T) {
	t.Parallel()
	words := []string{"code-1", "title-2", "note-3", "literal-4", "intent-5", "reason-6", "column-7.csv", "source-8", "reconciliation-9"}
	folder := folderOf(t, t.TempDir(), `
source "file" "source-8" {
  path = "column-7.csv"
}
source "file" "pos" {
  path = "pos.csv"
}
reconciliation "reconciliation-9" {
  pos   = source.file.pos
  store = source.file.source-8
}
rule "code-1" {
  title = "title-2"
  note  = "note-3"
  when  = pos.name != "literal-4"
}
intentional "intent-5" {
  rules  = ["code-1"]
  reason = "reason-6"
}
`)
	inFolders(t, []string{folder}, []string{"rules", "run", "__complete run "})
	filesIn(t, folder, func(name, text string) {
		for _, word := range words {
			if name == saidFile && !strings.Contains(text, word) {
				t.Errorf("%s is not shown:\n%s", word, text)
			}
		}
	})
}
