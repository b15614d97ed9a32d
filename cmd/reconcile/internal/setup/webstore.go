package setup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
	"github.com/reconcilehq/reconcile/rules/starter"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/setup/answer"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// readWeb looks at an answer of the store's API, and proposes the source that reads it.
func (i *setup) readWeb(ctx context.Context) error {
	if i.kind() != webStore {
		return nil
	}
	at, err := placeOf(i.Store)
	if err != nil {
		return err
	}
	if err := i.askLogin(ctx); err != nil {
		return err
	}
	letIn, err := parseLogin(i.Login)
	if err != nil {
		return err
	}
	for _, name := range letIn.variables {
		if err := i.need("env(" + name + ")"); err != nil {
			return err
		}
	}
	if err := i.askSecrets(ctx); err != nil {
		return err
	}
	api, err := i.enter(ctx, at, letIn)
	if err != nil {
		return err
	}
	p, err := i.look(ctx, api)
	if err != nil {
		return err
	}
	i.tellProposal(p)
	b := webBlock(at, letIn, p)
	takes, err := i.describe(ctx, "", "rest")
	if err != nil {
		return err
	}
	if err := i.applySettings(b, takes, "--setting", i.Settings); err != nil {
		return err
	}
	return i.takeStore(ctx, &starter.Store{What: at.base, Address: "source.rest.web", Blocks: b.String(),
		Remedy:  "which its source does not have: say in its fields where it stands",
		Hint:    "; say where one of them stands with --store-column FIELD=PATH",
		Comment: "The online store: what its API answers. The paths are what init found in an answer; docs/connectors/rest.md says what they mean."})
}

// enter returns what asks the API. Of a login that answers with a token it finds out how requests take it.
func (i *setup) enter(ctx context.Context, at *place, letIn *login) (*asker, error) {
	by := func() *asker {
		return &asker{place: at, client: webapi.New(webapi.Config{URL: at.base, Auth: letIn.auth(i.getenv), Name: "the store", Setting: "--store, and --login"})}
	}
	if letIn.tokenLogin == nil {
		return by(), nil
	}
	if err := letIn.signIn(ctx, at.base, i.getenv); err != nil {
		return nil, err
	}
	for _, way := range letIn.carriers() {
		letIn.header, letIn.prefix = way.header, way.prefix
		api := by()
		_, err := api.ask(ctx, nil)
		if status := webapi.Status(err); status != http.StatusUnauthorized && status != http.StatusForbidden {
			return api, nil // if it fails for another reason, the next request says so
		}
	}
	return nil, errors.New("the store gives a token, and takes it in none of the usual headers; write the source by hand: docs/connectors/rest.md, under auth")
}

// look asks for the list, proposes how it is read, and finds out what one answer does not tell.
func (i *setup) look(ctx context.Context, api *asker) (*answer.Proposal, error) {
	said, err := i.storePaths()
	if err != nil {
		return nil, err
	}
	page := map[string]string{}
	for _, flag := range i.Settings {
		name, value, _ := strings.Cut(flag, "=")
		if inner, ok := strings.CutPrefix(strings.TrimSpace(name), "page."); ok {
			page[inner] = value
		}
	}
	if name := page["size_param"]; name != "" && page["size"] != "" {
		api.page.Set(name, page["size"])
	}
	first, err := api.ask(ctx, nil)
	if webapi.Status(err) == 401 || webapi.Status(err) == 403 {
		return nil, fmt.Errorf("the store does not let us in: %w. Say how with --login: %s", err, loginForms)
	}
	if err != nil {
		return nil, fmt.Errorf("ask the store: %w", err)
	}
	p, err := answer.LookAt(first.Body, first.Header, said, answer.Said{Parents: i.said("parents"), Items: i.said("items"), Options: i.said("options.each")})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", i.Store, err)
	}
	if err := i.askPath(ctx, p); err != nil {
		return nil, err
	}
	p.Page.SizeParam = api.sizeParam
	if api.size > 0 {
		p.Page.Size = api.size
	}
	p.Page.Say(page)
	return p, api.follow(ctx, p, first.Body, page["type"] != "")
}

// said returns the value of the flag --setting for a setting; "" if it is not given.
func (i *setup) said(setting string) string {
	for _, flag := range i.Settings {
		if name, value, _ := strings.Cut(flag, "="); strings.TrimSpace(name) == setting {
			return value
		}
	}
	return ""
}

