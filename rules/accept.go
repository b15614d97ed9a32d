package rules

import (
	"encoding/csv"
	"fmt"
	"io"
	"time"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Acceptance is a discrepancy that somebody accepts.
type Acceptance struct {
	Key    string
	Rule   string // its code
	Values []Accepted
}

// Terms are what acceptances are given with.
type Terms struct {
	Reason, Owner string
	Expires       time.Time // zero: for ever
	Pin           bool      // they hold only as long as the values stay
}

// AcceptedBlock returns an intentional block for one acceptance, as text. name is one that no block has.
func AcceptedBlock(name string, a Acceptance, terms Terms) []byte {
	file := hclwrite.NewEmptyFile()
	body := file.Body().AppendNewBlock("intentional", []string{name}).Body()
	body.SetAttributeValue("rules", cty.TupleVal([]cty.Value{cty.StringVal(a.Rule)}))
	body.SetAttributeValue("skus", cty.TupleVal([]cty.Value{cty.StringVal(a.Key)}))
	if terms.Pin {
		values := map[string]cty.Value{}
		for _, v := range a.Values {
			values[v.name()] = cty.StringVal(v.Text)
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
	body.SetAttributeValue("skus_file", cty.StringVal(file))
	terms.write(body)
	return hclwrite.Format(f.Bytes())
}

func (t Terms) write(body *hclwrite.Body) {
	body.SetAttributeValue("reason", cty.StringVal(t.Reason))
	if t.Owner != "" {
		body.SetAttributeValue("owner", cty.StringVal(t.Owner))
	}
	if !t.Expires.IsZero() {
		body.SetAttributeValue("expires", cty.StringVal(t.Expires.Format(time.DateOnly)))
	}
}

// WriteBaseline writes acceptances as a skus_file.
func WriteBaseline(w io.Writer, list []Acceptance, pin bool) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"sku", "rules", "accepted"}); err != nil {
		return fmt.Errorf("write the accepted values: %w", err)
	}
	for _, a := range list {
		values := ""
		if pin {
			var entries []catalog.Entry
			for _, v := range a.Values {
				entries = append(entries, catalog.Entry{Key: v.name(), Value: v.Text})
			}
			values = catalog.FormatOptions(entries)
		}
		if err := out.Write([]string{a.Key, a.Rule, values}); err != nil {
			return fmt.Errorf("write the accepted values: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the accepted values: %w", err)
	}
	return nil
}

// FreeName returns a name that no intentional block has: the given one, with a number behind it if it is taken.
func (c *Config) FreeName(name string) string {
	taken := map[string]bool{}
	for _, in := range c.Intentional {
		taken[in.Name] = true
	}
	free := name
	for n := 2; taken[free]; n++ {
		free = fmt.Sprintf("%s (%d)", name, n)
	}
	return free
}
