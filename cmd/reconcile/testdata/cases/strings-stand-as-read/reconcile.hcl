# Strings are not trimmed: a blank at the end is a difference.
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

rule "N" {
  when = pos.name != store.name
}