// tellProposal says what was found in the answer, so that a wrong guess shows.
func (i *setup) tellProposal(p *answer.Proposal) {
	var fields []string
	for _, f := range p.Fields {
		at := f.Name + " from " + words.OneLine(f.Path)
		if f.Parent {
			at += " of the product"
		}
		if f.Digits > 0 {
			at += ", in cents"
		}
		fields = append(fields, at)
	}
	how := map[string]string{"none": "all of it in one answer", "link": "pages by the address of the next one", "cursor": "pages by a cursor, in " + p.Page.Param,
		"offset": "pages by " + p.Page.Param, "number": "pages by their number, in " + p.Page.Param}[p.Page.Type]
	fmt.Fprintf(i.term.Out, "The items are %s%s: %s. The list comes as %s.\n", words.OneLine(p.Items), map[bool]string{true: " of " + words.OneLine(p.Parents)}[p.Parents != ""],
		strings.Join(fields, ", "), how)
	if len(p.Unused) > 0 {
		fmt.Fprintf(i.term.Out, "Nothing uses %s; --store-column field=PATH does.\n", words.OneLine(strings.Join(p.Unused[:min(len(p.Unused), 20)], ", ")))
	}
	if p.Childless > 0 {
		fmt.Fprintf(i.term.Out, "Without a list at %s: %s. They are taken for products that have no items.\n", words.OneLine(p.Items), words.Count(p.Childless, "product"))
	}
	i.tellCurrency(p)
	fmt.Fprintln(i.term.Out)
}

// tellCurrency says where the prices' currency stands, or that nobody says it.
func (i *setup) tellCurrency(p *answer.Proposal) {
	switch {
	case i.said("currency") != "" || i.said("currency_path") != "":
		p.Currency = ""
	case p.Currency != "":
		fmt.Fprintf(i.term.Out, "The prices are in the currency that %s has.\n", words.OneLine(p.Currency))
	case slices.ContainsFunc(p.Fields, func(f answer.Field) bool { return catalog.UnitOf(f.Name) == catalog.Money }):
		fmt.Fprintln(i.term.Out, "Nobody says what the prices are in: equal numbers will be taken for equal amounts. --setting currency=CAD says it, with the code of yours.")
	}
}

// storePaths takes the flags --store-column: paths of fields.
func (i *setup) storePaths() (map[string]string, error) {
	said := map[string]string{}
	for _, flag := range i.StoreColumns {
		field, at, ok := strings.Cut(flag, "=")
		if !ok || at != "" && !strings.HasPrefix(strings.TrimPrefix(at, answer.InParent), "$") {
			return nil, fmt.Errorf("--store-column %s: write field=path, such as --store-column sku=$.number; docs/connectors/rest.md says what a path is", flag)
		}
		said[strings.TrimSpace(field)] = at
	}
	return said, nil
}

// askPath makes sure that there is a path for the SKU.
func (i *setup) askPath(ctx context.Context, p *answer.Proposal) error {
	if slices.ContainsFunc(p.Fields, func(f answer.Field) bool { return f.Name == "sku" }) {
		return nil
	}
	places := words.OneLine(strings.Join(p.Unused[:min(len(p.Unused), 40)], ", "))
	if !i.term.CanAsk() {
		if list := listIn(p.Unused); p.Parents == "" && list != "" {
			places += fmt.Sprintf(". If what is sold stands in a list of it, say so: --setting 'parents=%s' --setting 'items=%s'", p.Items, list)
		}
		return fmt.Errorf("the answer does not tell where the SKU stands. Say it with --store-column sku=PATH; an item of %s has: %s", p.Items, places)
	}
	i.term.Say("\nWhere in an item does the SKU stand? It has: %s", places)
	for {
		path, err := i.term.Ask(ctx, "Its path: ")
		if err != nil {
			return err
		}
		if slices.Contains(p.Unused, path) && strings.HasPrefix(path, "$") {
			p.Fields = append(p.Fields, answer.Field{Name: "sku", Path: path})
			p.Unused = slices.DeleteFunc(p.Unused, func(u string) bool { return u == path })
			return nil
		}
		i.term.Say("There is no place %q.", path)
	}
}

// listIn returns the first list of an item among paths: $.articles[*] of $.articles[*].code; "" if there is none.
func listIn(paths []string) string {
	for _, path := range paths {
		if list, _, ok := strings.Cut(path, "[*]"); ok && strings.HasPrefix(list, "$") {
			return words.OneLine(list) + "[*]"
		}
	}
	return ""
}

// place is where a list is.
type place struct {
	base, path string     // the path with those parameters that are not the page's
	page       url.Values // parameters of the page, which the connector sends itself
	sizeParam  string
	size       int
}

var (
	sizeParams   = strings.Fields("limit per_page page_size pageSize pagesize size take perPage")
	offsetParams = strings.Fields("offset skip start")
	numberParams = strings.Fields("page page_number pageNumber p")
	cursorParams = strings.Fields("cursor after page_token pageToken next starting_after continuation next_page from")
)

