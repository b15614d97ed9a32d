# applies and coalesce may name a known field that a source does not offer: it is null there, and a run says nothing of it.
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

rule "Q" {
  when    = pos.qoh - coalesce(store.pending, 0) != store.qoh
  applies = coalesce(pos.tracked, true)
}

rule "T" {
  when     = pos.qoh < 0
  applies  = store.tracked
  severity = "warning"
}
