package host

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// hostile is a connector without the SDK, which sends what it likes.
type hostile struct {
	sourcev1.UnimplementedSourceServer
	described *sourcev1.DescribeResponse
	prepares  []*sourcev1.PrepareResponse
	applies   []*sourcev1.ApplyResponse
	deaf      bool // it does not receive the changes
}

func (h *hostile) Describe(context.Context, *sourcev1.DescribeRequest) (*sourcev1.DescribeResponse, error) {
	return h.described, nil
}

func (h *hostile) receive(recv func() (*sourcev1.ChangeRequest, error)) {
	for !h.deaf {
		if _, err := recv(); errors.Is(err, io.EOF) {
			return
		}
	}
}

func (h *hostile) Prepare(stream sourcev1.Source_PrepareServer) error {
	h.receive(stream.Recv)
	for _, m := range h.prepares {
		if err := stream.Send(m); err != nil {
			return err
		}
	}
	return nil
}

func (h *hostile) Apply(stream sourcev1.Source_ApplyServer) error {
	h.receive(stream.Recv)
	for _, m := range h.applies {
		if err := stream.Send(m); err != nil {
			return err
		}
	}
	return nil
}

// talk connects a process to it that may apply.
func (h *hostile) talk(t *testing.T) *Process {
	t.Helper()
	return talkTo(t, h, proto.Fetch, proto.Apply)
}

// talkTo connects a process to a connector with these capabilities.
func talkTo(t *testing.T, h sourcev1.SourceServer, capabilities ...string) *Process {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer(grpc.ForceServerCodecV2(proto.Codec()))
	sourcev1.RegisterSourceServer(server, h)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///hostile", append(dialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		<-served
	})
	secrets := &Secrets{}
	secrets.Add("s3cret")
	p := newConnection(Options{Label: "the shop", Apply: true, Secrets: secrets}, time.Minute)
	p.calls = sourcev1.NewSourceClient(conn)
	p.description = Description{Connector: "hostile", Capabilities: capabilities,
		Writable: map[string]change.Writable{"price": {Scale: 2}, "name": {Scale: -1}}}
	return p
}

func numberMessage(s string) *sourcev1.Value {
	return &sourcev1.Value{Kind: &sourcev1.Value_Number{Number: s}}
}