// placeOf takes an address apart. One with a secret is refused: it stands in the configuration.
func placeOf(address string) (*place, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, errors.New("--store is no address: it reads like https://shop.example/api/products")
	}
	if u.User != nil {
		return nil, errors.New("--store has a name and a password in it: take them out, and say --login basic:USER_VARIABLE,PASSWORD_VARIABLE")
	}
	if err := webapi.CheckURL("--store", u.Scheme+"://"+u.Host, "https://shop.example/api/products"); err != nil {
		return nil, err
	}
	at := &place{base: u.Scheme + "://" + u.Host, page: url.Values{}}
	query := u.Query()
	for name := range query {
		switch {
		case isSecretName(name):
			return nil, fmt.Errorf("--store has a parameter %q, which looks like a secret: take it out, and say --login query:%s=VARIABLE", name, name)
		case slices.Contains(sizeParams, name):
			at.sizeParam = name
			at.size, _ = strconv.Atoi(query.Get(name))
		case !slices.Contains(offsetParams, name) && !slices.Contains(numberParams, name) && !slices.Contains(cursorParams, name):
			continue
		}
		at.page[name] = query[name]
	}
	for name := range at.page {
		query.Del(name)
	}
	at.path = cmp.Or(u.EscapedPath(), "/")
	if len(query) > 0 {
		at.path += "?" + query.Encode()
	}
	return at, nil
}

func isSecretName(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(strings.Fields("token secret password passwd apikey api_key access_key consumer_key signature"), func(word string) bool { return strings.Contains(name, word) }) || name == "key"
}

// webBlock writes the source.
func webBlock(at *place, letIn *login, p *answer.Proposal) *block {
	b := newBlock(`source "rest" "web"`)
	b.text("base_url", at.base)
	b.text("path", at.path)
	b.text("parents", p.Parents)
	b.text("items", p.Items)
	for _, parent := range []bool{false, true} {
		var names []string
		paths := map[string]string{}
		for _, f := range p.Fields {
			if f.Parent == parent {
				names, paths[f.Name] = append(names, f.Name), f.Path
			}
		}
		if len(names) > 0 {
			b.set(map[bool]string{false: "fields", true: "parent_fields"}[parent], object(names, func(n string) string { return quote(paths[n]) }))
		}
	}
	var optional, scaled []string
	for _, f := range p.Fields {
		if f.Optional {
			optional = append(optional, quote(f.Name))
		}
		if f.Digits > 0 {
			scaled = append(scaled, f.Name)
		}
	}
	if p.Childless > 0 {
		optional = append(optional, `"items"`)
	}
	if p.NoOptions {
		optional = append(optional, `"options"`)
	}
	b.text("currency_path", p.Currency)
	if len(optional) > 0 {
		b.set("optional", "["+strings.Join(optional, ", ")+"]")
	}
	if len(scaled) > 0 {
		b.set("scale", object(scaled, func(string) string { return `"2"` }))
	}
	letIn.write(b)
	if at := slices.IndexFunc(p.Fields, func(f answer.Field) bool { return f.Name == "id" && !f.Parent }); at >= 0 && p.Parents == "" && p.Page.Key == p.Fields[at].Path {
		p.Page.Key = "" // the connector takes the field id
	}
	pageBlock(b.block("page"), p.Page)
	if o := p.Options; o != nil {
		inner := b.block("options")
		inner.text("each", o.Each)
		inner.text("name", o.Name)
		inner.text("value", o.Value)
		inner.text("parent", o.Parent)
	}
	return b
}

func pageBlock(b *block, p answer.Page) {
	b.text("type", p.Type)
	if p.Type != "none" {
		b.set("size", strconv.Itoa(max(p.Size, 1)))
		unusual := func(setting, param, usual string) {
			if param != usual && (param != "" || setting == "size_param") {
				b.set(setting, quote(param))
			}
		}
		unusual("size_param", p.SizeParam, "limit")
		switch p.Type {
		case "offset":
			unusual("offset_param", p.Param, "offset")
		case "number":
			unusual("number_param", p.Param, "page")
		case "cursor":
			unusual("cursor_param", p.Param, "cursor")
		}
	}
	b.text("cursor", p.Cursor)
	b.text("next", p.Next)
	b.text("total", p.Total)
	b.text("total_header", p.TotalHeader)
	b.text("more", p.More)
	b.text("key", p.Key)
	if p.Links && p.Total == "" && p.TotalHeader == "" && p.More == "" {
		b.set("omitted", "true")
	}
}

// nameFor proposes the beginning of variables' names: SHOP of https://shop.example.
func nameFor(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "STORE"
	}
	word, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(u.Hostname(), "www."), "api."), ".")
	word = strings.ToUpper(path.Base("/" + strings.ReplaceAll(word, "-", "_")))
	if !isVariable(word) || word[0] >= '0' && word[0] <= '9' {
		return "STORE"
	}
	return word
}
