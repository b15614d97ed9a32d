// Package evil is a plugin that goes for whoever runs it. It tries everything that a program might, and says what came of each try;
// none does harm where it succeeds. A table in docs/trust.md holds the results.
package evil

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Keeper is what keeps a plugin from something.
type Keeper string

// The keepers. That of the host and the reaper hold without a sandbox, too.
const (
	Nobody       Keeper = ""
	Landlock     Keeper = "Landlock"
	Filter       Keeper = "filter"
	Capabilities Keeper = "root's rights"
	Host         Keeper = "host"
	Reaper       Keeper = "reaper"
)

// Attempt is one thing that it tries.
type Attempt struct {
	Kind string // a heading
	What string // follows "it tries to"
	By   Keeper // what keeps it from that, in its sandbox
	ABI  int    // the first version of Landlock that does; 0: any

	try func(*Stage) error
}

// Stage is what the plugin finds in the world: made by the test that starts it, so that it can do no harm.
type Stage struct {
	Given    string // the file that its setting names
	Secret   string // a file beside the configuration
	Config   string // the configuration
	Home     string // a folder with a file named diary
	Common   string // a folder in which everybody may write
	Socket   string // the path of a socket that somebody serves
	Abstract string // a socket without a path
	Port     string // an address of the network
	Victim   int    // a process of the same user
	Segment  int    // the number of memory that processes may share
	Mark     string // an entry of the environment by which what it leaves behind is found
}

// Refused reports whether an error is a refusal, and not merely something that did not work.
func refused(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, errNothing) || refusedBySystem(err)
}

// errNothing is for tries that find nothing where something might have been.
var errNothing = errors.New("there is nothing")

// source is the plugin as a source: an item for each attempt.
type source struct {
	Given string `setting:"given,path"`
	Stage string `setting:"stage"`
}

// Serve runs the plugin.
func Serve() {
	sdk.Serve(sdk.Connector{Name: "evil", Version: "1.0.0", New: func() sdk.Source { return &source{} }})
}

func (*source) Schema(context.Context) ([]sdk.Field, error) { return sdk.Known("sku", "name"), nil }

// Read implements sdk.Reader. The name of an item is "refused", "done", or what else became of it.
func (s *source) Read(_ context.Context, _ sdk.ReadRequest, emit func(sdk.Item) error) error {
	var stage Stage
	if err := json.Unmarshal([]byte(s.Stage), &stage); err != nil {
		return fmt.Errorf("the stage: %w", err)
	}
	stage.Given = s.Given
	for _, a := range Attempts() {
		if a.try == nil {
			continue // the test looks
		}
		result := "done"
		switch err := a.try(&stage); {
		case err == nil:
		case refused(err):
			result = "refused"
		default:
			result = err.Error()
		}
		if err := emit(sdk.Item{"sku": a.What, "name": result}); err != nil {
			return err
		}
	}
	return nil
}
