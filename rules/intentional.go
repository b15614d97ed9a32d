package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/grammar"
)

// Intentional is an intentional block, or one line of its skus_file: discrepancies that are meant to be.
type Intentional struct {
	Name, Reason, Owner string
	Reconciliations     []string             // their names; empty: all
	Rules               []string             // codes; empty if it has statuses
	Statuses            []verdict.Status     // of items of one side that are meant to be; empty if it has rules
	SKUs                []string             // as they are written, see Program.KeysNamed; empty: any item
	Starts              time.Time            // the first day that it holds, at midnight local time; zero: from the beginning
	Expires             time.Time            // the last day that it holds, at midnight local time; zero: for ever
	Where               hclsyntax.Expression // nil: every item
	Accepted            []Accepted           // it holds only as long as these are the item's values; empty: whatever they are
	Range               hcl.Range            // of the block
	File                string               // the skus_file that it stands in; "" for a block
	Line                int                  // in File

	builtIn bool // stands in no block: websync's
	void    bool // it names nothing: a list of it is there and empty
}

// Accepted is a value that was accepted as it is.
type Accepted struct {
	Side  verdict.Side
	Field string
	Text  string // as catalog.Value.Text writes it
	// Currency is what a price was in, as far as that was known: 12 in CAD is no 12 in USD.
	Currency catalog.Currency
}

// Expired reports whether the block holds no more at that moment: it does until the end of the day Expires.
func (in *Intentional) Expired(now time.Time) bool {
	return !in.Expires.IsZero() && !now.Before(in.Expires.AddDate(0, 0, 1))
}

// OutOfTime says why the block does not hold at that moment: "it held until 2026-11-22". It is "" if it does.
func (in *Intentional) OutOfTime(now time.Time) string {
	switch {
	case in.Expired(now):
		return "it held until " + in.Expires.Format(time.DateOnly)
	case now.Before(in.Starts):
		return "it holds from " + in.Starts.Format(time.DateOnly)
	}
	return ""
}

// Concerns reports whether the block is about that reconciliation. One without a name stands for all of them.
func (in *Intentional) Concerns(r *Reconciliation) bool {
	return len(in.Reconciliations) == 0 || r.Name == "" || slices.Contains(in.Reconciliations, r.Name)
}

// About returns what the block makes intentional: codes of rules, or statuses.
func (in *Intentional) About() []string {
	list := slices.Clone(in.Rules)
	for _, status := range in.Statuses {
		list = append(list, status.String())
	}
	return list
}

// ExpiresWithin reports whether the block still holds, but expires within so many days.
func (in *Intentional) ExpiresWithin(days int, now time.Time) bool {
	return !in.Expires.IsZero() && !in.Expired(now) && in.Expired(now.AddDate(0, 0, days))
}

// Place returns where it stands, for people: file and line.
func (in *Intentional) Place() string {
	if in.File != "" {
		return fmt.Sprintf("%s:%d", in.File, in.Line)
	}
	return block.Place(in.Range)
}

func (l *loader) intentional(b *hcl.Block) {
	attrs := l.Attributes(b, grammar.Intentional)
	in := &Intentional{Name: b.Labels[0], Range: b.DefRange, Reason: l.reason(attrs), Owner: l.Text(attrs, "owner")}
	l.config.names = append(l.config.names, in.Name)
	l.checkComplete(b, attrs)
	l.reconciliations(attrs, in)
	rules := l.namedIn(attrs, in, "rules", "No rule", "An empty list of rules makes nothing intentional. Name the rules whose discrepancies are meant to be.")
	for _, w := range rules {
		if _, err := StatusNamed(w.Text); err == nil && l.config.Rule(w.Text) == nil {
			l.Fail(w.At, "A status and no rule", "%q is a status: write status = [%q] instead, in a block without rules.", w.Text, w.Text)
			continue
		}
		if l.checkCode(w, fmt.Sprintf("Intentional %q names", in.Name)) {
			in.Rules = append(in.Rules, w.Text)
		}
	}
	l.statuses(attrs, in)
	skus := l.namedIn(attrs, in, "skus", "No SKU", "An empty list of SKUs makes nothing intentional. Leave skus out to mean every item.")
	for _, w := range skus {
		if catalog.Blank(w.Text) {
			l.Fail(w.At, "No SKU", "Blanks alone are no key, so no item has this one.")
		}
		in.SKUs = append(in.SKUs, w.Text)
	}
	in.Starts, in.Expires = l.day(attrs, "starts"), l.day(attrs, "expires")
	if err := in.checkDates(); err != nil {
		l.Fail(attrs["expires"].Expr.Range(), "Invalid date", "The block has no effect: %v.", err)
	}
	if a, ok := attrs["where"]; ok {
		in.Where = a.Expr.(hclsyntax.Expression)
	}
	in.Accepted = l.accepted(b, attrs)
	if in.void {
		return
	}
	if a, ok := attrs["skus_file"]; ok {
		l.skusFile(a, attrs, in)
		return
	}
	l.config.Intentional = append(l.config.Intentional, in)
}

