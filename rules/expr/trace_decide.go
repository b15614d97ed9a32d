package expr

// decided returns the places of the parts that made the value what it is; see Trace.Decided.
func (n *Trace) decided() []int {
	switch {
	case n.Kind == Conditional:
		return n.chosen()
	case n.Kind == Comparison && !n.Null && n.nullTest():
		return n.places(func(p *Trace) bool { return !p.isNullLiteral() })
	case n.Kind == Call && n.Function.takes != nil && !n.Null:
		return []int{n.Function.takes(n.Parts)}
	case n.Null:
		return n.places(func(p *Trace) bool { return p.Null })
	case n.Kind == Logic && n.Value.Bool() == (n.Op == "||"):
		first := n.places(func(p *Trace) bool { return !p.Null && p.Value.Bool() == n.Value.Bool() })
		return first[:1]
	}
	return n.places(func(*Trace) bool { return true })
}

func (n *Trace) places(where func(*Trace) bool) []int {
	var list []int
	for i, p := range n.Parts {
		if where(p) {
			list = append(list, i)
		}
	}
	return list
}

// chosen returns the condition of ?: and the result that it chose. A null condition chooses none.
func (n *Trace) chosen() []int {
	switch cond := n.Parts[0]; {
	case cond.Null:
		return []int{0}
	case cond.Value.Bool():
		return []int{0, 1}
	}
	return []int{0, 2}
}

// nullTest reports whether a comparison asks if a value is null.
func (n *Trace) nullTest() bool { return n.Parts[0].isNullLiteral() || n.Parts[1].isNullLiteral() }

func (n *Trace) isNullLiteral() bool {
	for n.Kind == Parentheses {
		n = n.Parts[0]
	}
	return n.Kind == Literal && n.Null
}

// Causes returns the steps that a null began with, each once: fields that are unknown, and operations that have no
// result for the values that they got. It returns nil where the value is not null.
func (n *Trace) Causes() []*Trace {
	if !n.Null {
		return nil
	}
	var causes []*Trace
	seen := map[Ref]bool{}
	var follow func(*Trace)
	follow = func(n *Trace) {
		began := true
		for _, i := range n.Decided {
			if n.Parts[i].Null {
				began = false
				follow(n.Parts[i])
			}
		}
		if !began {
			return
		}
		if n.Ref != nil {
			field := Ref{Side: n.Ref.Side, Field: n.Ref.Field}
			if seen[field] {
				return
			}
			seen[field] = true
		}
		causes = append(causes, n)
	}
	follow(n)
	return causes
}
