package restapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// page are the settings for how a list comes in pages.
type page struct {
	Type string `setting:"type" values:"offset|number|cursor|link|none" doc:"Left out, it is cursor where cursor is given, and link where next is. offset: a page begins behind so many entries. number: pages are numbered. cursor: an answer says what the next page is asked for by. link: an answer has the address of the next page. none: the list comes in one answer."`
	Size int64  `setting:"size" doc:"How many entries a page has; not for type none. An API that gives fewer at a time gives so many in each page but the last. Of types cursor and link it may be left out: then the API is asked for no size."`
	In   string `setting:"in" default:"query" values:"query|body" doc:"Where the parameters below are sent: in the address, or as members of the body. With graphql they are its variables."`

	SizeParam   string `setting:"size_param" default:"limit" doc:"The parameter for size; \"\" if the API has none."`
	OffsetParam string `setting:"offset_param" default:"offset" doc:"The parameter of type offset."`
	NumberParam string `setting:"number_param" default:"page" doc:"The parameter of type number."`
	First       *int64 `setting:"first" doc:"The number of the first page of type number; 1 if it is left out."`
	CursorParam string `setting:"cursor_param" default:"cursor" doc:"The parameter of type cursor; the first page is asked for without it."`
	Cursor      string `setting:"cursor" doc:"The path in an answer of what the next page of type cursor is asked for by; null or an empty text in the last."`
	Next        string `setting:"next" doc:"The path in an answer of the next page's address, for type link; null in the last. Left out, the header Link has it, as rel=\"next\"."`

	Total       string `setting:"total" doc:"The path in an answer of how many entries there are in all. With it, a read that has not exactly so many fails."`
	TotalHeader string `setting:"total_header" doc:"The same, if it is a header: X-WP-Total."`
	More        string `setting:"more" doc:"The path in an answer of a bool that says whether there are more pages: $.has_more."`
	Omitted     bool   `setting:"omitted" doc:"The last page lacks what cursor or next select, or the header Link. Left out, that is an error where a page says neither total nor more, because a path that is not the right one, or an answer that lost it, looks the same. It needs size."`
	Key         string `setting:"key" doc:"The path in an entry of what identifies it, such as $.id: an entry that comes twice shows that the list has shifted. Left out, an entry is the same if all of it is."`
}

// pagePlan is the same, parsed.
type pagePlan struct {
	page
	first                          int64
	cursor, next, total, more, key *path
}

// pageSettings are the settings that each type of paging has, beside size, total, total_header, more and key.
var pageSettings = map[string][]string{
	"offset": {"offset_param"}, "number": {"number_param", "first"}, "cursor": {"cursor", "cursor_param"}, "link": {"next"}, "none": nil,
}

// plan checks the settings, and parses them.
func (p *page) plan(m *mistakes) *pagePlan {
	switch {
	case p.Type != "":
	case p.Cursor != "" && p.Next == "":
		p.Type = "cursor"
	case p.Next != "" && p.Cursor == "":
		p.Type = "link"
	default:
		m.add("type is missing", `Say how the list comes in pages: "offset", "number", "cursor", "link" or "none".`, "page", "type")
		return &pagePlan{page: *p}
	}
	plan := &pagePlan{page: *p, first: 1}
	if p.First != nil {
		plan.first = *p.First
	}
	given := map[string]bool{"first": p.First != nil, "cursor": p.Cursor != "", "next": p.Next != ""}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if given[name] && !slices.Contains(pageSettings[p.Type], name) {
			m.add(name+" is not for pages of type "+p.Type, "Take it out, or choose the type that it is for.", "page", name)
		}
	}
	switch {
	case p.Type == "none" && p.Size != 0:
		m.add("size is not for pages of type none", "Take it out. If the API takes a largest number of entries, put it into path.", "page", "size")
	case p.Size == 0 && !p.Omitted && (p.Type == "cursor" || p.Type == "link"):
	case p.Size == 0 && p.Omitted:
		m.add("omitted needs size", "Without it nobody knows whether the first page is full, and more should follow.", "page", "omitted")
	case p.Type != "none" && p.Size < 1:
		m.add("size is missing", "It is how many entries a page has, from 1 on. A page that has fewer is the last.", "page", "size")
	case p.Type == "cursor" && p.Cursor == "":
		m.add("cursor is missing", `Say where an answer has what the next page is asked for by: cursor = "$.next_cursor".`, "page", "cursor")
	}
	if p.Total != "" && p.TotalHeader != "" {
		m.add("total and total_header exclude each other", "Take one of them out.", "page", "total_header")
	}
	for _, of := range []struct {
		name, text string
		into       **path
	}{{"cursor", p.Cursor, &plan.cursor}, {"next", p.Next, &plan.next}, {"total", p.Total, &plan.total}, {"more", p.More, &plan.more}, {"key", p.Key, &plan.key}} {
		if of.text != "" {
			*of.into = m.path(of.text, "page", of.name)
		}
	}
	return plan
}

// sized reports whether the API is asked for pages of a size.
func (p *page) sized() bool { return p.Type != "none" && p.Size > 0 && p.SizeParam != "" }

// params are the parameters of the page that the settings name.
func (p *page) params() []string {
	names := map[string][]string{"offset": {p.OffsetParam}, "number": {p.NumberParam}, "cursor": {p.CursorParam}}[p.Type]
	if p.sized() {
		names = append(names, p.SizeParam)
	}
	return names
}

// checkParams notes parameters that are given twice. taken are those that stand in the list's own settings, and of, where that is.
func (p *page) checkParams(m *mistakes, taken []string, of string) {
	names := p.params()
	for i, name := range names {
		switch {
		case name == "":
			m.add("a parameter of the page has no name", "", "page", "type")
		case slices.Contains(names[:i], name):
			m.add(fmt.Sprintf("two parameters of the page are called %q", name), "", "page", "type")
		case slices.Contains(taken, name):
			m.add(fmt.Sprintf("the parameter %q is given twice", name), fmt.Sprintf("It stands in %s, and the block page sends it as well: take it out of %s.", of, of), strings.Fields(of)[0])
		}
	}
}
