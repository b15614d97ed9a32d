package expr

import (
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/apparentlymart/go-textseg/v15/textseg"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// inPlain has functions a second time, written down in plain: boxed values, Go's own functions for texts, numbers as pairs
// of big integers. A function need not be here; one that is must give the same as its compiled calls. Those that make the
// result null for a null argument, as the table says of them, are never called with one.
var inPlain = map[string]func(args []unknownOr) unknownOr{
	"lower":      func(v []unknownOr) unknownOr { return text(strings.ToLower(v[0].Str())) },
	"upper":      func(v []unknownOr) unknownOr { return text(strings.ToUpper(v[0].Str())) },
	"trimspace":  func(v []unknownOr) unknownOr { return text(strings.TrimSpace(v[0].Str())) },
	"trimprefix": func(v []unknownOr) unknownOr { return text(strings.TrimPrefix(v[0].Str(), v[1].Str())) },
	"trimsuffix": func(v []unknownOr) unknownOr { return text(strings.TrimSuffix(v[0].Str(), v[1].Str())) },
	"startswith": func(v []unknownOr) unknownOr { return truth(strings.HasPrefix(v[0].Str(), v[1].Str())) },
	"endswith":   func(v []unknownOr) unknownOr { return truth(strings.HasSuffix(v[0].Str(), v[1].Str())) },
	"replace":    func(v []unknownOr) unknownOr { return text(strings.ReplaceAll(v[0].Str(), v[1].Str(), v[2].Str())) },
	"matches":    func(v []unknownOr) unknownOr { return truth(regexp.MustCompile(v[0].Str()).MatchString(v[1].Str())) },
	"join":       func(v []unknownOr) unknownOr { return text(strings.Join(v[1].List(), v[0].Str())) },
	"tostring":   func(v []unknownOr) unknownOr { return text(v[0].Text()) },
	"min":        func(v []unknownOr) unknownOr { return slices.MinFunc(v, compareNumbers) },
	"max":        func(v []unknownOr) unknownOr { return slices.MaxFunc(v, compareNumbers) },
	"floor":      func(v []unknownOr) unknownOr { return num2(v[0].Number().Floor()) },
	"ceil":       func(v []unknownOr) unknownOr { return num2(v[0].Number().Ceil()) },
	"regexreplace": func(v []unknownOr) unknownOr {
		return text(regexp.MustCompile(v[0].Str()).ReplaceAllString(v[1].Str(), v[2].Str()))
	},
	"contains": func(v []unknownOr) unknownOr {
		if v[0].Type() == catalog.List {
			return truth(slices.Contains(v[0].List(), v[1].Str()))
		}
		return truth(strings.Contains(v[0].Str(), v[1].Str()))
	},
	"regex": func(v []unknownOr) unknownOr {
		found := regexp.MustCompile(v[0].Str()).FindStringSubmatch(v[1].Str())
		if found == nil {
			return text("")
		}
		return text(found[min(1, len(found)-1)])
	},
	"split": func(v []unknownOr) unknownOr {
		if v[1].Str() == "" {
			return known(catalog.ListValue(nil))
		}
		return known(catalog.ListValue(strings.Split(v[1].Str(), v[0].Str())))
	},
	"sort": func(v []unknownOr) unknownOr {
		return known(catalog.ListValue(slices.Sorted(slices.Values(v[0].List()))))
	},
	"distinct": func(v []unknownOr) unknownOr {
		var list []string
		for _, item := range v[0].List() {
			if !slices.Contains(list, item) {
				list = append(list, item)
			}
		}
		return known(catalog.ListValue(list))
	},
	"keys":   func(v []unknownOr) unknownOr { return ofEntries(v[0], func(e catalog.Entry) string { return e.Key }) },
	"values": func(v []unknownOr) unknownOr { return ofEntries(v[0], func(e catalog.Entry) string { return e.Value }) },
	"length": func(v []unknownOr) unknownOr {
		n := len(v[0].List()) + len(v[0].Entries())
		if v[0].Type() == catalog.String {
			n, _ = textseg.TokenCount([]byte(v[0].Str()), textseg.ScanGraphemeClusters)
		}
		return num2(catalog.Int(int64(n)))
	},
	"tonumber": func(v []unknownOr) unknownOr {
		d, err := catalog.ParseDecimal(v[0].Str())
		if err != nil {
			return unknownValue
		}
		return num2(d)
	},
	"abs": func(v []unknownOr) unknownOr {
		d := v[0].Number()
		if d.Sign() < 0 {
			d = bigOp(catalog.Int(0), d, (*big.Int).Sub)
		}
		return num2(d)
	},
	"round": func(v []unknownOr) unknownOr {
		digits := 0
		if len(v) > 1 {
			whole, ok := v[1].Number().Whole()
			if !ok {
				return unknownValue
			}
			digits = max(-roundLimit, min(roundLimit, whole))
		}
		return num2(v[0].Number().Round(digits))
	},
	"coalesce": func(v []unknownOr) unknownOr {
		for _, one := range v {
			empty := one.Str() == "" && len(one.List()) == 0 && len(one.Entries()) == 0 && !one.Type().Nullable()
			if !one.unknown && !empty {
				return one
			}
		}
		return v[len(v)-1]
	},
}

func ofEntries(v unknownOr, of func(catalog.Entry) string) unknownOr {
	var list []string
	for _, entry := range v.Entries() {
		list = append(list, of(entry))
	}
	return known(catalog.ListValue(list))
}
