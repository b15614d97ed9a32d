# Blocks that expire within 14 days are warned of, once for all lines of a file, and so are lines that have expired.
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

intentional "by spreadsheet" {
  skus_file = "skus.csv"
  rules     = ["P"]
  reason    = "See the sheet."
}
