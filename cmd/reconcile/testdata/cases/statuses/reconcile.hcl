# Each item status: matched, pos_only, store_only, duplicate (on either side, all rows of the key on both), no_key.
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
  title = "Price"
  when  = pos.price != store.price
  note  = "Re-upload."
}
