package rules

import (
	"encoding/csv"
	"fmt"
	"io"
	"time"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Acceptance is a discrepancy that somebody accepts.
type Acceptance struct {
	SKU    string         // as blocks of the reconciliation name the item
	Rule   string         // its code; "" where an item of one side is accepted
	Status verdict.Status // of that item
	Values []Accepted
}

// What returns what is accepted of the item, as people name it: a rule's code, or a status.
func (a *Acceptance) What() string {
	if a.Rule != "" {
		return a.Rule
	}
	return a.Status.String()
}

// Terms are what acceptances are given with.
type Terms struct {
	Reconciliation  string // that they are about
	Reason, Owner   string
	Starts, Expires time.Time // zero: at once, and for ever
	Pin             bool      // they hold only as long as the values stay
}

// AcceptedBlock returns an intentional block for one acceptance, as text. name is one that no block has.
func AcceptedBlock(name string, a Acceptance, terms Terms) []byte {
	file := hclwrite.NewEmptyFile()
	body := file.Body().AppendNewBlock("intentional", []string{name}).Body()
	terms.writeScope(body)
	if a.Rule != "" {
		body.SetAttributeValue("rules", oneText(a.Rule))
	} else {
		body.SetAttributeValue("status", oneText(a.Status.String()))
	}
	body.SetAttributeValue("skus", oneText(a.SKU))
	if terms.Pin && a.Rule != "" {
		values := map[string]cty.Value{}
		for _, v := range a.Values {
			values[v.name()] = cty.StringVal(v.value())
		}
		body.SetAttributeValue("pin", cty.True)
		body.SetAttributeValue("accepted", cty.ObjectVal(values))
	}
	terms.write(body)
	return hclwrite.Format(file.Bytes())
}

// BaselineBlock returns an intentional block, as text, for many acceptances that stand in a file of their own.
func BaselineBlock(name, file string, terms Terms) []byte {
	f := hclwrite.NewEmptyFile()
	body := f.Body().AppendNewBlock("intentional", []string{name}).Body()
	terms.writeScope(body)
	body.SetAttributeValue("skus_file", cty.StringVal(file))
	terms.write(body)
	return hclwrite.Format(f.Bytes())
}

func oneText(s string) cty.Value { return cty.TupleVal([]cty.Value{cty.StringVal(s)}) }

func (t Terms) writeScope(body *hclwrite.Body) {
	if t.Reconciliation != "" {
		body.SetAttributeValue("reconciliations", oneText(t.Reconciliation))
	}
}

func (t Terms) write(body *hclwrite.Body) {
	body.SetAttributeValue("reason", cty.StringVal(t.Reason))
	if t.Owner != "" {
		body.SetAttributeValue("owner", cty.StringVal(t.Owner))
	}
	if !t.Starts.IsZero() {
		body.SetAttributeValue("starts", cty.StringVal(t.Starts.Format(time.DateOnly)))
	}
	if !t.Expires.IsZero() {
		body.SetAttributeValue("expires", cty.StringVal(t.Expires.Format(time.DateOnly)))
	}
}

// WriteBaseline writes acceptances as a skus_file.
func WriteBaseline(w io.Writer, list []Acceptance, pin bool) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"sku", "rules", "status", "accepted"}); err != nil {
		return fmt.Errorf("write the accepted values: %w", err)
	}
	for _, a := range list {
		values := ""
		if pin {
			var entries []catalog.Entry
			for _, v := range a.Values {
				entries = append(entries, catalog.Entry{Key: v.name(), Value: v.value()})
			}
			values = catalog.FormatOptions(entries)
		}
		status := ""
		if a.Rule == "" {
			status = a.Status.String()
		}
		if err := out.Write([]string{a.SKU, a.Rule, status, values}); err != nil {
			return fmt.Errorf("write the accepted values: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the accepted values: %w", err)
	}
	return nil
}

// FreeNames returns a function that makes names that no intentional block has, each once: the given one, with a number behind it
// if it is taken.
func (c *Config) FreeNames() func(name string) string {
	taken := map[string]bool{}
	for _, name := range c.names { // of those, too, whose file has no line
		taken[name] = true
	}
	return func(name string) string {
		free := name
		for n := 2; taken[free]; n++ {
			free = fmt.Sprintf("%s (%d)", name, n)
		}
		taken[free] = true
		return free
	}
}
