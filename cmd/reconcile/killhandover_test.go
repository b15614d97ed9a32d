package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// handingOver is a shop whose store is an export, of which each item has another name, price and quantity. What is to change goes to a file.
type handingOver struct {
	*applying
	items  int
	file   string // of changes
	id     string // of the plan
	took   time.Duration
	rounds int
}

func newHandOver(t *testing.T, items int, suffix string) *handingOver {
	t.Helper()
	h := &handingOver{applying: &applying{T: t, dir: t.TempDir()}, items: items, file: "changes" + suffix}
	h.write("reconcile.hcl", strings.Replace(changesConfig, "changes.csv", h.file, 1)+"brakes {\n  max_changes = 100000\n  max_share   = 1\n}\n")
	pos := &strings.Builder{}
	pos.WriteString("SKU,Name,Price,QOH\n")
	for i := range items {
		fmt.Fprintf(pos, "A-%d,Bell %d,12,6\n", i, i)
	}
	h.write("pos.csv", pos.String())
	h.export(map[string]bool{})
	h.id = h.plan("--valid", "24h")
	began := time.Now()
	if status, journal, said := h.applied("whole"); status != 2 || journal.Open > 0 || len(h.read(h.file)) == 0 {
		t.Fatalf("status %d\n%s", status, said)
	}
	h.took = time.Since(began)
	return h
}

// handedFields are the fields that change: their columns, and what is to be in them.
var handedFields = map[string]struct{ column, before, after string }{
	"name": {"Name", "Cowbell %d", "Bell %d"}, "price": {"Price", "10.50", "12"}, "qoh": {"In Stock", "7", "6"}}

// export has the store export what it has: of the fields that it has imported the new values.
func (h *handingOver) export(imported map[string]bool) {
	h.Helper()
	text := &strings.Builder{}
	text.WriteString("Article No;Name;Price;In Stock;Weight\n")
	for i := range h.items {
		fmt.Fprintf(text, "A-%d", i)
		for _, field := range []string{"name", "price", "qoh"} {
			value := handedFields[field].before
			if imported[field] {
				value = handedFields[field].after
			}
			text.WriteString(";" + strings.Replace(value, "%d", strconv.Itoa(i), 1))
		}
		text.WriteString(";1\n")
	}
	h.write("web.csv", text.String())
}

// handed returns the fields that the file of changes has; none if there is no such file. Anything that is not whole is an error.
func (h *handingOver) handed() (map[string]bool, error) {
	text, err := os.ReadFile(filepath.Join(h.dir, h.file))
	if os.IsNotExist(err) {
		return map[string]bool{}, nil
	}
	var rows [][]string
	switch {
	case err != nil:
	case strings.HasSuffix(h.file, ".xlsx"):
		var book *excelize.File
		if book, err = excelize.OpenReader(bytes.NewReader(text)); err == nil {
			rows, err = book.GetRows("Changes")
		}
	default:
		rows, err = csv.NewReader(bytes.NewReader(text)).ReadAll()
	}
	if err != nil {
		return nil, fmt.Errorf("%s is half a file: %w", h.file, err)
	}
	if len(rows) != h.items+1 || text[len(text)-1] != '\n' && strings.HasSuffix(h.file, ".csv") {
		return nil, fmt.Errorf("%s has %d of %d rows", h.file, len(rows)-1, h.items)
	}
	fields := map[string]bool{}
	for field, f := range handedFields {
		at := slices.Index(rows[0], f.column)
		if at < 0 {
			continue
		}
		fields[field] = true
		for i, row := range rows[1:] {
			if want := strings.Replace(f.after, "%d", strconv.Itoa(i), 1); at >= len(row) || row[at] != want || row[0] != fmt.Sprint("A-", i) {
				return nil, fmt.Errorf("%s has the row %q, and is to have %s %q of A-%d", h.file, row, field, want, i)
			}
		}
	}
	if len(fields) == 0 || len(fields) != len(rows[0])-1 {
		return nil, fmt.Errorf("%s has the columns %q", h.file, rows[0])
	}
	return fields, nil
}

// TestKilledHandOver stops applies that write a file of changes, at any moment and right when that file is written: by kill -9 of all
// processes, of the program or of its connector, and by a disk that is full. The file is then the old one or the new one and whole, the journal
// says of no change another thing than the file, and gone on with each change is made once the file was imported.
func TestKilledHandOver(t *testing.T) {
	kills, err := strconv.Atoi(os.Getenv(killsEnv))
	if err != nil {
		t.Skip("what was sent is waited for, two minutes long: set " + killsEnv + "=20")
	}
	t.Parallel()
	const items = 400
	ways := []string{"all are killed", "the connector is killed", "the disk is full", "the program is killed", "the connector's disk is full"}
	next := make(chan string, kills)
	for i := range kills {
		next <- ways[i%len(ways)]
	}
	close(next)
	var all sync.WaitGroup
	var middle, handed atomic.Int64
	for i := range min(10, kills) {
		h := newHandOver(t, items, []string{".csv", ".xlsx"}[i%2])
		all.Go(func() {
			for way := range next {
				open, there, err := h.stopAndGoOn(way)
				if err != nil {
					t.Errorf("%s, %s: %v", h.file, way, err)
				}
				if open > 0 {
					middle.Add(1)
				}
				if there {
					handed.Add(1)
				}
			}
		})
	}
	all.Wait()
	if t.Logf("%d of %d applies were stopped in the middle, %d with a file", middle.Load(), kills, handed.Load()); kills >= 20 && middle.Load() == 0 {
		t.Error("no apply was stopped in the middle")
	}
}

