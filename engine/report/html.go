package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed" // the style and the script of the page
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/engine/signs"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

//go:embed html.css
var htmlStyle string

//go:embed html.js
var htmlScript string

// htmlPage writes the result as a page that needs no other file, no other host and no script; where scripts run, its table can
// be searched and sorted. Whatever the data hold, it is text there.
type htmlPage struct {
	*Result
	out         *bufio.Writer
	text        []byte // of an item
	differences *differences
	details     *page
	forks       []*htmlPage
	shown       int
	options     Options
}

func newHTML(out *bufio.Writer, r *Result, o Options) (itemWriter, error) {
	h := &htmlPage{Result: r, out: out, differences: newDifferences(r), options: o}
	if o.Details {
		h.details = &page{Result: r, options: Options{Why: o.Why}}
	}
	h.head()
	h.summary()
	h.worklist()
	h.warnings()
	h.columns()
	return h, nil
}

// write writes markup. Errors stay in the writer until it is flushed.
func (h *htmlPage) write(markup ...string) {
	for _, m := range markup {
		_, _ = h.out.WriteString(m)
	}
}

func markup(s string) string { return string(appendMarkup(nil, s)) }

// appendMarkup appends a text for between two tags, or for an attribute in quotes.
func appendMarkup(dst []byte, s string) []byte {
	s = visible(s)
	done := 0
	for i := range len(s) {
		by := ""
		switch s[i] {
		case '&':
			by = "&amp;"
		case '<':
			by = "&lt;"
		case '>':
			by = "&gt;"
		case '"':
			by = "&#34;"
		case '\'':
			by = "&#39;"
		default:
			continue
		}
		dst = append(append(dst, s[done:i]...), by...)
		done = i + 1
	}
	return append(dst, s[done:]...)
}

