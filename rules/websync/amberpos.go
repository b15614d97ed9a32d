package websync

// AmberPOS returns AmberPOS's words. Its value goes online when somebody re-uploads the item (manual), by the background
// sync as well (on), or never (off).
func AmberPOS() Words {
	off := Setting{Word: "off", StoreOwns: true}
	manual := Setting{Word: "manual", OnRequest: true, Note: "Websync is manual for %s: the background sync will not do it, so re-upload the item."}
	on := Setting{Word: "on"}
	words := Words{Block: "websync"}
	for _, name := range []string{"names", "prices", "cost_prices", "upcs", "bin_numbers", "qohs", "brands", "weights", "dimensions"} {
		words.Fields = append(words.Fields, Field{name, []Setting{off, manual, on}})
	}
	for _, name := range []string{"skus", "var_prices", "var_weights", "var_images"} {
		words.Fields = append(words.Fields, Field{name, []Setting{off, manual}})
	}
	return words
}
