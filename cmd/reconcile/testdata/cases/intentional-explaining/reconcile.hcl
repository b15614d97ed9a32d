# A true rule explains even if it is intentional itself, and the explained cell reads S.
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

rule "NS" {
  explains = ["N"]
  when     = store.name == "${pos.name} ${pos.sku}"
}

intentional "suffix" {
  rules  = ["N", "NS"]
  reason = "The store needs unique names."
}
