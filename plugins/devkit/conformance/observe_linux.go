package conformance

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// seesProcesses says whether this system shows what processes do.
const seesProcesses = true

// activity is what can be seen of a process from outside.
type activity struct {
	known       bool
	resident    int64         // bytes of memory
	busy        time.Duration // processor time so far, of all its threads
	wakes       int64         // how often its threads have waited so far
	runnable    bool          // a thread of it runs, or would if a processor were free for it
	children    []string      // processes that it has started, by name
	connections int           // to the network
}

// observe looks at the program, with what it has started.
func (p *peer) observe() activity {
	pid := p.program.Pid()
	a := activity{known: true, children: childrenOf(pid)}
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	statm, err := os.ReadFile(filepath.Join(dir, "statm"))
	if err != nil {
		return activity{}
	}
	if fields := strings.Fields(string(statm)); len(fields) > 1 {
		pages, _ := strconv.ParseInt(fields[1], 10, 64)
		a.resident = pages * int64(os.Getpagesize())
	}
	threads, _ := filepath.Glob(filepath.Join(dir, "task", "*"))
	for _, thread := range threads {
		schedstat, _ := os.ReadFile(filepath.Join(thread, "schedstat"))
		if fields := strings.Fields(string(schedstat)); len(fields) == 3 {
			busy, _ := strconv.ParseInt(fields[0], 10, 64)
			wakes, _ := strconv.ParseInt(fields[2], 10, 64)
			a.busy += time.Duration(busy)
			a.wakes += wakes
		}
		stat, _ := os.ReadFile(filepath.Join(thread, "stat"))
		if _, state, ok := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" ")); ok && len(state) > 0 && state[0] == 'R' {
			a.runnable = true
		}
	}
	a.connections = connectionsOf(dir)
	return a
}

// childrenOf names the processes that a process has started.
func childrenOf(pid int) []string {
	var names []string
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		ids, _ := os.ReadFile(list)
		for _, id := range strings.Fields(string(ids)) {
			if name, err := os.ReadFile(filepath.Join("/proc", id, "comm")); err == nil {
				names = append(names, string(bytes.TrimSpace(name))+" ("+id+")")
			}
		}
	}
	return names
}

// connectionsOf counts the established TCP connections of a process. Those of a connector that listens on a port are
// among them, so what counts is how their number changes.
func connectionsOf(dir string) int {
	sockets := map[string]bool{}
	for _, target := range openFiles(dir) {
		if inode, ok := strings.CutPrefix(target, "socket:["); ok {
			sockets[strings.TrimSuffix(inode, "]")] = true
		}
	}
	const state, inode, established = 3, 9, "01"
	n := 0
	for _, table := range []string{"tcp", "tcp6"} {
		text, _ := os.ReadFile(filepath.Join(dir, "net", table))
		for line := range strings.Lines(string(text)) {
			if fields := strings.Fields(line); len(fields) > inode && fields[state] == established && sockets[fields[inode]] {
				n++
			}
		}
	}
	return n
}

// openFiles returns what a process has open, by the number of its descriptor. dir is the folder of the process in /proc.
func openFiles(dir string) map[string]string {
	open := map[string]string{}
	files, _ := os.ReadDir(filepath.Join(dir, "fd"))
	for _, f := range files {
		if target, err := os.Readlink(filepath.Join(dir, "fd", f.Name())); err == nil {
			open[f.Name()] = target
		}
	}
	return open
}

// groupLeft names the processes that are left of the group that a program was the first of.
func groupLeft(pid int) []string {
	var names []string
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		open, shut := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
		fields := strings.Fields(string(text[shut+1:]))
		const state, group = 0, 2
		if len(fields) > group && fields[group] == strconv.Itoa(pid) && fields[state] != "Z" && fields[state] != "X" {
			names = append(names, string(text[open+1:shut])+" ("+filepath.Base(filepath.Dir(file))+")")
		}
	}
	return names
}
