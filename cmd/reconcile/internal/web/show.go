package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// frame is what all pages show around what is their own.
type frame struct {
	Title string
	Who   string // who is logged in; "" if nobody is
	Role  store.Role
	Here  string // which of the pages in the head it is
	Page  any    // what the page itself shows
}

// parsePages returns the templates, by their name without .html. Each is put into frame.html; what several have is in parts.html.
func parsePages() map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, name := range embedded(pageFiles, "pages/*.html") {
		if short := strings.TrimSuffix(path.Base(name), ".html"); short != "frame" && short != "parts" {
			all[short] = template.Must(template.New("frame.html").Funcs(pageFuncs).ParseFS(pageFiles, "pages/frame.html", "pages/parts.html", name))
		}
	}
	return all
}

// embedded returns the names of files that are in the program.
func embedded(files fs.FS, pattern string) []string {
	list, err := fs.Glob(files, pattern)
	if err != nil {
		panic(err) // the pattern is wrong
	}
	return list
}

// pageFuncs are what templates can call.
var pageFuncs = template.FuncMap{
	"count": func(n any) string { return grouped(fmt.Sprint(n)) },
	"stamp": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"utc":   func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") },
	"admin": func(role store.Role) bool { return role.May(store.Admin) },
	"neg":   func(n int) int { return -n },
	"inc":   func(n int) int { return n + 1 },
}

// grouped writes a number for people: 1,234,567. The page's script writes it as the browser's language does.
func grouped(digits string) string {
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// show answers with a page. It is made whole before anything is sent, so that no half page is.
func (s *Server) show(w http.ResponseWriter, status int, page string, f frame) {
	s.showNamed(w, status, page, "frame.html", f)
}

// showNamed is show for a part of a page.
func (s *Server) showNamed(w http.ResponseWriter, status int, page, part string, data any) {
	var text bytes.Buffer
	if err := s.pages[page].ExecuteTemplate(&text, part, data); err != nil {
		s.Log.Error("make a page", "page", page, "error", err)
		http.Error(w, "This page could not be made. The server's log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // who does not read it has gone
}

// asset is a script or a style sheet as browsers get it.
type asset struct {
	text, zipped []byte
	kind, tag    string
}

// packAssets returns the assets by name.
func packAssets() map[string]*asset {
	all := map[string]*asset{}
	for _, name := range embedded(assetFiles, "assets/*") {
		text, err := assetFiles.ReadFile(name)
		if err != nil {
			panic(err) // it is in the program
		}
		var zipped bytes.Buffer
		z, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression) // of a level that there is
		if _, err := z.Write(text); err != nil {
			panic(err) // into memory
		}
		_ = z.Close()
		sum := sha256.Sum256(text)
		all[path.Base(name)] = &asset{text: text, zipped: zipped.Bytes(), kind: mime.TypeByExtension(path.Ext(name)), tag: `"` + hex.EncodeToString(sum[:12]) + `"`}
	}
	return all
}

// asset answers with a script or a style sheet. Browsers keep them, and ask whether they are still right.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	a := s.assets[r.PathValue("name")]
	if a == nil {
		http.NotFound(w, r)
		return
	}
	head := w.Header()
	head.Set("Cache-Control", "no-cache")
	head.Set("Content-Type", a.kind)
	head.Set("Vary", "Accept-Encoding")
	text, tag := a.text, a.tag
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		head.Set("Content-Encoding", "gzip")
		text, tag = a.zipped, strings.TrimSuffix(a.tag, `"`)+`-gzip"`
	}
	head.Set("ETag", tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
}

// showTo shows a page to whoever was let in.
func (s *Server) showTo(w http.ResponseWriter, r *http.Request, page string, f frame) {
	s.showAs(w, r, http.StatusOK, page, f)
}

// showAs is showTo with another status.
func (s *Server) showAs(w http.ResponseWriter, r *http.Request, status int, page string, f frame) {
	c := callerOf(r)
	f.Who, f.Role = c.name, c.role
	s.show(w, status, page, f)
}

// showPart shows a part of a page, with what the page itself shows; the whole page if part is "".
func (s *Server) showPart(w http.ResponseWriter, r *http.Request, page, part string, f frame) {
	if part == "" {
		s.showTo(w, r, page, f)
		return
	}
	s.showNamed(w, http.StatusOK, page, part, f.Page)
}
