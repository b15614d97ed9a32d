package catalog_test

import (
	"errors"
	"fmt"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Decimals are exact: what a binary float gets wrong by a trifle is right here.
func ExampleDecimal() {
	price, _ := catalog.ParseDecimal("10.99")
	discount, _ := catalog.ParseDecimal("10.00")
	rest := price.Sub(discount)
	fmt.Println(rest, rest.Equal(catalog.NewDecimal(99, 2)))

	// Two forms of one number are equal, but not the same Go value: compare with Equal or Cmp.
	a, b := catalog.Int(1), catalog.NewDecimal(100, 2)
	fmt.Println(a.Equal(b), a == b, b)
	// Output:
	// 0.99 true
	// true false 1
}

// What is not a decimal number is an error, never a guess.
func ExampleParseDecimal() {
	for _, text := range []string{"19.90", "1e3", "-.5", "1,299.00"} {
		number, err := catalog.ParseDecimal(text)
		if errors.Is(err, catalog.ErrSyntax) {
			fmt.Printf("%q: no number\n", text)
			continue
		}
		fmt.Printf("%q: %s\n", text, number)
	}
	// Output:
	// "19.90": 19.9
	// "1e3": 1000
	// "-.5": -0.5
	// "1,299.00": no number
}

// A quotient is rounded to 34 significant digits, half to even; dividing by zero gives no number.
func ExampleDecimal_Quo() {
	third, ok := catalog.Int(1).Quo(catalog.Int(3))
	fmt.Println(third, ok)
	_, ok = catalog.Int(1).Quo(catalog.Int(0))
	fmt.Println(ok)
	// Output:
	// 0.3333333333333333333333333333333333 true
	// false
}

// Halves are rounded away from zero, as tills do.
func ExampleDecimal_Round() {
	for _, text := range []string{"2.345", "-2.345"} {
		number, _ := catalog.ParseDecimal(text)
		fmt.Println(number.Round(2))
	}
	// Output:
	// 2.35
	// -2.35
}