// stopAndGoOn stops an apply in some way, looks at what it left, has the platform import it, and goes on until all is done. open is how many
// changes had no outcome, and there whether there was a file.
func (h *handingOver) stopAndGoOn(way string) (open int, there bool, err error) {
	h.rounds++
	data := fmt.Sprint("data", h.rounds)
	h.export(map[string]bool{})
	old, _ := filepath.Glob(filepath.Join(h.dir, ".changes*"))
	for _, path := range append(old, filepath.Join(h.dir, h.file)) {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			return 0, false, err
		}
	}
	said, err := h.stop(way, data)
	if err != nil {
		return 0, false, err
	}
	fields, err := h.handed()
	if err != nil {
		return 0, false, err
	}
	there = len(fields) > 0
	left := h.journal(data)
	for _, c := range left.Changes {
		switch is := fields[c.Field]; {
		case c.Outcome == "pending" && strings.Contains(c.Reason, "it is in") && !is,
			c.Outcome == "failed" && is && !strings.Contains(c.Reason, "must not be imported"),
			!slices.Contains([]string{"", "none", "pending", "failed", "unknown"}, c.Outcome):
			return 0, false, fmt.Errorf("%s of %s is %q (%s), and the file has %v\n%s", c.Field, c.SKU, c.Outcome, c.Reason, fields, said)
		}
	}
	imported := map[string]bool{}
	for range 3 {
		for field := range fields { // the platform imports the file, and exports anew
			imported[field] = true
		}
		h.export(imported)
		if err := os.Remove(filepath.Join(h.dir, h.file)); err != nil && !os.IsNotExist(err) {
			return 0, false, err
		}
		status, journal, again := h.applied(data)
		if len(journal.Changes) != len(handedFields)*h.items {
			return 0, false, fmt.Errorf("gone on with, status %d: %d changes\n%s%s", status, len(journal.Changes), said, again)
		}
		if status == 0 {
			for _, c := range journal.Changes {
				if !imported[c.Field] || c.Outcome != "applied" && c.Outcome != "unchanged" {
					return 0, false, fmt.Errorf("in the end %s of %s is %s: %s", c.Field, c.SKU, c.Outcome, c.Reason)
				}
			}
			return left.Open, there, os.RemoveAll(filepath.Join(h.dir, data))
		}
		said += again
		if fields, err = h.handed(); err != nil {
			return 0, false, fmt.Errorf("gone on with, status %d: %w\n%s", status, err, said)
		}
	}
	return 0, false, fmt.Errorf("it does not come to its end, and has imported %v\n%s", imported, said)
}

// stop begins to apply, and stops that at some moment: mostly when the file of changes is being written.
func (h *handingOver) stop(way, data string) (said string, err error) {
	cmd := program(h.T, h.dir, "apply", "plan.json", "--data", data)
	var text strings.Builder
	cmd.Stderr = &text
	if err := cmd.Start(); err != nil {
		return "", err
	}
	ended := make(chan struct{})
	var stopper sync.WaitGroup
	var connectors []int
	stopper.Go(func() {
		after := time.Duration(rand.Int64N(int64(h.took)))
		switch rand.IntN(4) {
		case 0: // any moment
		case 1:
			h.untilBegun(true, filepath.Join(data, "applied", h.id+".journal"), ended)
			after /= 2
		default:
			h.untilThere(".changes*", ended)
			after = time.Duration(rand.Int64N(int64(3 * time.Millisecond)))
		}
		select {
		case <-time.After(after): // the moment is to be any
		case <-ended:
			return
		}
		connectors = childrenOf(cmd.Process.Pid)
		for _, pid := range connectors {
			p, err := os.FindProcess(pid)
			switch {
			case err != nil: // it has ended
			case strings.Contains(way, "disk"):
				fillUp(p, uint64(40*h.items))
			case way != "the program is killed":
				_ = p.Kill()
			}
		}
		switch {
		case way == "the disk is full":
			fillUp(cmd.Process, uint64(2000*h.items)) // the journal has some hundred bytes a change
		case way == "all are killed", way == "the program is killed", len(connectors) == 0:
			_ = cmd.Process.Kill()
		}
	})
	_ = cmd.Wait() // with any status
	close(ended)
	stopper.Wait()
	for slices.ContainsFunc(connectors, isThere) { // they end when they notice that the program is gone
		time.Sleep(time.Millisecond) // between two looks at other processes
	}
	if status := cmd.ProcessState.ExitCode(); status == 70 || status == 134 {
		return "", fmt.Errorf("status %d\n%s", status, &text)
	}
	return text.String(), nil
}

// untilThere waits until a file is there whose name matches.
func (h *handingOver) untilThere(pattern string, ended <-chan struct{}) {
	for {
		if found, _ := filepath.Glob(filepath.Join(h.dir, pattern)); len(found) > 0 {
			return
		}
		select {
		case <-ended:
			return
		case <-time.After(100 * time.Microsecond): // between two looks at another process
		}
	}
}

// journal returns what the journal of a data folder says; nothing if there is none.
func (h *handingOver) journal(data string) (left told) {
	show := program(h.T, h.dir, "journal", h.id, "--format", "json", "--data", data)
	if text, err := show.Output(); err == nil { // otherwise it was stopped before there was one
		if err := json.Unmarshal(text, &left); err != nil {
			h.Errorf("%v\n%s", err, text)
		}
	}
	return left
}

// isThere reports whether a process has not ended, on Linux.
func isThere(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && len(text) > 0 // of one that nobody has waited for it is empty
}
