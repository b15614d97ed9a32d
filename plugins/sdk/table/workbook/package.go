package workbook

import (
	"fmt"
	"path"
	"strings"
)

// relation is what one part says of another.
type relation struct {
	kind   string // the last word of its type: worksheet, styles
	target string // the part's name
}

// relations reads what the part of that name is related to, by id. A part without relations has none.
func (a *archive) relations(part string) (map[string]relation, error) {
	name := path.Join(path.Dir(part), "_rels", path.Base(part)+".rels")
	if part == "" {
		name = "_rels/.rels"
	}
	all := map[string]relation{}
	if part != "" && !a.has(name) {
		return all, nil
	}
	err := a.walk(name, relationships, func(s *scanner, at string) error {
		switch at {
		case "Relationships":
			return nil
		case "Relationships/Relationship":
		default:
			return s.wrong("<%s> does not belong there", at)
		}
		id, _ := s.attr("Id")
		kind, _ := s.attr("Type")
		target, _ := s.attr("Target")
		mode, _ := s.attr("TargetMode")
		if _, twice := all[id]; twice || id == "" || kind == "" {
			return s.wrong("a relationship has no type, or no id of its own")
		}
		if mode != "External" {
			target = beside(part, target)
		}
		all[id] = relation{kind[strings.LastIndexByte(kind, '/')+1:], target}
		return nil
	})
	return all, err
}

// one returns the only part that is related so, or "" if there is none.
func one(all map[string]relation, kind string) (string, error) {
	found := ""
	for _, r := range all {
		if r.kind != kind {
			continue
		}
		if found != "" && folded(found) != folded(r.target) {
			return "", fmt.Errorf("it names two parts as its %s: %s and %s", kind, found, r.target)
		}
		found = r.target
	}
	return found, nil
}

// types are the content types of a package's parts, as the last word of each: worksheet+xml.
type types struct {
	byName, byExtension map[string]string
}

func (a *archive) types() (*types, error) {
	t := &types{map[string]string{}, map[string]string{}}
	err := a.walk("[Content_Types].xml", contentTypes, func(s *scanner, at string) error {
		is, _ := s.attr("ContentType")
		is = strings.ToLower(is[strings.LastIndexByte(is, '.')+1:])
		switch at {
		case "Types":
			return nil
		case "Types/Default":
			extension, _ := s.attr("Extension")
			t.byExtension[strings.ToLower(extension)] = is
		case "Types/Override":
			name, _ := s.attr("PartName")
			if before, twice := t.byName[folded(name)]; twice && before != is {
				return s.wrong("part %s has two types", name)
			}
			t.byName[folded(name)] = is
		default:
			return s.wrong("<%s> does not belong there", at)
		}
		return nil
	})
	return t, err
}

// of returns the type of a part.
func (t *types) of(part string) string {
	if is, ok := t.byName[folded(part)]; ok {
		return is
	}
	return t.byExtension[strings.ToLower(strings.TrimPrefix(path.Ext(part), "."))]
}

// related returns the part that is related so and has that type, or "" if there is none. A part of that type that
// nothing is related to is an error: the relation may have been lost.
func (b *Book) related(all map[string]relation, kind string) (string, error) {
	name, err := one(all, kind)
	if err != nil {
		return "", err
	}
	is := strings.ToLower(kind) + "+xml"
	if name != "" && b.types.of(name) != is {
		return "", fmt.Errorf("its part %s is named as its %s, but listed as %q", name, kind, b.types.of(name))
	}
	for other, t := range b.types.byName {
		if t == is && other != folded(name) && b.archive.has(other) {
			return "", fmt.Errorf("its part %s is nowhere named as its %s", other, kind)
		}
	}
	return name, nil
}
