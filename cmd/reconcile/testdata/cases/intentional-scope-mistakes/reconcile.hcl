# Mistakes in the scope of an intentional block: whom it is about, which items, and from when until when.
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

intentional "other store" {
  reconciliations = ["cse"]
  rules           = ["P"]
  reason          = "."
}

intentional "no store" {
  reconciliations = []
  rules           = ["P"]
  reason          = "."
}

intentional "both" {
  rules  = ["P"]
  status = ["pos_only"]
  reason = "."
}

intentional "neither" {
  reason = "."
}

intentional "statuses" {
  status = ["matched", "duplicate", "no_key", "unreadable", "pos-only"]
  reason = "."
}

intentional "no status" {
  status = []
  reason = "."
}

intentional "pinned" {
  status = ["pos_only"]
  skus   = ["A-1"]
  pin    = true
  reason = "."
}

intentional "absent side" {
  status = ["pos_only"]
  where  = store.brand == "Abus"
  reason = "."
}

intentional "two sides" {
  status = ["pos_only", "store_only"]
  where  = pos.brand == "Abus"
  reason = "."
}

intentional "dates" {
  rules   = ["P"]
  starts  = "soon"
  expires = "later"
  reason  = "."
}

intentional "backwards" {
  rules   = ["P"]
  starts  = "2027-02-01"
  expires = "2027-01-31"
  reason  = "."
}

intentional "file" {
  skus_file = "skus.csv"
  reason    = "."
}
