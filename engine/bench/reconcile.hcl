# What is measured: two files, a rule for each of their columns, and two rules that say why another holds.

source "file" "left" {
  path = "left.csv"
}

source "file" "right" {
  path = "right.csv"
}

reconciliation "files" {
  pos   = source.file.left
  store = source.file.right
  rules = ["N", "NS", "IV", "B", "Q", "QN", "P"]
}

rule "N" {
  title = "Name"
  when  = pos.name != store.name
  note  = "Upload the item again."
}

rule "NS" {
  title    = "Name, SKU appended"
  explains = ["N"]
  when     = pos.name != store.name && store.name == "${pos.name} ${pos.sku}"
  note     = "Nothing is to be done."
}

rule "IV" {
  title = "Options"
  when  = pos.options != store.options
  note  = "Upload the item again."
}

rule "B" {
  title = "Brand"
  when  = lower(pos.brand) != lower(store.brand)
  note  = "Upload the item again."
}

rule "Q" {
  title = "Quantity"
  when  = pos.qoh != store.qoh
  note  = "Upload the item again."
}

rule "QN" {
  title    = "Quantity below zero"
  explains = ["Q"]
  when     = pos.qoh < 0 && pos.qoh != store.qoh
  note     = "Correct the quantity."
}

rule "P" {
  title = "Price"
  when  = pos.price != store.price
  note  = "Upload the item again."
}