// TestHostileOutcomes: whatever a connector sends that must not be is a failure of that connector, and never an outcome.
func TestHostileOutcomes(t *testing.T) {
	seen := func(s string) *sourcev1.Seen { return &sourcev1.Seen{Value: numberMessage(s)} }
	outcome := func(o *sourcev1.Outcome) *sourcev1.ApplyResponse {
		return &sourcev1.ApplyResponse{Message: &sourcev1.ApplyResponse_Outcome{Outcome: o}}
	}
	applied := func(key string) *sourcev1.ApplyResponse {
		return outcome(&sourcev1.Outcome{Key: key, Kind: sourcev1.Outcome_APPLIED, Before: seen("1"), After: seen("2")})
	}
	done := func(counts map[string]int64) *sourcev1.ApplyResponse {
		return &sourcev1.ApplyResponse{Message: &sourcev1.ApplyResponse_Done{Done: &sourcev1.ApplyDone{Outcomes: counts}}}
	}
	two := map[string]int64{"APPLIED": 2}
	progress := &sourcev1.ApplyResponse{Message: &sourcev1.ApplyResponse_Progress{Progress: &sourcev1.Progress{}}}
	endless := make([]*sourcev1.ApplyResponse, proto.MaxMessagesWithoutItem+1)
	for i := range endless {
		endless[i] = progress
	}
	const largest = proto.MaxAnswer + 1
	changes := []change.Change{
		{Key: "a", Item: change.Ref{SKU: "A"}, Field: "price", Expected: price("1"), Desired: price("2")},
		{Key: "b", Item: change.Ref{SKU: "s3cret"}, Field: "price", Expected: price("1"), Desired: price("2")},
	}
	for _, c := range []struct {
		name   string
		answer []*sourcev1.ApplyResponse
		want   string // "": it is well
	}{
		{"in another order", []*sourcev1.ApplyResponse{applied("b"), progress, applied("a"), done(two)}, ""},
		{"counts of nothing", []*sourcev1.ApplyResponse{applied("b"), applied("a"), done(map[string]int64{"APPLIED": 2, "FAILED": 0})}, ""},
		{"a foreign key", []*sourcev1.ApplyResponse{applied("c")}, `answered a change that it was not asked for: "c"`},
		{"a foreign key with signs", []*sourcev1.ApplyResponse{applied("\x1b[31m s3cret")}, `that it was not asked for: "\x1b[31m (sensitive)"`},
		{"a key twice", []*sourcev1.ApplyResponse{applied("a"), applied("a")}, `answered a change twice: "a"`},
		{"no key", []*sourcev1.ApplyResponse{outcome(&sourcev1.Outcome{Kind: sourcev1.Outcome_FAILED})}, `not asked for: ""`},
		{"another type", []*sourcev1.ApplyResponse{outcome(&sourcev1.Outcome{Key: "a", Kind: sourcev1.Outcome_APPLIED,
			After: &sourcev1.Seen{Value: &sourcev1.Value{Kind: &sourcev1.Value_Text{Text: "2"}}}})}, "it is a string, and the field is a number"},
		{"no number", []*sourcev1.ApplyResponse{outcome(&sourcev1.Outcome{Key: "a", Kind: sourcev1.Outcome_APPLIED, After: seen("two")})}, "not a decimal number"},
		{"another value", []*sourcev1.ApplyResponse{outcome(&sourcev1.Outcome{Key: "b", Kind: sourcev1.Outcome_APPLIED, Before: seen("1"), After: seen("3")})},
			`answer about (sensitive), field "price", cannot be: it is said to be applied, and the item has 3, where it shall have 2`},
		{"not looked", []*sourcev1.ApplyResponse{outcome(&sourcev1.Outcome{Key: "a", Kind: sourcev1.Outcome_APPLIED})}, "nobody looked"},
		{"unchanged with another value", []*sourcev1.ApplyResponse{outcome(&sourcev1.Outcome{Key: "a", Kind: sourcev1.Outcome_UNCHANGED, Before: seen("1"), After: seen("1")})}, "is said to be unchanged"},
		{"a conflict that is none", []*sourcev1.ApplyResponse{outcome(&sourcev1.Outcome{Key: "a", Kind: sourcev1.Outcome_CONFLICT, Before: seen("1")})}, "is said to be a conflict"},
		{"no kind", []*sourcev1.ApplyResponse{outcome(&sourcev1.Outcome{Key: "a"})}, "an outcome of kind KIND_UNSPECIFIED"},
		{"an unknown kind", []*sourcev1.ApplyResponse{outcome(&sourcev1.Outcome{Key: "a", Kind: 77})}, "an outcome of kind 77"},
		{"other counts", []*sourcev1.ApplyResponse{applied("a"), applied("b"), done(map[string]int64{"APPLIED": 3})}, "told the outcomes map[APPLIED:3], but map[APPLIED:2] arrived"},
		{"counts of another kind", []*sourcev1.ApplyResponse{applied("a"), applied("b"), done(map[string]int64{"APPLIED": 1, "FAILED": 1})}, "arrived"},
		{"no Done", []*sourcev1.ApplyResponse{applied("a"), applied("b")}, "stopped sending without saying that it was done"},
		{"nothing", nil, "stopped sending without saying that it was done"},
		{"too few", []*sourcev1.ApplyResponse{applied("a"), done(map[string]int64{"APPLIED": 1})}, "did not answer 1 of 2 changes"},
		{"more behind Done", []*sourcev1.ApplyResponse{applied("a"), applied("b"), done(two), progress}, "went on after it had said that it was done"},
		{"a message of nothing", []*sourcev1.ApplyResponse{{}}, "a message that this version of reconcile does not know"},
		{"no end", endless, "100000 messages in a row without an answer"},
		{"a large text", []*sourcev1.ApplyResponse{outcome(&sourcev1.Outcome{Key: "a", Kind: sourcev1.Outcome_FAILED, Reason: strings.Repeat("x", largest)})}, "a message that is too large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := (&hostile{applies: c.answer}).talk(t)
			var got []string
			err := p.Apply(t.Context(), changes, unwatched{}, func(o change.Outcome) error { got = append(got, o.Key); return nil })
			if c.want == "" {
				if err != nil || len(got) != 2 {
					t.Errorf("answered %q, %v", got, err)
				}
				return
			}
			var failure *Failure
			if !errors.As(err, &failure) || failure.Fault != Connector || !strings.Contains(failure.Text, c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestHostilePreparations is the same for Prepare.
func TestHostilePreparations(t *testing.T) {
	prepared := func(p *sourcev1.Prepared) *sourcev1.PrepareResponse {
		return &sourcev1.PrepareResponse{Message: &sourcev1.PrepareResponse_Prepared{Prepared: p}}
	}
	done := func(d *sourcev1.PrepareDone) *sourcev1.PrepareResponse {
		return &sourcev1.PrepareResponse{Message: &sourcev1.PrepareResponse_Done{Done: d}}
	}
	good := prepared(&sourcev1.Prepared{Key: "a", Will: numberMessage("2")})
	many := make([]*sourcev1.Ref, 400_000)
	for i := range many {
		many[i] = &sourcev1.Ref{Id: "x"}
	}
	var changes []change.Change
	for _, key := range []string{"a", "b", "c"} {
		changes = append(changes, change.Change{Key: key, Item: change.Ref{SKU: key}, Field: "price", Expected: price("1"), Desired: price("2")})
	}
	one := changes[:1]
	for _, c := range []struct {
		name    string
		changes []change.Change
		answer  []*sourcev1.PrepareResponse
		want    string
	}{
		{"well", one, []*sourcev1.PrepareResponse{good, done(&sourcev1.PrepareDone{Changes: 1, Requests: 2, Milliseconds: 3})}, ""},
		{"a problem, and a value of another type", one, []*sourcev1.PrepareResponse{
			prepared(&sourcev1.Prepared{Key: "a", Problem: "no", Will: &sourcev1.Value{Kind: &sourcev1.Value_Text{Text: "x"}}}), done(&sourcev1.PrepareDone{Changes: 1})}, ""},
		{"a value of another type", one, []*sourcev1.PrepareResponse{prepared(&sourcev1.Prepared{Key: "a", Will: &sourcev1.Value{Kind: &sourcev1.Value_Truth{}}})}, "it is a bool, and the field is a number"},
		{"an item without a name", one, []*sourcev1.PrepareResponse{prepared(&sourcev1.Prepared{Key: "a", Also: []*sourcev1.Ref{{}}})}, "named neither by its id nor by its SKU"},
		{"a foreign key", one, []*sourcev1.PrepareResponse{prepared(&sourcev1.Prepared{Key: "z"})}, "not asked for"},
		{"a key twice", one, []*sourcev1.PrepareResponse{good, good}, "twice"},
		{"other counts", one, []*sourcev1.PrepareResponse{good, done(&sourcev1.PrepareDone{Changes: 2})}, "says that it prepared 2 changes, but it answered 1"},
		{"a cost below nothing", one, []*sourcev1.PrepareResponse{good, done(&sourcev1.PrepareDone{Changes: 1, Requests: -1})}, "cost -1 requests, which cannot be"},
		{"too few", one, []*sourcev1.PrepareResponse{done(&sourcev1.PrepareDone{})}, "did not answer 1 of 1"},
		{"no Done", one, []*sourcev1.PrepareResponse{good}, "stopped sending"},
		{"too many others", changes, []*sourcev1.PrepareResponse{prepared(&sourcev1.Prepared{Key: "a", Also: many, Will: numberMessage("2")}),
			prepared(&sourcev1.Prepared{Key: "b", Also: many, Will: numberMessage("2")}), prepared(&sourcev1.Prepared{Key: "c", Also: many, Will: numberMessage("2")})}, "more than 1048576 items"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := (&hostile{prepares: c.answer}).talk(t)
			cost, err := p.Prepare(t.Context(), c.changes, unwatched{}, func(change.Prepared) error { return nil })
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var failure *Failure
			if !errors.As(err, &failure) || failure.Fault != Connector || !strings.Contains(failure.Text, c.want) || cost != (change.Cost{}) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestDeafConnector: one that does not receive the changes, and ends, does not hold the host.
func TestDeafConnector(t *testing.T) {
	p := (&hostile{deaf: true}).talk(t)
	changes := make([]change.Change, proto.MaxChanges)
	for i := range changes {
		changes[i] = change.Change{Key: strings.Repeat("k", i+1), Item: change.Ref{SKU: "A"}, Field: "name",
			Expected: catalog.StringValue(""), Desired: catalog.StringValue(strings.Repeat("x", 4<<10))}
	}
	err := p.Apply(t.Context(), changes, unwatched{}, nil)
	var failure *Failure
	if !errors.As(err, &failure) || !strings.Contains(failure.Text, "stopped sending without saying that it was done") {
		t.Errorf("got %v", err)
	}
}

// TestHostileDescriptions says what of a description is refused, and that what is not known is left alone.
func TestHostileDescriptions(t *testing.T) {
	both := []string{proto.Fetch, proto.Apply}
	field := []*sourcev1.Writable{{Field: "price"}}
	for _, c := range []struct {
		m    *sourcev1.DescribeResponse
		want string
	}{
		{&sourcev1.DescribeResponse{Capabilities: both, Writable: field}, ""},
		{&sourcev1.DescribeResponse{Writable: []*sourcev1.Writable{{Min: "s3cret"}}}, ""},
		{&sourcev1.DescribeResponse{Capabilities: []string{proto.Apply}, Writable: field}, "but not read single items of it"},
		{&sourcev1.DescribeResponse{Capabilities: both}, "no field that it can set"},
		{&sourcev1.DescribeResponse{Capabilities: both, Writable: append(field, field...)}, "says so twice"},
		{&sourcev1.DescribeResponse{Capabilities: both, Writable: []*sourcev1.Writable{{Field: "a", Min: "s3cret"}}}, `the bound "(sensitive)"`},
	} {
		secrets := &Secrets{}
		secrets.Add("s3cret")
		p := &Process{label: "x", secrets: secrets, description: Description{Capabilities: c.m.GetCapabilities()}}
		err := p.checkWritable(c.m)
		var failure *Failure
		if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &failure) || failure.Fault != Connector || !strings.Contains(failure.Text, c.want)) {
			t.Errorf("%v: got %v, want %q", c.m, err, c.want)
		}
		if ok := len(p.Writable()) > 0; ok != (c.want == "" && p.CanApply()) {
			t.Errorf("%v: the fields %v can be set", c.m, p.Writable())
		}
	}
}
