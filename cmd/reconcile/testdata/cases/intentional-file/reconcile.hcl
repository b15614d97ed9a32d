# An intentional block can name a file of SKUs, whose lines say what the block leaves open.
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

rule "B" {
  title = "Brand"
  when  = pos.brand != store.brand
}

intentional "by spreadsheet" {
  skus_file = "skus.csv"
  rules     = ["P"]
  reason    = "See the sheet."
}
