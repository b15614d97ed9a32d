package answer

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

var (
	totalNames  = strings.Fields("total totalcount totalitems totalresults totalrecords recordcount count itemcount numfound totalelements")
	cursorNames = strings.Fields("nextcursor nextfrom nextafter nextkey nextid nextstart nextposition cursor next nextpagetoken nextpage nexttoken endcursor after continuation continuationtoken")
	moreNames   = strings.Fields("more hasmore hasnext hasnextpage")
	countHeader = []string{"X-Total-Count", "X-WP-Total", "X-Total"}
)

// findPages finds how the list goes on, as far as one answer tells.
func (p *Proposal) findPages(tree any, l *list, header http.Header) {
	page := &p.Page
	shown := len(l.entries)
	if l.products != nil {
		shown = len(l.products)
	}
	page.Size, page.Type = shown, "none"
	if at := slices.IndexFunc(p.Fields, func(f Field) bool { return f.Name == "id" && !f.Parent }); at >= 0 && p.Parents == "" {
		page.Key = p.Fields[at].Path
	} else if p.Parents != "" {
		page.Key = idOf(l.products)
	}
	for _, name := range countHeader {
		if n, err := strconv.Atoi(header.Get(name)); err == nil && n >= shown {
			page.TotalHeader = name
			break
		}
	}
	total := ""
	walk(tree, "$", 0, func(path string, node any) {
		if strings.HasPrefix(path, l.path) && l.path != "$" {
			return
		}
		name := plain(path[strings.LastIndexAny(path, ".[")+1:])
		switch value := node.(type) {
		case json.Number:
			n, err := strconv.Atoi(value.String())
			if err == nil && n >= shown && slices.Contains(totalNames, name) && page.TotalHeader == "" && better(totalNames, name, total) {
				total, page.Total = name, path
			}
			if slices.Contains(cursorNames, name) {
				page.Type, page.Cursor = "cursor", path
			}
		case string:
			switch {
			case !slices.Contains(cursorNames, name) || value == "":
			case strings.HasPrefix(value, "http://"), strings.HasPrefix(value, "https://"), strings.HasPrefix(value, "/"), strings.HasPrefix(value, "?"):
				page.Type, page.Next, page.Cursor = "link", path, ""
			case page.Type != "link":
				page.Type, page.Cursor = "cursor", path
			}
		case bool:
			if slices.Contains(moreNames, name) {
				page.More = path
			}
		}
	})
	links := strings.ToLower(strings.Join(header.Values("Link"), ","))
	if page.Type == "none" && strings.Contains(links, "next") {
		page.Type, page.Links = "link", strings.Count(links, "rel=") == 1
	}
}

// Say takes what a person has said of how the list goes on, by the names of the settings of the block page, in the place of what was found.
func (page *Page) Say(said map[string]string) {
	for name, to := range map[string]*string{"type": &page.Type, "cursor": &page.Cursor, "next": &page.Next, "total": &page.Total, "total_header": &page.TotalHeader,
		"more": &page.More, "key": &page.Key} {
		if value, ok := said[name]; ok {
			*to = value
		}
	}
	_, typed := said["type"]
	switch {
	case typed:
	case said["cursor"] != "":
		page.Type = "cursor"
	case said["next"] != "":
		page.Type = "link"
	case said["offset_param"] != "":
		page.Type = "offset"
	case said["number_param"] != "":
		page.Type = "number"
	}
	if page.Type != "cursor" {
		page.Cursor = ""
	}
	if page.Type != "link" {
		page.Next, page.Links = "", false
	}
	if said["total"] != "" {
		page.TotalHeader = ""
	} else if said["total_header"] != "" {
		page.Total = ""
	}
	if n, err := strconv.Atoi(said["size"]); err == nil && n > 0 {
		page.Size = n
	}
	page.Param = map[string]string{"offset": said["offset_param"], "number": said["number_param"], "cursor": said["cursor_param"]}[page.Type]
}

// better reports whether a name stands before another one in a list of names.
func better(names []string, name, other string) bool {
	return other == "" || slices.Index(names, name) < slices.Index(names, other)
}

// idOf returns the path of what identifies products; "" if nothing does.
func idOf(products []map[string]any) string {
	for _, name := range []string{"id", "uuid", "product_id", "productId"} {
		at := &place{}
		for _, product := range products {
			if v := product[name]; v != nil && isText(v) {
				at.values = append(at.values, v)
			}
		}
		if len(at.values) == len(products) && at.distinct() {
			return "$" + step(name)
		}
	}
	return ""
}
