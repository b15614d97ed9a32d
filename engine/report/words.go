package report

import "strconv"

// count writes a number for people: 1,234,567.
func count(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// items returns "1 item" or "3 items".
func items(n int) string { return count(n) + plural(n, " item", " items") }

// rows returns "1 row" or "3 rows".
func rows(n int) string { return count(n) + plural(n, " row", " rows") }

// are returns "1 item is" or "3 items are".
func are(n int) string { return items(n) + plural(n, " is", " are") }
