# A value never depends on its neighbours: a mark at the start of one does not become one with the letter before it.
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

rule "O" {
  when = pos.options != store.options
}
