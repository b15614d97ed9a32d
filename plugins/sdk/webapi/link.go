package webapi

import (
	"net/http"
	"net/url"
	"strings"
)

// NextLink returns the address of the next page as an answer's header Link tells it (RFC 8288, rel="next"), made whole where
// it is relative; "" if there is none.
func NextLink(a *Answer) string {
	for _, link := range links(a.Header) {
		if !link.is("next") {
			continue
		}
		u, err := url.Parse(link.target)
		if err != nil {
			return link.target // whoever asks for it says that it makes no sense
		}
		if a.URL != nil {
			u = a.URL.ResolveReference(u)
		}
		return u.String()
	}
	return ""
}

// link is a link of a header Link.
type link struct {
	target string
	rel    string // relations, with spaces between
}

// is reports whether the link has a relation.
func (l link) is(rel string) bool {
	for _, r := range strings.Fields(l.rel) {
		if strings.EqualFold(r, rel) {
			return true
		}
	}
	return false
}

// links reads all links of a header. It leaves out what makes no sense.
func links(h http.Header) []link {
	var all []link
	for _, text := range h.Values("Link") {
		for {
			from := strings.IndexByte(text, '<')
			if from < 0 {
				break
			}
			text = text[from+1:]
			to := strings.IndexByte(text, '>')
			if to < 0 {
				break
			}
			l := link{target: strings.TrimSpace(text[:to])}
			l.rel, text = relOf(text[to+1:])
			all = append(all, l)
		}
	}
	return all
}

// relOf reads the parameters of a link up to the comma that ends it, and returns the first rel, and what follows the comma.
func relOf(text string) (rel, rest string) {
	found := false
	for text != "" && text[0] != ',' {
		if text[0] != ';' {
			text = text[1:]
			continue
		}
		var name, value string
		name, value, text = parameter(text[1:])
		if !found && strings.EqualFold(name, "rel") {
			rel, found = value, true
		}
	}
	return rel, strings.TrimPrefix(text, ",")
}

// parameter reads name=value, in which value may be quoted, and returns what follows.
func parameter(text string) (name, value, rest string) {
	end := strings.IndexAny(text, "=;,")
	if end < 0 {
		return strings.TrimSpace(text), "", ""
	}
	name, rest = strings.TrimSpace(text[:end]), text[end:]
	if rest[0] != '=' {
		return name, "", rest
	}
	rest = strings.TrimLeft(rest[1:], " \t")
	if !strings.HasPrefix(rest, `"`) {
		end := strings.IndexAny(rest, ";,")
		if end < 0 {
			end = len(rest)
		}
		return name, strings.TrimSpace(rest[:end]), rest[end:]
	}
	var b strings.Builder
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '"':
			return name, b.String(), rest[i+1:]
		case '\\':
			if i++; i < len(rest) {
				b.WriteByte(rest[i])
			}
		default:
			b.WriteByte(rest[i])
		}
	}
	return name, b.String(), ""
}
