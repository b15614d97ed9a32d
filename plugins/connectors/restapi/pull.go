package restapi

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/pull"
)

// sinceSettings say how a platform is asked for what has changed.
type sinceSettings struct {
	Param       string `setting:"param,required" doc:"The parameter, or with graphql the variable, that asks for entries that were changed at a time or later: updated_at_min."`
	Path        string `setting:"path,required" doc:"The path in an entry of when it was last changed: $.updated_at. It has to move with everything that fields read, stock too: what changes without it is not seen before full_refresh."`
	Format      string `setting:"format" default:"rfc3339" values:"rfc3339|unix|unix_ms" doc:"How times are written, in entries and in the parameter: 2026-11-28T10:00:00Z, seconds since 1970, or thousandths of them."`
	Overlap     string `setting:"overlap" default:"5m" doc:"How far before the newest change known, or the beginning of the last read where that is earlier, the next question begins: a change may become visible after later ones."`
	FullRefresh string `setting:"full_refresh,live" default:"24h" doc:"How old the last full read may be, such as 24h or 90m; after that, everything is read again."`

	path    *path
	overlap time.Duration
	full    pull.FullRefresh
}

// A Local Copy is kept where the platform says what has changed.
var (
	_ sdk.Incremental = (*Source)(nil)
	_ sdk.CopyDecider = (*Source)(nil)
)

const (
	kindEntry   = "entry"
	copyVersion = 2
)

// CopyRules implements sdk.Incremental: a record is an entry, as the platform gave it.
func (s *Source) CopyRules() sdk.CopyRules {
	return sdk.CopyRules{Kinds: []string{kindEntry}, Version: copyVersion}
}

// KeepsCopy implements sdk.CopyDecider.
func (s *Source) KeepsCopy() bool { return s.Since != nil }

// checkSince checks the settings, and parses them.
func (s *Source) checkSince(m *mistakes) {
	var err error
	s.Since.path = m.path(s.Since.Path, "since", "path")
	if s.Since.overlap, err = time.ParseDuration(s.Since.Overlap); err != nil || s.Since.overlap < 0 {
		m.add("overlap is not a span of time", `It reads like "5m".`, "since", "overlap")
	}
	if s.Since.full, err = pull.ParseFullRefresh(s.Since.FullRefresh, "since", "full_refresh"); err != nil {
		m.all = append(m.all, err)
	}
	if s.paging.total == nil && s.Page.TotalHeader == "" {
		m.add("since needs total or total_header in the block page", "Without it nobody sees that an entry was deleted.", "since", "param")
	}
	if s.paging.key == nil {
		m.add("since needs key in the block page, or a field id", "Nothing else tells which entry has changed.", "since", "param")
	}
	for _, name := range s.Page.params() {
		if name == s.Since.Param {
			m.add(fmt.Sprintf("the parameter %q is one of the page", name), "", "since", "param")
		}
	}
}

// cursor is where a pull left off.
type cursor struct {
	// Seen is a time by the platform's clock: what was changed before it is in the copy. It is that of the latest change among the
	// entries, and not after the first answer of the pull: what was changed behind that may have been read before it was changed.
	Seen time.Time `json:"seen"`
	Full time.Time `json:"full"` // when the last full read began, by this machine's clock
}

// Pull implements sdk.Incremental: it reads everything, or what has changed.
func (s *Source) Pull(ctx context.Context, req sdk.PullRequest, out *sdk.CopyUpdate) error {
	return s.clean(s.pull(ctx, req, out))
}

