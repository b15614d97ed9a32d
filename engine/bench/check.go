package main

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"os"
)

// checkOurs compares reconcile's result with the truth: each item that differs has an N in the rule for that column, and no
// other item has one.
func checkOurs(path string, want truth) error {
	return check(path, want, func(cell func(column string) string) (string, error) {
		switch status := cell("status"); status {
		case "pos_only":
			return "left_only", nil
		case "store_only":
			return "right_only", nil
		case "matched":
		default:
			return "", fmt.Errorf("an item is %s", status)
		}
		// NS and QN explain N and Q: they take their place.
		found := ""
		for rule, column := range map[string]string{"N": "name", "NS": "name", "IV": "options", "B": "brand", "Q": "qoh", "QN": "qoh", "P": "price"} {
			if cell(rule) == "N" {
				if found != "" && found != column {
					return "", fmt.Errorf("item %s differs in %s and %s", cell("sku"), found, column)
				}
				found = column
			}
		}
		if found == "" {
			return "", fmt.Errorf("item %s is listed for nothing", cell("sku"))
		}
		return found, nil
	})
}

// checkPeer compares the peer's result with the truth.
func checkPeer(path string, want truth) error {
	return check(path, want, func(cell func(column string) string) (string, error) {
		if kind := cell("kind"); kind != "changed" {
			return kind, nil
		}
		for _, column := range columns[1:] {
			if cell("d_"+column) == "true" {
				return column, nil
			}
		}
		return "", fmt.Errorf("item %s is listed for nothing", cell("sku"))
	})
}

// check counts what the rows of a result are about.
func check(path string, want truth, about func(cell func(column string) string) (string, error)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	r := csv.NewReader(bufio.NewReaderSize(file, 1<<20))
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	at := map[string]int{}
	for i, name := range header {
		at[name] = i
	}
	got := truth{}
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		key, err := about(func(column string) string {
			if i, ok := at[column]; ok {
				return row[i]
			}
			return ""
		})
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		got[key]++
	}
	if !maps.Equal(got, want) {
		return fmt.Errorf("%s: it counts %v, the truth is %v", path, got, want)
	}
	return nil
}
