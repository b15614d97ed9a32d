# An intentional block without where or skus covers every item, in its rules only.
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

intentional "web prices differ" {
  rules  = ["P"]
  reason = "The web shop has its own prices."
  owner  = "Kim"
}
