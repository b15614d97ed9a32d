# Rules can be about items that one side lacks, and about duplicates; they see the side that is there, and can be intentional.
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
  when = pos.price != store.price
}

rule "MISSING" {
  title = "Not online"
  on    = "pos_only"
  when  = pos.price > 20
  note  = "Upload it."
}

rule "STRAY" {
  on       = "store_only"
  severity = "warning"
  when     = store.name != ""
}

rule "TWICE" {
  on   = "duplicate"
  when = pos.price > 0
}

intentional "services are not sold online" {
  rules  = ["MISSING"]
  where  = pos.brand == "Service"
  reason = "Nobody buys a tune-up online."
}
