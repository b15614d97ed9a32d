package fleet

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// Formats are the ways to show what became of shops.
var Formats = []string{"table", "json"}

// Failed counts the shops that were not compared.
func Failed(all []Outcome) (n int) {
	for _, o := range all {
		if o.Failure != "" {
			n++
		}
	}
	return n
}

// Discrepancies reports whether a shop that was compared has discrepancies.
func Discrepancies(all []Outcome) bool {
	for _, o := range all {
		if o.Discrepancies {
			return true
		}
	}
	return false
}

// Table writes a table with a line for each shop, and what they come to.
// hint returns a command that says more of a shop.
func Table(w io.Writer, all []Outcome, width int, hint func(shop string) string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "SHOP\tITEMS\tNOT SYNCHRONIZED\tNOT CHECKED\tNOT PAIRED\tNEW\t")
	var failed []Outcome
	red := 0
	for _, o := range all {
		c := o.Counts
		switch {
		case o.Failure != "":
			failed = append(failed, o)
			fmt.Fprintf(t, "%s\t-\t-\t-\t-\t-\tfailed\n", o.Shop)
			continue
		case o.Discrepancies:
			red++
		}
		fresh := "-"
		if o.Run != "" {
			fresh = fmt.Sprint(c.New)
		}
		mark := ""
		if o.Nothing != "" {
			mark = "nothing was compared: " + o.Nothing
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%s\t%s\n", o.Shop, c.Items, c.NotSynchronized, c.NotChecked, c.NotPaired, fresh, mark)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(failed) > 0 {
		fmt.Fprintln(w)
	}
	for _, o := range failed {
		fmt.Fprintf(w, "%s: %s\n", o.Shop, indented(o.Failure, width-2))
	}
	well := len(all) - red - len(failed)
	_, err := fmt.Fprintf(w, "\n%d %s: %d %s a person, %d failed, %d %s in order.\n", len(all), word(len(all), "shop", "shops"), red, word(red, "needs", "need"),
		len(failed), well, word(well, "is", "are"))
	if i := slices.IndexFunc(all, func(o Outcome) bool { return o.Failure == "" && o.Discrepancies }); i >= 0 && err == nil {
		_, err = fmt.Fprintf(w, "What is wrong in a shop: %s\n", hint(all[i].Shop))
	}
	return err
}

func word(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// indented cuts a text at blanks into lines of at most so many characters, those after the first begin with two blanks.
func indented(text string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > max(width, 40) {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return strings.Join(append(lines, line), "\n  ")
}

// shopFormat is the version of what JSON writes. Within a version the object only grows.
const shopFormat = "1"

type shownFleet struct {
	FormatVersion string      `json:"format_version"`
	Shops         []shownShop `json:"shops"`
	Warnings      []string    `json:"warnings,omitempty"` // that are about no single shop
}

type shownShop struct {
	Shop          string        `json:"shop"`
	Compared      bool          `json:"compared"`
	Failure       string        `json:"failure,omitempty"`
	Discrepancies bool          `json:"discrepancies"`
	Nothing       string        `json:"nothing_compared,omitempty"`
	Run           string        `json:"run,omitempty"`
	Counts        *store.Counts `json:"counts,omitempty"`
	Warnings      []string      `json:"warnings,omitempty"`
	Seconds       float64       `json:"seconds"`
}

// JSON writes what became of the shops as a JSON object.
func JSON(w io.Writer, all []Outcome) error {
	shown := shownFleet{FormatVersion: shopFormat, Shops: []shownShop{}, Warnings: Unused(all)}
	for _, o := range all {
		s := shownShop{Shop: o.Shop, Compared: o.Failure == "", Failure: o.Failure, Discrepancies: o.Discrepancies, Nothing: o.Nothing, Run: o.Run, Warnings: o.Warnings, Seconds: o.Took.Seconds()}
		if s.Compared {
			s.Counts = &o.Counts
		}
		shown.Shops = append(shown.Shops, s)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(shown)
}