// checkComplete says what a block lacks, and what it has that does not go together. What a skus_file may say is not lacking.
func (l *loader) checkComplete(b *hcl.Block, attrs hcl.Attributes) {
	_, fromFile := attrs["skus_file"]
	_, rules := attrs["rules"]
	status, statuses := attrs["status"]
	if !fromFile && !rules && !statuses {
		l.Fail(b.DefRange, "Missing attribute", `An intentional block needs "rules": the codes of the rules whose discrepancies are meant to be; or "status": items of one side that are meant to be.`)
	}
	if _, ok := attrs["reason"]; !fromFile && !ok {
		l.Fail(b.DefRange, "Missing attribute", `An intentional block needs "reason": whoever reads the report will ask why.`)
	}
	if !statuses {
		return
	}
	if rules {
		l.Fail(status.NameRange, "Rules and status", "A block is about discrepancies (rules) or about items of one side (status), not about both. Write two blocks.")
	}
	for _, name := range []string{"pin", "accepted"} {
		if a, ok := attrs[name]; ok {
			l.Fail(a.NameRange, "Nothing to pin to", "An item of one side has no values that were compared, so %q says nothing in a block with status. The block has no effect once the item is on both sides.", name)
		}
	}
}

// namedIn evaluates a list of what the block is about. Left out, it may stand for everything; but one that is there and empty names
// nothing, so that the block is without effect. That is a mistake, unless it can be another list for each shop.
func (l *loader) namedIn(attrs hcl.Attributes, in *Intentional, name, summary, advice string) []block.Word {
	list, ok := l.List(attrs, name)
	if !ok || len(list) > 0 {
		return list
	}
	in.void = true
	if e := attrs[name].Expr; isEmptyList(e) || l.ShopLine() == nil {
		l.Fail(e.Range(), summary, "%s", advice)
	}
	return nil
}

func isEmptyList(e hcl.Expression) bool {
	list, ok := e.(*hclsyntax.TupleConsExpr)
	return ok && len(list.Exprs) == 0
}

// reason reads why the discrepancies are meant to be; a reason that is there says something.
func (l *loader) reason(attrs hcl.Attributes) string {
	a, ok := attrs["reason"]
	if !ok {
		return ""
	}
	v, ok := l.Constant(a.Expr, catalog.String, `"reason"`)
	if ok && strings.TrimSpace(v.Str()) == "" {
		l.Fail(a.Expr.Range(), "No reason", "Say why the discrepancy is intentional: whoever reads the report will ask.")
	}
	return v.Str()
}

// day evaluates an attribute that is a date; zero if it is left out or wrong.
func (l *loader) day(attrs hcl.Attributes, name string) time.Time {
	a, ok := attrs[name]
	if !ok {
		return time.Time{}
	}
	v, ok := l.Constant(a.Expr, catalog.String, strconv.Quote(name))
	if !ok {
		return time.Time{}
	}
	day, err := ParseDay(v.Str(), name)
	if err != nil {
		l.Fail(a.Expr.Range(), "Invalid date", "%v.", err)
	}
	return day
}

// ParseDay reads the date of an attribute, a column or a flag of that name.
func ParseDay(text, name string) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, text, time.Local)
	if err != nil {
		which := "last"
		if strings.TrimLeft(name, "-") == "starts" {
			which = "first"
		}
		return time.Time{}, fmt.Errorf(`%s: %q is not a date: write the %s day that it holds as "2027-03-31"`, name, text, which)
	}
	return day, nil
}

// checkDates returns an error if there is no day on which it holds.
func (in *Intentional) checkDates() error {
	if in.Starts.IsZero() || in.Expires.IsZero() || !in.Expires.Before(in.Starts) {
		return nil
	}
	return fmt.Errorf("it never holds: it expires %s, before it starts %s", in.Expires.Format(time.DateOnly), in.Starts.Format(time.DateOnly))
}