func (s *Source) pull(ctx context.Context, req sdk.PullRequest, out *sdk.CopyUpdate) error {
	began := time.Now()
	at := cursor{Full: began}
	var also map[string]any
	if req.Cursor != nil {
		if err := json.Unmarshal(req.Cursor, &at); err != nil {
			return fmt.Errorf("where the last pull left off makes no sense: %w: %w", err, sdk.ErrNeedFull)
		}
		if err := s.Since.full.Over(at.Full, began); err != nil {
			return err
		}
		also = map[string]any{s.Since.Param: s.Since.write(at.Seen.Add(-s.Since.overlap))}
	}
	asked, newest, read := at.Seen.Add(-s.Since.overlap), at.Seen, int64(0)
	told, err := s.each(ctx, req, also, func(entries []entry) error {
		for _, e := range entries {
			changed, err := s.Since.of(e.tree)
			switch {
			case err != nil:
				return fmt.Errorf("entry %q: since.path, path %s: %w", shortened(e.id), s.Since.path.text, err)
			case also != nil && changed.Before(asked.Truncate(time.Second)):
				return fmt.Errorf("the API was asked with %s for what was changed since %s, and gives an entry (%q) of %s: it takes no notice of the parameter", s.Since.Param, s.Since.write(asked), shortened(e.id), s.Since.write(changed))
			case changed.After(newest):
				newest = changed
			}
			if err := out.Put(kindEntry, e.key, jsonText(e.tree)); err != nil {
				return err
			}
			read++
		}
		req.Progress(read, 0, "entries")
		return nil
	})
	if err != nil {
		return err
	}
	if also == nil {
		if read == 0 && !s.AllowEmpty && !told.none {
			return errNoItems
		}
		if err := out.Complete(kindEntry); err != nil {
			return err
		}
	} else if err := s.nothingDeleted(ctx, req); err != nil {
		return err
	}
	if at.Seen = newest; !newest.IsZero() {
		if first := told.clock.First(began); newest.After(first) {
			at.Seen = first
		}
		out.SetCursor(jsonText(at))
		out.FullDue(s.Since.full.Due(at.Full))
	}
	return nil
}

// nothingDeleted makes sure that there are as many entries as the platform has: what was deleted does not come as a change.
func (s *Source) nothingDeleted(ctx context.Context, req sdk.PullRequest) error {
	page, err := s.first(ctx, s.connect().Session(req))
	if err != nil {
		return err
	}
	held := int64(0)
	for _, err := range req.Keys(ctx, kindEntry) {
		if err != nil {
			return err
		}
		held++
	}
	if held != *page.Total {
		return fmt.Errorf("the Local Copy has %d entries and the platform says %d, so that some were deleted: %w", held, *page.Total, sdk.ErrNeedFull)
	}
	return nil
}

// Assemble implements sdk.Incremental.
func (s *Source) Assemble(_ context.Context, req sdk.ReadRequest, records *sdk.Records, w *sdk.Writer) error {
	m := s.mapper(req, w)
	for key, value := range records.All(kindEntry) {
		tree, err := decodeTree(value)
		if err != nil {
			return fmt.Errorf("the Local Copy's record %q: %w", key, err)
		}
		if err := m.entry(entry{tree, key, key}); err != nil {
			return s.clean(err)
		}
	}
	if err := records.Err(); err != nil {
		return err
	}
	return s.clean(m.end(s.AllowEmpty || m.entries == 0)) // the pull has seen whether there may be none
}

// of returns when an entry was last changed.
func (s *sinceSettings) of(tree any) (time.Time, error) {
	node, ok := s.path.one(tree)
	text, isWord := wordOf(node)
	if !ok || !isWord {
		return time.Time{}, fmt.Errorf("it selects %s, where a time is expected", selected(node, ok))
	}
	if s.Format == "rfc3339" {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return at, fmt.Errorf("%s is no time such as 2026-11-28T10:00:00Z", describe(node))
		}
		return at, nil
	}
	whole, _, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 0 || n > 1<<53 {
		return time.Time{}, fmt.Errorf("%s is no time in the format %s", describe(node), s.Format)
	}
	if s.Format == "unix_ms" {
		return time.UnixMilli(n), nil
	}
	return time.Unix(n, 0), nil
}

// write writes a time as the platform does.
func (s *sinceSettings) write(at time.Time) string {
	switch s.Format {
	case "unix":
		return strconv.FormatInt(at.Unix(), 10)
	case "unix_ms":
		return strconv.FormatInt(at.UnixMilli(), 10)
	}
	return at.UTC().Format(time.RFC3339)
}
