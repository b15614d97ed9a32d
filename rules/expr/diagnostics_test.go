package expr

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// written writes diagnostics as "range summary: detail", warnings marked.
func written(diags hcl.Diagnostics) []string {
	var lines []string
	for _, d := range diags {
		line := place(*d.Subject) + " " + d.Summary + ": " + d.Detail
		if d.Severity == hcl.DiagWarning {
			line = "warning " + line
		}
		if d.Expression != nil || d.EvalContext != nil {
			line += " (prints values)"
		}
		lines = append(lines, line)
	}
	return lines
}

func TestDiagnostics(t *testing.T) {
	// Each expectation is a place, a summary, and a part of the detail behind "…".
	groups := map[string]map[string][]string{
		"names": {
			`pos.pric`:                  {`1:1-1:9 Unknown field: The source of "pos" has no field "pric". Did you mean "price"? There are: sku, name,…`},
			`store.sale_price`:          {`1:1-1:17 Unknown field: …There are: pending, variation, options,…`},
			`pos["prize"]`:              {`1:1-1:13 Unknown field: …Did you mean "price"?…`},
			`pos.pending`:               {`1:1-1:12 Unknown field: The source of "pos" has no field "pending". Where fields are read from columns, the one for it is missing or has another name: add it, or map it in the source block. There are: …`},
			`item.sku`:                  {`1:1-1:5 Unknown name: There is nothing named "item" here. What can be used: pos.NAME, store.NAME, local.NAME.…`},
			`stor.sku`:                  {`1:1-1:5 Unknown name: …Did you mean "store"?…`},
			`name == store.name`:        {`1:1-1:5 Unknown name: …Did you mean "pos.name"?…`},
			`pending == 1`:              {`1:1-1:8 Unknown name: …Did you mean "store.pending"?…`},
			`fender`:                    {`1:1-1:7 Unknown name: …put it in quotes: "fender".…`},
			`pos`:                       {`1:1-1:4 Name is incomplete: "pos" stands for the item; name a field of it, for example pos.price.…`},
			`pos[0]`:                    {`1:1-1:7 Name is incomplete: …`},
			`local`:                     {`1:1-1:6 Name is incomplete: …`},
			`local.curency`:             {`1:1-1:14 Unknown local value: No locals block defines "curency". Did you mean "currency"? There are: brands, broken,…`},
			`local.broken + "x"`:        {`1:16-1:19 Wrong type: An operand of + must be a number; …`},
			`lowr(pos.name)`:            {`1:1-1:5 Unknown function: There is no function "lowr". Did you mean "lower"?…`},
			`lenght(pos.name)`:          {`1:1-1:7 Unknown function: …Did you mean "length"?…`},
			`provider::x::f(1)`:         {`1:1-1:15 Unknown function: There are no functions with "::"…`},
			`pos.pric == store.nam`:     {`1:1-1:9 Unknown field: …`, `1:13-1:22 Unknown field: …`},
			`lower(pos.nam) == 1`:       {`1:7-1:14 Unknown field: …`, `1:1-1:20 Comparison of different types: …`},
			`pos.nam + 1 == "a" && 1`:   {`1:1-1:8 Unknown field: …`, `1:1-1:19 Comparison of different types: …`, `1:23-1:24 Wrong type: …`},
			`coalesce(pos.nam, 1) == 2`: {`1:10-1:17 Unknown field: …`},
		},
		"types": {
			`pos.price == "10"`:                  {`1:1-1:18 Comparison of different types: A number is never equal to a string. Write the number without quotes: 10.…`},
			`"x" != pos.price`:                   {`1:1-1:17 Comparison of different types: A string is never equal to a number. Write a number, without quotes and without a unit.…`},
			`pos.price == ""`:                    {`1:1-1:16 Comparison of different types: A number is never equal to a string. A number that is missing is null: compare with null.…`},
			`pos.name == pos.price`:              {`1:1-1:22 Comparison of different types: …Use tonumber to read a number from the text.…`},
			`0 < pos.price < 5`:                  {`1:1-1:14 Wrong type: …Write each comparison by itself: a < b && b < c.…`},
			`"pos.price > 1" && true`:            {`1:1-1:16 Wrong type: …If it is meant as a condition, leave out the quotes around it.…`},
			`lower(2027-03-31) == "a"`:           {`1:7-1:17 Wrong type: …If it is meant as a text, put it in quotes.…`},
			`contains(pos.name, pos.variation)`:  {`1:10-1:33 Wrong order: The arguments stand the other way round: contains(in list(string)|string, what string) bool.`},
			`regex(pos.name, "a") == ""`:         {`1:7-1:20 Wrong order: …regex(pattern string, text string) string.`},
			`substr(pos.name, 0, 3) == ""`:       {`1:1-1:7 Unknown function: There is no function "substr". Here regex("^.{0,3}", text)…`},
			`lowr(pos.name) == ""`:               {`1:1-1:5 Unknown function: There is no function "lowr". Did you mean "lower"?…`},
			`pos.sku == 10`:                      {`1:1-1:14 Comparison of different types: …Write it in quotes: "10".…`},
			`pos.visible == "true"`:              {`1:1-1:22 Comparison of different types: …Write it without quotes: true.…`},
			`pos.variation == "a"`:               {`1:1-1:21 Comparison of different types: A list(string) is never equal to a string. To look for an item in the list, use contains(list, text).…`},
			`pos.options == "M"`:                 {`1:1-1:19 Comparison of different types: …["Size"]…`},
			`pos.name < store.name`:              {`1:1-1:9 Wrong type: An operand of < must be a number; this is a string. Use tonumber…`, `1:12-1:22 Wrong type: …`},
			`pos.qoh >= "3"`:                     {`1:12-1:15 Wrong type: …Write the number without quotes: 3.…`},
			`pos.name + pos.sku`:                 {`1:1-1:19 Wrong type: …write them into one: "${a}${b}".…`},
			`pos.name * 2`:                       {`1:1-1:9 Wrong type: An operand of * must be a number; this is a string.…`},
			`!pos.name`:                          {`1:2-1:10 Wrong type: The operand of ! must be a bool; this is a string. Compare it…`},
			`-pos.visible`:                       {`1:2-1:13 Wrong type: …`},
			`pos.name && pos.qoh`:                {`1:1-1:9 Wrong type: An operand of && must be a bool; …`, `1:13-1:20 Wrong type: …Compare it, for example with != 0.…`},
			`regex("a", pos.name) || false`:      {`1:1-1:21 Wrong type: …use matches(pattern, text).…`},
			`(regex("a", pos.name)) || false`:    {`1:1-1:23 Wrong type: …use matches(pattern, text).…`},
			`pos.visible ? 1 : "a"`:              {`1:1-1:22 Results of different types: The two results must have one type; the first is a number, the second a string.…`},
			`pos.visible ? "a" : null`:           {`1:21-1:25 Unexpected null: The other result is a string, which cannot be null. Write "".…`},
			`pos.visible ? null : []`:            {`1:15-1:19 Unexpected null: …Write [].…`},
			`pos.qoh ? 1 : 2`:                    {`1:1-1:8 Wrong type: The condition before ? must be a bool; …`},
			`"a${pos.variation}"`:                {`1:5-1:18 List in a template: …`},
			`"a${pos.options}"`:                  {`1:5-1:16 Map in a template: …`},
			`[1, "a", pos.qoh]`:                  {`1:2-1:3 Wrong type: An item of a list must be a string; this is a number. Write it in quotes: "1".…`, `1:10-1:17 Wrong type: …Use tostring…`},
			`{ a = 1 }`:                          {`1:7-1:8 Wrong type: A value of a map must be a string; …`},
			`{ a = "x", "a" = "y" }`:             {`1:12-1:15 Key given twice: …`},
			`pos.name.length`:                    {`1:1-1:16 No such attribute: This is a string, which has no attributes;…`},
			`pos.variation.Size`:                 {`1:1-1:19 No such attribute: This is a list(string), whose items are numbered from 0…`},
			`pos.name[0]`:                        {`1:1-1:12 Invalid index: This is a string; only lists and maps can be indexed.…`},
			`pos.variation["0"]`:                 {`1:14-1:19 Wrong type: The index of a list must be a number; …`},
			`pos.options[pos.qoh]`:               {`1:13-1:20 Wrong type: The key of a map must be a string; this is a number. Use tostring…`},
			`pos.options.1`:                      {`1:12-1:14 Wrong type: …`},
			`lower(pos.name).size`:               {`1:1-1:21 No such attribute: …`},
			`1e9999`:                             {`1:1-1:7 Number out of range: The number has too many digits.…`},
			`lower(pos.qoh)`:                     {`1:7-1:14 Wrong type: Argument "text" of lower must be a string; this is a number. Use tostring…`},
			`contains(pos.qoh, "a")`:             {`1:10-1:17 Wrong type: Argument "in" of contains must be a list(string) or string; this is a number.…`},
			`coalesce(pos.upc, pos.qoh)`:         {`1:19-1:26 Wrong type: The arguments of coalesce must have one type; this is a number, the first a string.…`},
			`lower()`:                            {`1:1-1:8 Too few arguments: Its form is lower(text string) string.…`},
			`coalesce()`:                         {`1:1-1:11 Too few arguments: …`},
			`lower("a", pos.name, 3)`:            {`1:12-1:23 Too many arguments: The form of lower is lower(text string) string.…`},
			`round(1, "2")`:                      {`1:10-1:13 Wrong type: …Write the number without quotes: 2.…`},
			`regex(pos.name, pos.sku)`:           {`1:7-1:15 Constant needed: …`},
			`matches("a(", pos.sku)`:             {`1:9-1:13 Invalid regular expression: The pattern does not follow RE2's syntax: missing closing ).…`},
			`regexreplace("[", pos.sku, "")`:     {`1:14-1:17 Invalid regular expression: …`},
			`env("HOME") == pos.name`:            {`1:1-1:12 The environment cannot be read here: Call env in a source or locals block;…`},
			"pos.name == store.name &&\n  !1":    {`2:4-2:5 Wrong type: …`},
			"<<E\na ${pos.variation}\nE\n":       {`2:5-2:18 List in a template: …`},
			`pos.visible ? pos.nam : "a" + 1`:    {`1:15-1:22 Unknown field: …`, `1:25-1:28 Wrong type: …`},
			`pos.variation[pos.nam] == 1`:        {`1:15-1:22 Unknown field: …`},
			`contains(pos.nam, pos.qoh)`:         {`1:10-1:17 Unknown field: …`, `1:19-1:26 Wrong type: …`},
			`max(1, "2")`:                        {`1:8-1:11 Wrong type: …`},
			`length(local.broken) == "1"`:        {`1:1-1:28 Comparison of different types: …`},
			`matches("[", local.broken)`:         {`1:9-1:12 Invalid regular expression: …`},
			`"%{ if pos.qoh }x%{ endif }" == ""`: {`1:8-1:15 Wrong type: …`},
		},
		"null": {
			`pos.price + null`:                         {`1:13-1:17 Unexpected null: An operand of + must be a number, not null.…`},
			`null > 1`:                                 {`1:1-1:5 Unexpected null: …`},
			`!null`:                                    {`1:2-1:6 Unexpected null: …`},
			`lower(null)`:                              {`1:7-1:11 Unexpected null: Argument "text" of lower cannot be null.…`},
			`"a${null}"`:                               {`1:5-1:9 Null in a template: …`},
			`[null]`:                                   {`1:2-1:6 Unexpected null: …`},
			`null.a`:                                   {`1:1-1:7 No such attribute: null has no attributes.…`},
			`pos.name == null`:                         {`warning 1:1-1:17 Condition can never be true: A string is never null: an absent one is "". Compare it with "" instead.…`},
			`null != pos.variation`:                    {`warning 1:1-1:22 Condition is always true: A list is never null: …`},
			`pos.options == null && pos.visible`:       {`warning 1:1-1:20 Condition can never be true: A map is never null: …`},
			`pos.options.Size == null`:                 {`warning 1:1-1:25 Condition can never be true: …`},
			`(pos.price == null) == null`:              {`warning 1:1-1:28 Condition can never be true: This value is never null.…`},
			`pos.visible && null == null`:              {`warning 1:16-1:28 Condition is always true: Both sides are null.…`},
			`pos.visible || null != null`:              {`warning 1:16-1:28 Condition can never be true: …`},
			`null == null`:                             nil, // constant as a whole: the caller warns
			`"a" == null || 1 == 2`:                    nil,
			`"${pos.price}x" == null`:                  nil,
			`pos.price == null || pos.visible != null`: nil,
			`coalesce(pos.sale_price, 1) == null`:      {`warning 1:1-1:36 Condition can never be true: …`},
		},
		"unsupported syntax": {
			`[for v in pos.variation : lower(v)]`:          {`1:1-1:36 For expressions are not supported: …`},
			`{ for k, v in pos.options : k => v }`:         {`1:1-1:37 For expressions are not supported: …`},
			`pos.variation[*].x`:                           {`1:1-1:19 Splat expressions are not supported: …`},
			`pos.variation.*.x`:                            {`1:1-1:18 Splat expressions are not supported: …`},
			`"%{ for v in pos.variation }${v}%{ endfor }"`: {`1:2-1:44 For directives are not supported: …`},
			`max(pos.variation...)`:                        {`1:1-1:22 Argument expansion is not supported: …`},
			`[["a"]]`:                                      {`1:2-1:7 Wrong type: …`},
			`[for v in pos.nam : v] == store.nam`:          {`1:1-1:23 For expressions are not supported: …`, `1:27-1:36 Unknown field: …`},
		},
	}
	for name, group := range groups {
		t.Run(name, func(t *testing.T) {
			for src, want := range group {
				e, diags := Compile(parse(t, src), ruleScope())
				var got []string
				for i, line := range written(diags) {
					if i < len(want) {
						line = abridged(line, want[i])
					}
					got = append(got, line)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", src, diff)
				}
				if diags.HasErrors() && e.Type() != catalog.Invalid {
					t.Errorf("%s: has the type %s in spite of an error", src, e.Type())
				}
			}
		})
	}
}

