package session

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// place finds the block that a failure is about. Other errors it returns as they are.
func (s *Sources) place(err error) error {
	var currencies *engine.CurrencyError
	if errors.As(err, &currencies) {
		diags := hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Amounts of two currencies", Detail: err.Error() + ".", Subject: &currencies.Range}}
		return &MistakesError{s.session.diagnose(s.Config, diags), err}
	}
	var failure *host.Failure
	if !errors.As(err, &failure) {
		return err
	}
	for _, o := range s.List {
		if o.label() == failure.Label {
			at := o.Range
			diags := hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "The source cannot be read",
				Detail: detailOf(err, failure) + pluginPlace(s.Config, o.Source, failure), Subject: &at}}
			return &MistakesError{s.session.diagnose(s.Config, diags), err}
		}
	}
	return err
}

// detailOf is a failure's text without the source's name, which is shown with its place.
func detailOf(err error, failure *host.Failure) string {
	return strings.TrimPrefix(err.Error(), failure.Label+": ")
}

// pluginPlace says where the program is named that a connector's fault lies with.
func pluginPlace(config *rules.Config, source *source.Source, failure *host.Failure) string {
	plugin := config.Plugin(source.Connector)
	if plugin == nil || failure.Fault != host.Connector && failure.Fault != host.Setup {
		return ""
	}
	return fmt.Sprintf("\nIts program is that of plugin %q (%s).", plugin.Connector, words.Position(plugin.Range))
}
