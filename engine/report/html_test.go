package report

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	nethtml "golang.org/x/net/html"
)

// body returns a page without what is the same in all of them.
func body(t testing.TB, page string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "<body>\n")
	content, _, ended := strings.Cut(rest, "<script>")
	if !ok || !ended {
		t.Fatalf("this is no page: %s", page)
	}
	return content
}

func TestHTML(t *testing.T) {
	for _, c := range []struct {
		name    string
		why     string
		options Options
		change  func(*Result)
	}{
		{"everything", "every kind of item, cell and value", Options{All: true}, func(r *Result) { r.Warn(Warning{Source: "web", Text: "a <warning>"}) }},
		{"details", "titles and notes, too", Options{Details: true, MaxRows: 2}, nil},
		{"none", "a filter that leaves nothing says so", Options{SKUs: []string{"none"}}, nil},
		{"empty", "no item at all", Options{}, func(r *Result) { *r = Result{} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := sample(t)
			if c.change != nil {
				c.change(r)
			}
			golden(t, "html-"+c.name+".html", body(t, text(t, "html", r, c.options)))
		})
	}
}

// TestHTMLIsAlone says that a page asks for nothing else and runs nothing but its own script, whatever the texts are.
func TestHTMLIsAlone(t *testing.T) {
	elements := strings.Fields("html head meta title style body h1 h2 p ul li table tbody thead tr th td b q span dl dt dd script")
	attributes := strings.Fields("lang charset content http-equiv name class scope title data-rule data-problem")
	for _, s := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'onclick='x`, `</style><script>x</script>`, `</title><b>`, "\x00<\x00script>",
		`<!--`, `]]>`, `&lt;script&gt;`, `javascript:x`, `</table></body>`, "\u202e<\u2066", `\";}*{background:url(http://x.y)}`, "<\xff\xfescript>", `plain`,
	} {
		for _, o := range []Options{{All: true}, {All: true, Details: true}, {Rules: []string{"none " + s}}} {
			r := hostile(t, s)
			r.Warn(Warning{Source: s, Text: s})
			page := text(t, "html", r, o)
			doc, err := nethtml.Parse(strings.NewReader(page))
			if err != nil {
				t.Fatal(err)
			}
			policy, parts := "", map[string]string{}
			for node := range doc.Descendants() {
				if node.Type == nethtml.CommentNode {
					t.Errorf("%q makes a comment: %q", s, node.Data)
				}
				if node.Type != nethtml.ElementNode {
					continue
				}
				if !slices.Contains(elements, node.Data) {
					t.Errorf("%q makes an element %s", s, node.Data)
				}
				if node.Data == "style" || node.Data == "script" {
					if _, twice := parts[node.Data]; twice || node.FirstChild == nil {
						t.Fatalf("%q makes another %s", s, node.Data)
					}
					parts[node.Data] = node.FirstChild.Data
				}
				for _, a := range node.Attr {
					if !slices.Contains(attributes, a.Key) {
						t.Errorf("%q makes an attribute %s", s, a.Key)
					}
					if a.Key == "content" && strings.HasPrefix(a.Val, "default-src") {
						policy = a.Val
					}
				}
			}
			hash := func(part string) string {
				sum := sha256.Sum256([]byte(parts[part]))
				return part + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
			}
			want := "default-src 'none'; " + hash("style") + "; " + hash("script") + "; base-uri 'none'; form-action 'none'"
			if policy != want {
				t.Errorf("%q: the policy is\n%s\nwant\n%s", s, policy, want)
			}
			if strings.Contains(parts["style"], "url(") {
				t.Errorf("%q gets into the style", s)
			}
		}
	}
}
