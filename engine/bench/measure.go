package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// run is what one run of a program took.
type run struct {
	wall, cpu time.Duration
	// peak is the largest total of the proportional set sizes of the program and its child processes, in bytes; shared pages
	// count once. own is the largest resident set size of the program itself. Both are 0 if memory was not sampled.
	peak, own int64
	shares    []share // the processor time of each process, in the order of their start
}

// share is the processor time of one process.
type share struct {
	name string
	cpu  time.Duration
}

// sampleEvery is the time between two samples of memory. Sampling takes time, so a run is either timed or sampled.
const sampleEvery = 5 * time.Millisecond

// execute runs a command to its end, in dir.
func execute(dir string, sample bool, command ...string) (run, error) {
	cmd := exec.Command(command[0], command[1:]...)
	var said bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &said, &said
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return run{}, err
	}
	var r run
	stop, stopped := make(chan struct{}), make(chan error, 1)
	fault.Go(func() {
		if sample {
			stopped <- r.sample(cmd.Process.Pid, stop)
			return
		}
		<-stop
		stopped <- nil
	})
	err := cmd.Wait()
	r.wall = time.Since(start)
	close(stop)
	err = errors.Join(err, <-stopped)
	if err != nil {
		return r, fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, said.String())
	}
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime() // those of the processes below it, too
	return r, nil
}

// sample looks at the memory of a process and all below it until stop is closed.
func (r *run) sample(root int, stop <-chan struct{}) error {
	ticker := time.NewTicker(sampleEvery)
	defer ticker.Stop()
	times := map[int]time.Duration{}
	names := map[int]string{}
	samples := 0
	for {
		select {
		case <-stop:
			if samples == 0 {
				return errors.New("the memory of its processes was never seen: is this Linux?")
			}
			for _, pid := range slices.Sorted(mapKeys(times)) {
				if names[pid] == "" {
					continue // the process ended before it had a name
				}
				r.shares = append(r.shares, share{names[pid], times[pid]})
			}
			return nil
		case <-ticker.C:
		}
		sum := int64(0)
		for _, pid := range below(root) {
			pss, rss := memoryOf(pid)
			if sum += pss; pss > 0 {
				samples++
			}
			if pid == root {
				r.own = max(r.own, rss)
			}
			if cpu, ok := timeOf(pid); ok {
				times[pid] = cpu
			}
			if name := nameOf(pid); name != "" {
				names[pid] = name
			}
		}
		r.peak = max(r.peak, sum)
	}
}

func mapKeys(m map[int]time.Duration) func(func(int) bool) {
	return func(yield func(int) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// below returns a process and those that it and they have started.
func below(pid int) []int {
	all := []int{pid}
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				all = append(all, below(child)...)
			}
		}
	}
	return all
}

// memoryOf returns the proportional and the resident set size of a process, in bytes; 0 if it has ended.
func memoryOf(pid int) (pss, rss int64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch name {
		case "Pss":
			pss = n << 10
		case "Rss":
			rss = n << 10
		}
	}
	return pss, rss
}

// timeOf returns the processor time of a process so far.
func timeOf(pid int) (time.Duration, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false
	}
	const tick = 10 * time.Millisecond // of the clock in this file
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, false
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick, true
}

// nameOf returns the name of a process; "" if it has ended.
func nameOf(pid int) string {
	args, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	switch words := strings.Split(string(args), "\x00"); {
	case words[0] == "":
		return ""
	case len(words) > 2 && strings.HasPrefix(words[1], "__"):
		return "connector"
	default:
		return filepath.Base(words[0])
	}
}
