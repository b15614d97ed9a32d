# --rule and --sku filter what is shown, never the summary.
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
