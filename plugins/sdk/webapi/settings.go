package webapi

import (
	"fmt"
	"net"
	"net/url"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Pace are settings for any connector that asks a platform on the web: embed it in the connector's struct, call CheckPace in
// Configure, and hand it to Config.
type Pace struct {
	RateLimit   *float64 `setting:"rate_limit,live" doc:"How many requests a second are made at most, from 0.01 to 1000; 0.5 is one every two seconds. If it is left out, what the platform tells of its limits is kept to, and nothing else."`
	Concurrency *int64   `setting:"concurrency,live" doc:"How many requests are under way at a time, from 1 to 32. If it is left out: 12, or 4 where the platform tells nothing of its limits."`
}

const (
	// MostInFlight is how many requests are under way at a time, where nobody says otherwise: enough for large quotas at the
	// latency of large pages, few enough that their answers fit in memory.
	MostInFlight = 12
	// BlindInFlight is the same while the platform says nothing about its limits.
	BlindInFlight = 4

	leastRate, mostRate = 0.01, 1000
	mostConcurrency     = 32
)

// CheckPace returns what is wrong with the settings, as sdk.SettingErrors.
func (p Pace) CheckPace() []error {
	var problems []error
	if r := p.RateLimit; r != nil && !(*r >= leastRate && *r <= mostRate) {
		problems = append(problems, &sdk.SettingError{Path: []string{"rate_limit"}, Summary: "rate_limit is out of bounds",
			Detail: fmt.Sprintf("It is requests a second, from %v to %d; leave it out to keep to what the platform tells.", leastRate, mostRate)})
	}
	if c := p.Concurrency; c != nil && !(*c >= 1 && *c <= mostConcurrency) {
		problems = append(problems, &sdk.SettingError{Path: []string{"concurrency"}, Summary: "concurrency is out of bounds",
			Detail: fmt.Sprintf("It is how many requests are under way at a time, from 1 to %d.", mostConcurrency)})
	}
	return problems
}

// most is how many requests are under way at a time.
func (p Pace) most() int {
	if p.Concurrency == nil {
		return MostInFlight
	}
	return int(min(max(*p.Concurrency, 1), mostConcurrency))
}

// blind is the same while the platform says nothing about its limits.
func (p Pace) blind() int {
	if p.Concurrency == nil {
		return BlindInFlight
	}
	return p.most()
}

// CheckURL returns what is wrong with the address in a setting; nil if nothing is. example is an address as it should be.
// Plain http is refused but for this machine's own addresses: credentials would travel readably.
func CheckURL(setting, address, example string) error {
	wrong := func(summary, detail string) error {
		return &sdk.SettingError{Path: []string{setting}, Summary: setting + " " + summary, Detail: detail}
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "":
		return wrong("is not a web address", "It reads like "+example+".")
	case u.User != nil:
		return wrong("holds a user name", "Credentials have settings of their own.")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return wrong("is not encrypted", fmt.Sprintf("The credentials would travel readably to %s. Use https; plain http is for this machine's own addresses only.", u.Hostname()))
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
