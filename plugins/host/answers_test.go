package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/proto"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// bulkyArg makes the test's program a connector that answers at length.
const bulkyArg = "serve-bulky"

type bulky struct {
	Problems int64 `setting:"problems" doc:"How many problems it has with its configuration."`
	Warnings int64 `setting:"warnings" doc:"How many of the others are warnings."`
}

func serveBulky() {
	sdk.Serve(sdk.Connector{Name: "bulky", Version: "1", New: func() sdk.Source { return &bulky{} }})
}

func (b *bulky) Configure(context.Context) error {
	var all []error
	for i := range b.Problems + b.Warnings {
		all = append(all, &sdk.SettingError{Path: []string{"problems"}, Summary: fmt.Sprintf("problem %d", i), Detail: strings.Repeat("x", 10000), Warning: i < b.Warnings})
	}
	return errors.Join(all...)
}

func (*bulky) Check(context.Context) (facts []sdk.Fact, err error) {
	for i := range maxFacts + 5 {
		facts = append(facts, sdk.Fact{Name: fmt.Sprintf("fact %d", i), Value: "so it is"})
	}
	return facts, nil
}

func (*bulky) Schema(context.Context) (fields []sdk.Field, err error) {
	for i := range 300 {
		fields = append(fields, sdk.Field{Name: fmt.Sprintf("field_%d", i), Type: sdk.String, Doc: strings.Repeat("x", proto.MaxAnswer/300)})
	}
	return fields, nil
}

func (*bulky) Read(context.Context, sdk.ReadRequest, func(sdk.Item) error) error { return nil }

// TestAnswersAreBounded says what is taken of a connector's answers: so many problems and facts, cut texts, and no answer that
// is too large.
func TestAnswersAreBounded(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	start := func(t *testing.T) *Process {
		p, err := Start(t.Context(), Command{Path: self, Args: []string{self, bulkyArg}, Dir: t.TempDir()}, Options{Label: "the source"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		return p
	}
	t.Run("problems", func(t *testing.T) {
		for _, c := range []struct {
			settings string
			warning  bool // what is said of the rest
		}{{`{"problems": 150}`, false}, {`{"warnings": 150}`, true}, {`{"warnings": 149, "problems": 1}`, false}} {
			problems, err := start(t).Configure(t.Context(), []byte(c.settings), nil)
			if err != nil || len(problems) != maxProblems+1 {
				t.Fatalf("%s: %d problems, %v", c.settings, len(problems), err)
			}
			if last := problems[maxProblems]; last.Summary != "and 50 more problems" || last.Warning != c.warning || len(problems[0].Detail) > proto.MaxText+len("…") {
				t.Errorf("%s: the last is %q, a warning: %v; the first has %d bytes", c.settings, last.Summary, last.Warning, len(problems[0].Detail))
			}
		}
	})
	t.Run("too large", func(t *testing.T) {
		var failure *Failure
		if _, err := start(t).Configure(t.Context(), []byte(`{"problems": 300}`), nil); !errors.As(err, &failure) || !strings.Contains(failure.Text, "a message that is too large") {
			t.Errorf("got %v", err)
		}
		p := start(t)
		if problems, err := p.Configure(t.Context(), []byte(`{}`), nil); err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
		if _, err := p.Schema(t.Context()); !errors.As(err, &failure) || !strings.Contains(failure.Text, "a message that is too large") || failure.Fault != Connector {
			t.Errorf("got %v", err)
		}
		facts, err := p.Check(t.Context())
		if err != nil || len(facts) != maxFacts+1 || facts[maxFacts].Value != "5 facts, which are not shown" {
			t.Errorf("%d facts, %v", len(facts), err)
		}
	})
}
