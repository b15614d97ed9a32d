package catalog

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// MaxItemPage is how long the address of an item's page may be, in bytes, with the names of fields in it and with their values.
	MaxItemPage = 2000
	// maxPageFields is how many fields it may name.
	maxPageFields = 8
)

// ItemPage is the address of an item's page on its platform, with names of fields in braces:
// https://shop.example/admin/products/{id}/edit.
type ItemPage struct {
	text  string
	host  string
	parts []pagePart
}

// pagePart is some of the address, or a field.
type pagePart struct {
	text, field string
	query       bool // the field stands in the query
}

// ParseItemPage reads the address of an item's page. The error is about the text, and does not say which text it is.
func ParseItemPage(text string) (*ItemPage, error) {
	if len(text) > MaxItemPage {
		return nil, fmt.Errorf("it has %d characters, and may have %d", utf8.RuneCountInString(text), MaxItemPage)
	}
	p := &ItemPage{text: text}
	rest, query := text, false
	for rest != "" {
		at := strings.IndexAny(rest, "{}")
		if at < 0 {
			at = len(rest)
		}
		if before := rest[:at]; before != "" {
			p.parts = append(p.parts, pagePart{text: before})
			query = (query || strings.Contains(before, "?")) && !strings.Contains(before, "#")
		}
		if rest = rest[at:]; rest == "" {
			break
		}
		name, after, closed := strings.Cut(rest[1:], "}")
		if rest[0] != '{' || !closed || !validName(name) {
			return nil, errors.New("braces in it stand around the name of a field, such as {id}")
		}
		p.parts, rest = append(p.parts, pagePart{field: name, query: query}), after
	}
	if err := p.checkAddress(); err != nil {
		return nil, err
	}
	if n := len(p.Fields()); n == 0 || n > maxPageFields {
		return nil, fmt.Errorf("it names %d fields, and an item's page is known by 1 to %d, such as {id}", n, maxPageFields)
	}
	return p, nil
}

// checkAddress checks what stands around the fields: which host is asked is never for an item to say.
func (p *ItemPage) checkAddress() error {
	for i := range len(p.text) {
		if c := p.text[i]; c <= ' ' || c > '~' || strings.IndexByte("\"'<>\\^`|", c) >= 0 {
			return errors.New("it has a character that no address has: write it percent-encoded, such as %20, and a host with letters of other scripts in its form xn--")
		}
	}
	var base string // what stands before the first field
	if len(p.parts) > 0 {
		base = p.parts[0].text
	}
	u, err := url.Parse(base)
	if _, wrong := url.Parse(p.fill(func(pagePart) string { return "0" })); err != nil || wrong != nil {
		return errors.New("it is not an address, such as https://shop.example/products/{id}")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return errors.New("it does not begin with https:// or http:// and a host")
	case u.User != nil:
		return errors.New("it has a user's name before its host, which no link may have")
	case len(p.parts) > 1 && !strings.ContainsAny(base[len(u.Scheme)+len("://"):], "/?#"):
		return errors.New("a field stands in its host: fields may stand behind the / that follows it")
	}
	p.host = u.Host
	return nil
}

// String returns the address as it was given.
func (p *ItemPage) String() string { return p.text }

// Host returns whose page it is: the host, and the port where one is given.
func (p *ItemPage) Host() string { return p.host }

// Fields returns the names of the fields in it, each once.
func (p *ItemPage) Fields() []string {
	var names []string
	for _, part := range p.parts {
		if part.field != "" && !slices.Contains(names, part.field) {
			names = append(names, part.field)
		}
	}
	return names
}

// Check returns an error if a field of it is not among those that there are, or is neither a text nor a number.
func (p *ItemPage) Check(fields *Schema) error {
	for _, name := range p.Fields() {
		at := fields.Index(name)
		if at < 0 {
			return fmt.Errorf("it names the field %q, which there is not.%s There are: %s", name, DidYouMean(name, fields.Names()), strings.Join(fields.Names(), ", "))
		}
		if t := fields.Field(at).Type; t != String && t != Number {
			return fmt.Errorf("it names the field %q, which is a %s: only a string or a number can stand in an address", name, t)
		}
	}
	return nil
}

// Link returns the address of one item's page, with the values of its fields percent-encoded; "" where a value is not known, or is none
// that can stand there.
func (p *ItemPage) Link(value func(field string) Value) string {
	known := true
	link := p.fill(func(part pagePart) string {
		v := value(part.field)
		if t := v.Type(); t != String && t != Number || v.IsNull() || strings.TrimSpace(v.Text()) == "" || !utf8.ValidString(v.Text()) {
			known = false
			return ""
		}
		if part.query {
			return url.QueryEscape(v.Text())
		}
		return url.PathEscape(v.Text())
	})
	u, err := url.Parse(link)
	if !known || len(link) > MaxItemPage || err != nil {
		return ""
	}
	for step := range strings.SplitSeq(u.EscapedPath(), "/") {
		if step == "." || step == ".." { // they lead to another page
			return ""
		}
	}
	return link
}

// fill returns the address with what each field is to be in it.
func (p *ItemPage) fill(in func(part pagePart) string) string {
	var b strings.Builder
	for _, part := range p.parts {
		if part.field == "" {
			b.WriteString(part.text)
		} else {
			b.WriteString(in(part))
		}
	}
	return b.String()
}
