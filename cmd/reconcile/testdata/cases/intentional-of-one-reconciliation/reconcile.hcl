# An acceptance for one store says nothing of another one with the same point of sale.
source "file" "shop" {
  path = "pos.csv"
}

source "file" "web" {
  path = "store.csv"
}

source "file" "other" {
  path = "store.csv"
}

reconciliation "ca" {
  pos   = source.file.shop
  store = source.file.web
}

reconciliation "us" {
  pos   = source.file.shop
  store = source.file.other
}

rule "P" {
  title = "Price"
  when  = pos.price != store.price
  note  = "Re-upload."
}

intentional "on offer in Canada" {
  reconciliations = ["ca"]
  rules           = ["P"]
  skus            = ["A-1"]
  reason          = "On offer."
}