func (h *htmlPage) head() {
	style := htmlStyle + h.labels()
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	title := markup(h.heading())
	h.write(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src `, hash(style), `; script-src `, hash(htmlScript), `; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>`, title, `</title>
<style>`, style, `</style>
</head>
<body>
<h1>`, title, "</h1>\n")
}

// labels returns the rules' codes as styles: on a narrow screen, where an item is a card, each letter has its code beside it.
func (h *htmlPage) labels() string {
	var b strings.Builder
	b.WriteString("@media(max-width:700px){\n")
	for i := range h.Rules {
		fmt.Fprintf(&b, ".items td:nth-child(%d)::before{content:\"", firstRuleColumn+i)
		for _, r := range clean(h.Rules[i].Code) {
			fmt.Fprintf(&b, `\%06x`, r)
		}
		b.WriteString("\\000020\"}\n")
	}
	return b.String() + "}\n"
}

const firstRuleColumn = 5 // behind SKU, name, status and result

func (h *htmlPage) summary() {
	h.write(`<p>`, items(h.Summary.Items), ":</p>\n<ul class=\"counts\">\n")
	for _, text := range h.counts() {
		h.write("<li>", markup(text), "</li>\n")
	}
	h.write("</ul>\n<table class=\"sources\">\n")
	for _, side := range verdict.Sides {
		h.write("<tr><th scope=\"row\">", side.String(), "</th><td>", markup(h.Source(side).title()), "</td><td>", markup(h.read(h.Source(side))), "</td></tr>\n")
	}
	h.write("</table>\n")
	if lag := h.Lag(); lag != "" {
		h.write(`<p class="warn">`, markup(lag), "</p>\n")
	}
}

func (h *htmlPage) worklist() {
	list := h.Result.worklist(h.options)
	if len(list.tasks) > 0 {
		h.write("<h2>What to do</h2>\n<dl>\n")
		for _, t := range list.tasks {
			class := "U"
			if t.rule != nil {
				class = cellClass(t.rule, verdict.NotSynchronized)
			}
			h.write(`<dt><b class="`, class, `">`, markup(t.label), "</b> ", markup(t.text), "</dt>\n")
			if t.remedy != "" {
				h.write("<dd>", markup(t.remedy), "</dd>\n")
			}
		}
		h.write("</dl>\n")
	}
	if len(list.clear) > 0 && len(list.tasks) > 0 {
		h.write(`<p class="soft">Nothing to do: `, markup(strings.Join(list.clear, ", ")), "</p>\n")
	}
	if len(list.unchecked) > 0 {
		h.write(`<p class="soft">Not checked, for every item a value is unknown: `, markup(strings.Join(list.unchecked, ", ")), "</p>\n")
	}
}

func (h *htmlPage) warnings() {
	for _, part := range h.toldParts() {
		class := "warn"
		if part.notices {
			class = "soft"
		}
		h.write("<h2>", part.title, "</h2>\n")
		for _, w := range part.list {
			source := ""
			if w.Source != "" {
				source = "<b>" + markup(w.Source) + "</b>: "
			}
			h.write(`<p class="`, class, `">`, source, markup(prose(w.Text)), "</p>\n")
		}
	}
}

// columns begins the table of items.
func (h *htmlPage) columns() {
	h.write("<h2>Items</h2>\n<p class=\"key\">")
	for _, l := range letters() {
		h.write(`<span class="`, cellClass(nil, l.cell), `"><b>`, l.cell.String(), "</b> ", l.text, "</span> ")
	}
	h.write("</p>\n")
	if len(h.Rules) > 0 {
		h.write("<p class=\"soft\">")
		for i := range h.Rules {
			h.write(" · "[:len(" · ")*min(i, 1)], "<b>", markup(clean(h.Rules[i].Code)), "</b> ", markup(prose(h.Rules[i].Title)))
		}
		h.write("</p>\n")
	}
	h.write("<table class=\"items\">\n<thead><tr><th scope=\"col\">SKU</th><th scope=\"col\">Name</th><th scope=\"col\">Status</th><th scope=\"col\">Result</th>")
	for i := range h.Rules {
		h.write(`<th scope="col" data-rule title="`, markup(prose(h.Rules[i].Title)), `">`, markup(h.Rules[i].Code), "</th>")
	}
	h.write("<th scope=\"col\">Differences</th></tr></thead>\n<tbody>\n")
}

// cellClass returns the class of a rule's cell, by which the style knows its colour. Without a rule an N matters.
func cellClass(rule *Rule, cell verdict.Cell) string {
	switch cell {
	case verdict.Synchronized:
		return "S"
	case verdict.Intentional:
		return "I"
	case verdict.NotSynchronized:
		if rule != nil {
			return [...]string{verdict.Error: "N", verdict.Warning: "W", verdict.Info: "F"}[rule.Severity]
		}
		return "N"
	}
	return "D"
}

// longSKU is the length, in bytes, from which on a SKU is broken where it does not fit. Shorter ones fit a phone, and are not
// broken at their dashes.
const longSKU = 30

func (h *htmlPage) item(it *Item) error {
	h.shown++
	h.text = h.text[:0]
	h.row(it)
	_, err := h.out.Write(h.text)
	return err
}

// fork implements forker.
func (h *htmlPage) fork() Appender {
	own := &htmlPage{Result: h.Result, options: h.options, differences: newDifferences(h.Result)}
	h.forks = append(h.forks, own)
	return func(dst []byte, it *Item) []byte {
		own.text = dst
		own.row(it)
		return own.text
	}
}

// block implements forker.
func (h *htmlPage) block(lines []byte) error {
	_, err := h.out.Write(lines)
	return err
}

// join implements forker.
func (h *htmlPage) join(items int) {
	h.shown += items
	for _, own := range h.forks {
		h.differences.signs = h.differences.signs || own.differences.signs
	}
}

// row appends the row of an item.
func (h *htmlPage) row(it *Item) {
	sku := it.SKU()
	if len(sku) > longSKU {
		h.text = append(h.text, `<tr><th scope="row" class="long">`...)
	} else {
		h.text = append(h.text, `<tr><th scope="row">`...)
	}
	if sku != "" {
		h.text = appendMarkup(h.text, sku)
	} else {
		h.text = append(h.text, `<span class="soft">`+noSKU+`</span>`...)
	}
	h.text = append(h.text, "<td>"...)
	h.text = appendMarkup(h.text, it.Name())
	if it.Status == verdict.Matched {
		h.text = append(h.text, "<td>"...)
	} else {
		h.text = append(h.text, `<td class="U">`...)
	}
	h.text = append(h.text, state(it)...)
	if h.problem(it) {
		h.text = append(h.text, "<td data-problem>"...)
	} else {
		h.text = append(h.text, "<td>"...)
	}
	h.text = append(h.text, h.class(it)...)
	for i := range h.Rules {
		if it.Outcome == nil || it.Outcome.Cells[i] == verdict.NotThere {
			h.text = append(h.text, "<td>"...)
			continue
		}
		cell := it.Outcome.Cells[i]
		h.text = append(append(append(h.text, `<td class=`...), cellClass(&h.Rules[i], cell)...), '>')
		h.text = append(h.text, cell.String()...)
	}
	h.text = append(h.text, "<td>"...)
	if h.details != nil {
		h.paragraphs(h.details.details(it))
	} else {
		h.text = h.differences.append(h.text, it, htmlMarks)
	}
	h.text = append(h.text, '\n')
}

// paragraphs adds an item's details.
func (h *htmlPage) paragraphs(list []detail) {
	for _, d := range list {
		class := ""
		if d.dim {
			class = ` class="soft"`
		}
		h.text = append(append(append(h.text, "<p"...), class...), '>')
		if d.label != "" {
			h.text = append(appendMarkup(append(h.text, "<b>"...), d.label), "</b> "...)
		}
		h.text = appendMarkup(h.text, d.text)
		h.text = append(h.text, "</p>"...)
	}
}

func (h *htmlPage) end(left rest) error {
	h.write("</tbody>\n</table>\n")
	switch {
	case left.items > 0:
		h.write(`<p class="warn">`, left.more(), ". This page does not show them, as a browser is slow with many: ",
			h.options.tellProblems("--problems"), "--max-rows 0 shows all, --format xlsx or csv has all of them.</p>\n")
	case h.shown == 0:
		text, good := h.whyNone(h.options)
		class := "soft"
		if good {
			class = "good"
		}
		h.write(`<p class="`, class, `">`, markup(text), "</p>\n")
	}
	if h.differences.signs {
		h.write(`<p class="soft">`, markup(signs.Legend), "</p>\n")
	}
	h.write("<script>", htmlScript, "</script>\n</body>\n</html>\n")
	return nil
}
