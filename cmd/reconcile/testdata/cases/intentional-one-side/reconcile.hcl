# Items of one side that are meant to be are no discrepancy: neither in the list nor in the exit status. A rule about such items has its own cells.
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

rule "STOCK" {
  on      = "pos_only"
  applies = pos.qoh != null
  when    = pos.qoh > 0
}

intentional "services" {
  status = ["pos_only"]
  where  = pos.brand == "Service"
  reason = "Labour is not sold online."
  owner  = "Kim"
}

intentional "in the window" {
  status    = ["pos_only"]
  skus_file = "window.csv"
  reason    = "Only in the shop."
}

intentional "vouchers" {
  reconciliations = ["case"]
  status          = ["store_only"]
  skus            = ["GIFT"]
  reason          = "Sold online alone."
}

intentional "sold out" {
  rules  = ["STOCK"]
  where  = pos.brand == "Service"
  reason = "Hours are no stock."
}
