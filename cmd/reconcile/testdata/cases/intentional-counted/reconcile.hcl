# An item of which a cell is I is counted as intentional, not as synchronized.
source "file" "shop" {
  path = "pos.csv"
}

source "file" "web" {
  path = "store.csv"
}

reconciliation "case" {
  pos   = source.file.shop
  store = source.file.web
}

rule "P" {
  when = pos.price != store.price
}

intentional "dear online" {
  rules  = ["P"]
  skus   = ["A-1"]
  reason = "The vendor sets it."
}
