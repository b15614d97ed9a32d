package report

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBrowser has a real browser load pages, if RECONCILE_TEST_BROWSER names one (chromium): its policy lets the page's own style
// and script work, and nothing that a text of the data brings.
func TestBrowser(t *testing.T) {
	browser := os.Getenv("RECONCILE_TEST_BROWSER")
	if browser == "" {
		t.Skip("RECONCILE_TEST_BROWSER names no browser")
	}
	load := func(t *testing.T, page string) string {
		file := filepath.Join(t.TempDir(), "page.html")
		if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(), "--dump-dom", "file://"+file)
		var said strings.Builder
		cmd.Stderr = &said
		dom, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, said.String())
		}
		return string(dom)
	}
	t.Run("the script runs", func(t *testing.T) {
		if dom := load(t, text(t, "html", sample(t), Options{All: true})); !strings.Contains(dom, "<output>13 of 13</output>") {
			t.Errorf("there is no search above the table:\n%s", dom)
		}
	})
	t.Run("results can be chosen", func(t *testing.T) {
		for choice, want := range map[string]string{"problem": "12 of 13", "is not synchronized": "6 of 13", "is not checked": "1 of 13"} {
			r := sample(t)
			list := listOf(t, r)
			list[10].Outcome = outcome("SSSSSSSS")
			list[11].Outcome = outcome("SSSSS-SS")
			summarize(r)
			// The policy, which keeps such a script out, is taken out first.
			page := strings.Replace(text(t, "html", r, Options{All: true}), `http-equiv="Content-Security-Policy"`, `name="none"`, 1)
			page = strings.Replace(page, "</body>", `<script>const s=document.querySelectorAll(".find select")[1];s.value="`+choice+`";s.dispatchEvent(new Event("input"))</script></body>`, 1)
			if dom := load(t, page); !strings.Contains(dom, "<output>"+want+"</output>") {
				_, said, _ := strings.Cut(dom, "<output>")
				t.Errorf("%q leaves %.20q, want %s", choice, said, want)
			}
		}
	})
	t.Run("no other script does", func(t *testing.T) {
		// What must not get into a page is put there by hand: the policy is the second lock.
		page := strings.Replace(text(t, "html", sample(t), Options{}), "</table>",
			`</table><img src="x" onerror="document.title='acted'"><script>document.title='acted'</script>`, 1)
		if dom := load(t, page); strings.Contains(dom, "<title>acted") || !strings.Contains(dom, "onerror") {
			t.Errorf("the policy let a script run:\n%s", dom)
		}
	})
	t.Run("hostile texts do nothing", func(t *testing.T) {
		for _, s := range []string{`"><img src=x onerror="document.title='acted'">`, `<script>document.title='acted'</script>`, `</style><script>document.title='acted'</script>`} {
			if dom := load(t, text(t, "html", hostile(t, s), Options{All: true, Details: true})); strings.Contains(dom, "<title>acted") || strings.Contains(dom, "<img") {
				t.Errorf("%s acted:\n%s", s, dom)
			}
		}
	})
}
