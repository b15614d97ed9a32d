package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVariation(t *testing.T) {
	for _, c := range []struct {
		name     string
		variants [][]Entry
		want     []string
	}{
		{"nothing added", nil, nil},
		{"variants without options", [][]Entry{nil, {}}, nil},
		{"values sorted and distinct", [][]Entry{{{"Size", "M"}}, {{"Size", "L"}}, {{"Size", "M"}}}, []string{"Size=L|M"}},
		{"entries sorted, whatever the order of adding",
			[][]Entry{{{"Size", "M"}, {"Color", "Red"}}, {{"Color", "Blue"}, {"Size", "L"}}},
			[]string{"Color=Blue|Red", "Size=L|M"}},
		{"an option that only some variants have", [][]Entry{{{"Size", "M"}}, {{"Color", "Red"}}}, []string{"Color=Red", "Size=M"}},
		{"sorted before they are escaped", [][]Entry{{{"A|", "1"}}, {{"AB", "1"}}}, []string{"AB=1", `A\|=1`}},
		{"escapes", [][]Entry{{{`a=b`, `1|2`}}, {{`a=b`, `\`}}}, []string{`a\=b=1\|2|\\`}},
		{"an empty value counts", [][]Entry{{{"Size", ""}}, {{"Size", "M"}}}, []string{"Size=|M"}},
		{"one value in two Unicode forms", [][]Entry{{{"Taille", "é"}}, {{"Taille", "e\u0301"}}}, []string{"Taille=é"}},
		{"case counts", [][]Entry{{{"Size", "m"}}, {{"Size", "M"}}}, []string{"Size=M|m"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b VariationBuilder
			for _, options := range c.variants {
				b.Add(options)
			}
			if diff := cmp.Diff(c.want, b.List()); diff != "" {
				t.Errorf("List() (-want +got):\n%s", diff)
			}
		})
	}
}
