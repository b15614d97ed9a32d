# A side of which no row can be read is no catalogue at all: the run fails.
source "file" "shop" {
  path       = "pos.csv"
  on_bad_row = "skip"
}

source "file" "web" {
  path       = "store.csv"
  on_bad_row = "skip"
}

reconciliation "case" {
  pos   = source.file.shop
  store = source.file.web
}

rule "Q" {
  title = "Quantity on hand"
  when  = pos.qoh != store.qoh
}

rule "GONE" {
  title = "Not online"
  on    = "pos_only"
  when  = pos.qoh > 0
}

rule "TWICE" {
  title = "Twice"
  on    = "duplicate"
  when  = pos.qoh > 0
}
