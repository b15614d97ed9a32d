# What "reconcile run" compares in this folder: the point of sale's export with the shop that the connector reads.

plugin "example-shop" {
  path = "./reconcile-plugin-example-shop"
  lock = "off" # while you change it: otherwise a plugin runs only as it was when it was accepted
}

source "file" "pos" {
  path     = "inventory.csv"
  currency = "CAD" # what its prices are in: the shop says so itself
}

source "example-shop" "web" {
  url = "sandbox"
}

reconciliation "lamps" {
  pos   = source.file.pos
  store = source.example-shop.web
}

rule "N" {
  title = "Name"
  when  = pos.name != store.name
  note  = "Correct the name on the product's page."
#+   remedy "upload" {
#+     name = pos.name
#+   }
}

rule "Q" {
  title = "Quantity on hand"
  when  = pos.qoh != store.qoh
  note  = "Upload the quantity again."
#+   remedy "upload" {
#+     qoh = pos.qoh
#+   }
}

rule "P" {
  title = "Price"
  when  = pos.price != store.price
  note  = "Upload the price again."
#+   remedy "upload" {
#+     price = pos.price
#+   }
}
