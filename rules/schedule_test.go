package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSchedule says when a reconciliation is compared by itself, or what is wrong with what a configuration says of it, and where.
func TestSchedule(t *testing.T) {
	const good = "reconciliation = \"shop\"\n cron = \"30 2 * * *\"\n timezone = \"America/Toronto\"\n"
	for _, test := range []struct {
		name, body string
		mistake    string
	}{
		{name: "good", body: good},
		{name: "all of it", body: good + "deadline = \"90m\"\n tries = 5\n retry_after = \"1s\""},
		{name: "another reconciliation", body: strings.Replace(good, `"shop"`, `"shpo"`, 1), mistake: `There is no reconciliation "shpo". Did you mean "shop"?`},
		{name: "a zone that there is not", body: strings.Replace(good, "Toronto", "Tronto", 1), mistake: `There is no time zone "America/Tronto"`},
		{name: "too few fields", body: strings.Replace(good, "30 2 * * *", "2 * *", 1), mistake: `"2 * *" is no time of a schedule: it has five fields`},
		{name: "an hour too many", body: strings.Replace(good, "30 2", "30 24", 1), mistake: "one of its fields cannot be read"},
		{name: "no such day", body: strings.Replace(good, "30 2 * * *", "0 0 30 2 *", 1), mistake: "is no time of a schedule"},
		{name: "no zone", body: strings.Replace(good, "timezone", "deadline", 1), mistake: "timezone"},
		{name: "no deadline", body: good + `deadline = "0s"`, mistake: `"deadline" is a time from 1s to 168h0m0s`},
		{name: "another word", body: good + `every = "day"`, mistake: "every"},
		{name: "no try", body: good + `tries = 0`, mistake: `"tries" is a whole number from 1 to 20`},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "reconcile.hcl")
			text := twoFiles + "reconciliation \"shop\" {\n pos = source.file.a\n store = source.file.b\n}\nschedule \"nightly\" {\n " + test.body + "\n}\n"
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			config, diags := Load(path, Options{Bundled: []string{"file"}})
			if test.mistake != "" {
				if !strings.Contains(diags.Error(), test.mistake) || !config.ScheduleMistakes.HasErrors() || diags[0].Subject.Start.Line < 9 || len(config.Schedules) > 0 {
					t.Errorf("%v does not say %s", diags, test.mistake)
				}
				return
			}
			if diags.HasErrors() || len(config.Schedules) != 1 {
				t.Fatal(diags)
			}
			s := config.Schedules[0]
			last, ok := s.Times.Last(time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC))
			if !ok || last.Wall != "2026-11-29T02:30" || last.At.UTC().Hour() != 7 {
				t.Errorf("%+v", last)
			}
			if test.name == "all of it" && (s.Deadline != 90*time.Minute || s.Tries != 5 || s.RetryAfter != time.Second) {
				t.Errorf("%+v", s)
			}
		})
	}
}
