package bigcommerce

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/pull"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

const usualAPIURL = "https://api.bigcommerce.com"

var currencyCode = regexp.MustCompile(`^[A-Za-z]{3}$`)

var storeHash = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// Configure checks the settings, and reads the files that they name. It does not reach out to the store.
func (s *Source) Configure(context.Context) error {
	var problems []error
	wrong := func(setting, summary, detail string) {
		problems = append(problems, &sdk.SettingError{Path: []string{setting}, Summary: summary, Detail: detail})
	}
	if s.Sandbox {
		if s.APIURL != usualAPIURL {
			wrong("api_url", "api_url and sandbox exclude each other", "Take one of the two out: the sandbox has an address of its own.")
		}
		if err := s.sandbox.load(s.SandboxCatalog); err != nil {
			wrong("sandbox_catalog", "the sandbox's catalogue cannot be read", err.Error())
		}
	} else {
		s.checkCredentials(wrong)
		problems = append(problems, webapi.CheckURL("api_url", s.APIURL, usualAPIURL))
		if s.SandboxCatalog != "" {
			wrong("sandbox_catalog", "sandbox_catalog needs sandbox = true", "Set sandbox = true, or take sandbox_catalog out.")
		}
	}
	if s.ImportedThrough != nil && *s.ImportedThrough < 0 {
		wrong("imported_through", "imported_through is negative", "It is the number of the last imported web order; 0 if there is none yet.")
	}
	if !(s.QuotaShare > 0 && s.QuotaShare <= 1) {
		wrong("quota_share", "quota_share is not a share", "It is more than 0 and at most 1: 0.5 is half of the store's quota.")
	}
	if s.Currency != "" && !currencyCode.MatchString(s.Currency) {
		wrong("currency", "currency is not a currency's code", `It is three letters, such as "CAD".`)
	}
	var err error
	if s.fullRefresh, err = pull.ParseFullRefresh(s.FullRefresh, "full_refresh"); err != nil {
		problems = append(problems, err)
	}
	if s.WriteAccessToken != "" && !plainToken(s.WriteAccessToken) {
		wrong("write_access_token", "write_access_token has white space or other characters that no token has", "Copy it again, without line breaks and quotes.")
	}
	problems = slices.Concat(problems, s.CheckPace(), s.configureImported())
	return errors.Join(problems...)
}

func (s *Source) checkCredentials(wrong func(setting, summary, detail string)) {
	switch {
	case s.StoreHash == "":
		wrong("store_hash", "store_hash is missing", `It is the abc123 in https://store-abc123.mybigcommerce.com. To try things out without a store, set sandbox = true.`)
	case !storeHash.MatchString(s.StoreHash):
		wrong("store_hash", "store_hash is not a store's hash", "Give only the hash, such as abc123, not an address or a path.")
	}
	switch {
	case s.AccessToken == "":
		wrong("access_token", "access_token is missing", "Create a store-level API account in BigCommerce's control panel, under Settings > API, with read-only scopes.")
	case !plainToken(s.AccessToken):
		wrong("access_token", "access_token has white space or other characters that no token has", "Copy it again, without line breaks and quotes.")
	}
}

// plainToken reports whether a token has only characters that tokens have.
func plainToken(token string) bool {
	return !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}
