# What reconcile compares, and by which rules. As it stands it shows a sample shop; to see your own, change the lines
# marked with "<--". After a change: reconcile validate

# The point of sale. AmberPOS's file is an export of the inventory with these columns: SKU, Description, Brand,
# Regular Sell Price, QOH, Parent Sku, Options, ... (docs/configuration.md names them all, and how to map others).
source "amberpos" "shop" {
  file = "docs/sample/inventory.csv" # <-- your export: CSV, TSV or XLSX
  # columns = { brand = "Vendor" }   # <-- if a column of yours has another name
}

# The online store. Read-only access is enough: Store Setup > API accounts in BigCommerce's control panel.
source "bigcommerce" "web" {
  sandbox = true # <-- remove this line, which stands in for a real store, and take the two below

  # store_hash   = env("BIGCOMMERCE_STORE_HASH")   # the part of the API path after /stores/
  # access_token = env("BIGCOMMERCE_ACCESS_TOKEN") # in the environment, so that it stands in no file

  # Web orders up to this one are in AmberPOS already; later ones are still to be imported (column QP).
  imported_through = 1000 # <-- the last imported order's number
}

reconciliation "bigcommerce" {
  pos   = source.amberpos.shop
  store = source.bigcommerce.web

  # Items are paired by SKU. If yours differ by case or white space:
  # key = upper(trimspace(item.sku))
}

# The columns, in their order. A cell is N (not synchronized) where "when" is true. Where a rule "explains" another, the
# other one reads S: a discrepancy has one cause.

rule "N" {
  title = "Name"
  field = "names"
  when  = pos.name != store.name
  note  = "If the names should be the same: check the websync configuration, then re-upload the item to push AmberPOS's name online."
}

rule "NS" {
  title    = "Name, SKU appended"
  field    = "names"
  explains = ["N"]
  when     = pos.name != store.name && store.name == "${pos.name} ${pos.sku}"
  note     = "Nothing to do: the names are the same but for the SKU, which makes the name unique online."
}

rule "IV" {
  title = "Option variation"
  when  = pos.variation != store.variation || pos.options != store.options
  note  = "The option structures must match for variations to update properly: update the Local Copy, then re-upload the item."
}

rule "B" {
  title = "Brand"
  field = "brands"
  when  = lower(pos.brand) != lower(store.brand) # BigCommerce does not tell upper from lower case in brands
  note  = "Re-upload the item."
}

rule "Q" {
  title = "Quantity on hand"
  field = "qohs"
  when  = pos.qoh != store.qoh
  note  = "Websync is not enabled for it, or the levels differ on purpose. Where they should match, re-upload the item."
}

rule "QP" {
  title    = "Quantity, web orders pending"
  field    = "qohs"
  explains = ["Q"]
  when     = pos.qoh != store.qoh && store.pending > 0 && pos.qoh - store.pending == store.qoh
  note     = "Import the webstore transactions: that subtracts them from AmberPOS's quantity on hand."
}

rule "QN" {
  title    = "Quantity, negative"
  field    = "qohs"
  explains = ["Q"]
  when     = pos.qoh < 0
  note     = "BigCommerce accepts no quantity below zero: correct the quantity in AmberPOS."
}

rule "P" {
  title = "Price"
  field = "prices"
  when  = pos.price != store.price
  note  = "Re-upload the item."
}

# Who controls a field: AmberPOS's websync settings. Where one is off, the discrepancies of the rules about that field are
# meant to be; where it is manual, the notes say that the background sync will not mend them.
#
# websync {
#   names  = "on"
#   prices = "manual"
#   brands = "off"
# }

# Discrepancies that are meant to be. Their cells read I.

intentional "vendor sets the web price" {
  rules  = ["P"]
  where  = pos.brand == "Fender"
  reason = "Fender sets the price of its instruments online."
}