// abridged returns want if the line has its parts, which "…" separates, in this order.
func abridged(line, want string) string {
	rest := line
	for i, part := range strings.Split(want, "…") {
		at := strings.Index(rest, part)
		if at < 0 || i == 0 && at > 0 {
			return line
		}
		rest = rest[at+len(part):]
	}
	return want
}

func TestUnknownSchema(t *testing.T) {
	scope := ruleScope()
	scope.Sides[1].Schema = nil
	for src, want := range map[string]catalog.Type{
		`store.anything`: catalog.Invalid, `store.x == "1" && store.x == 1`: catalog.Bool, `store.x[0].y`: catalog.Invalid, `"${store.x} y"`: catalog.String,
		`pos.name != store.name && store.name == "${pos.name} ${pos.sku}"`: catalog.Bool, `store.x + 1`: catalog.Number, `coalesce(store.x)`: catalog.Invalid,
		`coalesce(store.x, 1)`: catalog.Number, `store.x ? 1 : 2`: catalog.Number, `pos.visible ? store.x : "a"`: catalog.String, `[store.x]`: catalog.List,
		`{ (store.x) = store.y }`: catalog.Map, `contains(store.x, "a")`: catalog.Bool, `length(store.x)`: catalog.Number, `round(store.x, store.y)`: catalog.Number,
		`store.x == null`: catalog.Bool, `!store.x`: catalog.Bool, `-store.x`: catalog.Number, `tostring(store.x)`: catalog.String, `max(store.x, 2) < 1`: catalog.Bool,
		`lower(store.x) == lower(store.y)`: catalog.Bool, `sort(store.x) == store.y`: catalog.Bool, `"${store.x}!" == null`: catalog.Bool, `pos.options[store.x]`: catalog.Invalid,
	} {
		e, diags := Compile(parse(t, src), scope)
		if len(diags) > 0 {
			t.Errorf("%s: %v", src, written(diags))
		}
		if e.Type() != want {
			t.Errorf("%s: got type %s, want %s", src, e.Type(), want)
		}
		var f Frame
		if _, known := e.Bool(&f); known {
			t.Errorf("%s: has a value", src)
		}
		e.Str(&f)
		e.Number(&f)
		e.Value(&f)
		if len(e.Fields()) == 0 {
			t.Errorf("%s: has no fields", src)
		}
	}
	t.Run("what does not hang on the fields is checked", func(t *testing.T) {
		for src, want := range map[string]string{
			`(store.x == 1) + 1`:          `1:1-1:15 Wrong type`,
			`matches("(", store.x)`:       `1:9-1:12 Invalid regular expression`,
			`regex("a", store.x) && true`: `1:1-1:20 Wrong type: An operand of && must be a bool; this is a string. To test whether a text matches a pattern, use matches(pattern, text).`,
			`store.x == pos.nam`:          `1:12-1:19 Unknown field`,
			`upper(store.x) == 1`:         `1:1-1:20 Comparison of different types`,
		} {
			_, diags := Compile(parse(t, src), scope)
			if got := strings.Join(written(diags), "\n"); !strings.HasPrefix(got, want) {
				t.Errorf("%s: got %s, want %s", src, got, want)
			}
		}
	})
}

func TestRequire(t *testing.T) {
	for src, want := range map[string]string{
		`pos.visible`:          "",
		`pos.name`:             `1:1-1:9 Wrong type: A rule's condition must be a bool; this is a string. Compare it, for example with == or !=; != "" says whether there is a text.`,
		`regex("a", pos.name)`: `1:1-1:21 Wrong type: A rule's condition must be a bool; this is a string. To test whether a text matches a pattern, use matches(pattern, text).`,
		`null`:                 `1:1-1:5 Unexpected null: A rule's condition must be a bool, not null.`,
		`local.broken`:         "",
	} {
		e, _ := Compile(parse(t, src), ruleScope())
		if got := strings.Join(written(e.Require(catalog.Bool, "a rule's condition")), "\n"); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", src, got, want)
		}
	}
}