// accepted reads the values that an accepted discrepancy is pinned to.
func (l *loader) accepted(b *hcl.Block, attrs hcl.Attributes) []Accepted {
	pinned := false
	if a, ok := attrs["pin"]; ok {
		v, _ := l.Constant(a.Expr, catalog.Bool, `"pin"`)
		pinned = v.Bool()
	}
	a, recorded := attrs["accepted"]
	if pinned && !recorded && attrs["skus_file"] == nil && attrs["status"] == nil {
		l.Fail(b.DefRange, "Nothing to pin to", `With pin = true, "accepted" holds the values that were accepted, such as { "pos.price" = "10", "store.price" = "12" }. reconcile accept writes both.`)
	}
	if _, said := attrs["pin"]; recorded && !said && attrs["status"] == nil {
		l.Fail(a.NameRange, "Not pinned", `The values in "accepted" count with pin = true alone: without it the cell stays as it is declared here, whatever they become. Add pin = true, or say pin = false if that is meant.`)
	}
	if !pinned || !recorded {
		return nil
	}
	v, ok := l.Constant(a.Expr, catalog.Map, `"accepted"`)
	if !ok {
		return nil
	}
	if len(v.Entries()) == 0 && attrs["skus_file"] == nil && attrs["status"] == nil {
		l.Fail(a.Expr.Range(), "Nothing to pin to", `"accepted" holds no value, so that the cell would stay as it is declared here, whatever the values become. Write those that were accepted, such as { "pos.price" = "10" }, or take pin and accepted out.`)
	}
	values, err := acceptedOf(v.Entries())
	if err != nil {
		l.Fail(a.Expr.Range(), "Not a field", "%v.", err)
	}
	return values
}

// Is reports whether a value is the one that was accepted. A number is, however it is written.
func (a *Accepted) Is(v catalog.Value) bool { return a.written(v.Type()) == v.Text() }

// written returns the text as values of that type are written: 3 for 3.00.
func (a *Accepted) written(t catalog.Type) string {
	if t == catalog.Number {
		if d, err := catalog.ParseDecimal(a.Text); err == nil {
			return catalog.NumberValue(d).Text()
		}
	}
	return a.Text
}

// parseAccepted reads recorded values that are written as options are, pos.price:10|store.price:12, but that white space
// counts.
func parseAccepted(text string) ([]Accepted, error) {
	values := make([]Accepted, 0, 2)
	for more := true; more; {
		var name, value string
		name, text, more = cutUnescaped(text, ':')
		if !more {
			return nil, fmt.Errorf("%q has no colon: accepted values read pos.price:10|store.price:12", name)
		}
		value, text, more = cutUnescaped(text, '|')
		a, err := acceptedValue(name, value)
		if err != nil {
			return nil, err
		}
		values = append(values, a)
	}
	return values, nil
}

// cutUnescaped cuts s at the first separator that has no backslash before it, and takes the backslashes out of what
// stands before.
func cutUnescaped(s string, separator byte) (before, after string, found bool) {
	at := strings.IndexByte(s, separator)
	if slash := strings.IndexByte(s, '\\'); slash < 0 || at >= 0 && at < slash {
		if at < 0 {
			return s, "", false
		}
		return s[:at], s[at+1:], true
	}
	var plain []byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			plain = append(plain, s[i])
		case c == separator:
			return string(plain), s[i+1:], true
		default:
			plain = append(plain, c)
		}
	}
	return string(plain), "", false
}

// acceptedOf reads recorded values by their names.
func acceptedOf(entries []catalog.Entry) ([]Accepted, error) {
	var values []Accepted
	for _, e := range entries {
		a, err := acceptedValue(e.Key, e.Value)
		if err != nil {
			return nil, err
		}
		values = append(values, a)
	}
	return values, nil
}

// name returns what acceptedValue takes the value by.
func (a *Accepted) name() string { return a.Side.String() + "." + a.Field }

// acceptedValue reads one recorded value, named like pos.price.
func acceptedValue(name, text string) (Accepted, error) {
	of, field, _ := strings.Cut(name, ".")
	side, ok := verdict.SideNamed(of)
	if !ok || field == "" {
		return Accepted{}, fmt.Errorf("%q names no field: accepted values are named like pos.price", name)
	}
	a := Accepted{Side: side, Field: field, Text: text}
	if number, currency, marked := strings.Cut(text, " "); marked && catalog.UnitOf(field) == catalog.Money {
		if a.Currency, ok = catalog.ValidCurrency(currency); !ok {
			return Accepted{}, fmt.Errorf("%s is %q, and a price is a number, with the code of its currency behind it if that is known: 12.5 CAD", name, text)
		}
		a.Text = number
	}
	return a, nil
}

// value returns what acceptedValue takes the value by.
func (a *Accepted) value() string {
	if a.Currency == "" {
		return a.Text
	}
	return a.Text + " " + string(a.Currency)
}
