package session

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// place finds the block that a failure is about. Other errors it returns as they are.
func (s *Sources) place(err error) error {
	var currencies *engine.CurrencyError
	if errors.As(err, &currencies) {
		diags := hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Amounts of two currencies", Detail: err.Error() + ".", Subject: &currencies.Range}}
		return &MistakesError{s.session.diagnose(s.Config, diags), err}
	}
	var measures *engine.MeasureError
	if errors.As(err, &measures) {
		diags := hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Values in two units", Detail: err.Error() + ".", Subject: &measures.Range}}
		return &MistakesError{s.session.diagnose(s.Config, diags), err}
	}
	var failure *host.Failure
	var of *sourceError
	if !errors.As(err, &failure) || !errors.As(err, &of) {
		return err
	}
	diag := guard.Failed(of.source.Range, "The source cannot be read", err)
	diag.Detail += pluginPlace(s.Config, of.source.Source, failure) + of.source.of.guard.MayBeConfined(of.source.Source, err)
	return &MistakesError{s.session.diagnose(s.Config, hcl.Diagnostics{diag}), err}
}

// sourceError is an error of reading a source, of which the text need not say which it is.
type sourceError struct {
	source *Source
	error
}

// Unwrap returns the error.
func (e *sourceError) Unwrap() error { return e.error }

// reading has an error of reading the source know it.
func (o *Source) reading(err error) error {
	if err == nil {
		return nil
	}
	return &sourceError{o, err}
}

// pluginPlace says where the program is named that a connector's fault lies with.
func pluginPlace(config *rules.Config, source *source.Source, failure *host.Failure) string {
	plugin := config.Plugin(source.Connector)
	if plugin == nil || failure.Fault != host.Connector && failure.Fault != host.Setup {
		return ""
	}
	return fmt.Sprintf("\nIts program is that of plugin %q (%s).", plugin.Connector, words.Position(plugin.Range))
}
