package bigcommerce

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// imported knows which web orders the point of sale has imported, and which never take units out of stock. It comes from
// the settings: the store itself does not know.
type imported struct {
	known    bool // the shop said something
	through  int64
	ids      map[int64]bool
	statuses map[int]bool
	ignored  map[int]bool
}

// pending reports whether an order's units are still to be taken out of the point of sale's stock.
func (m *imported) pending(o *order) bool {
	switch {
	case o.Deleted, o.StatusID == statusIncomplete, m.ignored[o.StatusID]:
		return false
	case o.ID <= m.through, m.ids[o.ID], m.statuses[o.StatusID]:
		return false
	}
	return true
}

func (s *Source) configureImported() []error {
	var problems []error
	m := &s.imported
	if s.ImportedThrough != nil {
		m.known, m.through = true, *s.ImportedThrough
	}
	if s.ImportedIDsFile != "" {
		m.known = true
		var err error
		if m.ids, err = readIDs(s.ImportedIDsFile); err != nil {
			problems = append(problems, &sdk.SettingError{Path: []string{"imported_ids_file"},
				Summary: "the file of imported orders cannot be read", Detail: err.Error()})
		}
	}
	m.known = m.known || len(s.ImportedStatuses) > 0
	var err error
	if m.statuses, err = statusSet("imported_statuses", s.ImportedStatuses, nil); err != nil {
		problems = append(problems, err)
	}
	if m.ignored, err = statusSet("ignore_statuses", s.IgnoreStatuses, foreignStatuses); err != nil {
		problems = append(problems, err)
	}
	return problems
}

const statusIncomplete = 0

// statusNames are the names that BigCommerce gives the statuses, by their numbers.
var statusNames = []string{"Incomplete", "Pending", "Shipped", "Partially Shipped", "Refunded", "Cancelled", "Declined",
	"Awaiting Payment", "Awaiting Pickup", "Awaiting Shipment", "Completed", "Awaiting Fulfillment",
	"Manual Verification Required", "Disputed", "Partially Refunded"}

// foreignStatuses are statuses of web orders that AmberPOS ignores and that BigCommerce does not have: a list copied
// from there is right as it stands.
var foreignStatuses = []string{"RefundedFullOffline", "RefundedPartialOffline", "Error", "DeclinedFixed"}

// statusSet reads statuses given by name or number. Case and spaces do not matter.
func statusSet(setting string, given, foreign []string) (map[int]bool, error) {
	set := map[int]bool{}
	plain := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }
	for _, status := range given {
		id, err := strconv.Atoi(strings.TrimSpace(status))
		if err != nil {
			id = slices.IndexFunc(statusNames, func(name string) bool { return plain(name) == plain(status) })
		}
		switch {
		case id >= 0 && id < len(statusNames):
			set[id] = true
		case slices.ContainsFunc(foreign, func(name string) bool { return plain(name) == plain(status) }):
		default:
			var names []string
			for id, name := range statusNames {
				names = append(names, fmt.Sprintf("%d %s", id, name))
			}
			return nil, &sdk.SettingError{Path: []string{setting}, Summary: fmt.Sprintf("BigCommerce has no order status %q", status),
				Detail: "Give its name or its number: " + strings.Join(names, ", ") + ". (A name that was changed in the control panel is not known here; its number is.)"}
		}
	}
	return set, nil
}

// mostIDsFile is how large a file of orders' numbers is at most, in bytes. docs/limits.md lists it.
const mostIDsFile = 64 << 20

// readIDs reads orders' numbers from a file: one a line, or the column named id of a CSV file.
func readIDs(path string) (map[int64]bool, error) {
	if info, err := os.Stat(path); err == nil && info.Mode()&os.ModeDevice != 0 {
		return nil, fmt.Errorf("%s is a device, not a file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	ids, err := parseIDs(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return ids, nil
}

func parseIDs(r io.Reader) (map[int64]bool, error) {
	text, err := io.ReadAll(io.LimitReader(r, mostIDsFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > mostIDsFile:
		return nil, fmt.Errorf("it has more than %d MiB (max_ids_file): name the orders of the last weeks only, and the older ones with imported_through", mostIDsFile>>20)
	}
	ids := map[int64]bool{}
	err = sdk.ReadOrderNumbers(text, func(line int, number string) error {
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil || id <= 0 {
			return fmt.Errorf("line %d: %q is not the number of an order", line, number)
		}
		ids[id] = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}
