package history

import (
	"cmp"
	"slices"
	"sync"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/engine/report"
)

// inParallel calls do with each number below n, all at once.
func inParallel(n int, do func(i int)) {
	var working sync.WaitGroup
	for i := range n {
		working.Go(fault.Caught(func() { do(i) }))
	}
	working.Wait()
}

// valuesOf returns, of each finding that may persist, the values that its rule reads in one of the runs, as bytes.
func (c *comparer) valuesOf(run int) ([][]byte, error) {
	r := c.runs[run]
	position := func(n int32) int32 {
		f := &c.Findings[c.same[n]]
		if run == 0 {
			return f.Before
		}
		return f.After
	}
	byPosition := make([]int32, len(c.same))
	for n := range byPosition {
		byPosition[n] = int32(n)
	}
	slices.SortFunc(byPosition, func(a, b int32) int { return cmp.Compare(position(a), position(b)) })
	var (
		list   = make([][]byte, len(c.same))
		fields = c.fieldsOf(r)
		p      = r.newPages()
		read   = &valuesDecoder{twins: r.twins}
		last   = -1
		text   []byte // of all values; what it was before it grew stays where it is
	)
	p.texts.number = -1
	for _, n := range byPosition {
		at := int(position(n))
		if number := at / blockItems; number != p.texts.number {
			if err := r.readBlock(&p.texts, number); err != nil {
				return nil, err
			}
			if err := p.readValues(c.cells[run].states[number*blockItems:][:p.texts.n]); err != nil {
				return nil, err
			}
		}
		if at != last {
			last = at
			i := at % blockItems
			var it report.Item
			if _, err := read.read(p.spans[i], &it, string(p.texts.skus.at(i)), string(p.texts.names.at(i))); err != nil {
				return nil, r.damage("%v", err)
			}
		}
		from := len(text)
		for _, f := range fields[c.Findings[c.same[n]].Rule] {
			if f.column < 0 || f.column >= len(read.rows[f.side]) {
				text = append(text, 0xff) // there is no such field in this run
				continue
			}
			text = append(text, read.rows[f.side][f.column]...)
		}
		list[n] = text[from:len(text):len(text)]
	}
	return list, nil
}

// fieldAt says where a run has a field.
type fieldAt struct{ side, column int }

// fieldsOf returns where a run has the fields that the rules read in the run after, by the rules' codes.
func (c *comparer) fieldsOf(r *Run) map[string][]fieldAt {
	fields := map[string][]fieldAt{}
	for _, rule := range c.runs[1].result.Rules {
		for _, ref := range rule.Fields {
			fields[rule.Code] = append(fields[rule.Code], fieldAt{int(ref.Side), r.twins.schemas[ref.Side].Index(ref.Field)})
		}
	}
	return fields
}
