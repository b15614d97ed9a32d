# What reconcile compares, and by which rules. As it stands it shows a sample shop; to see your own, change the lines
# marked with "<--". After a change: reconcile validate

# The point of sale. AmberPOS's file is an export of the inventory with these columns: SKU, Description, Brand,
# Regular Sell Price, QOH, Parent Sku, Options, ... (docs/configuration.md names them all, and how to map others).
source "amberpos" "shop" {
  file     = "docs/sample/inventory.csv" # <-- your export: CSV, TSV or XLSX; if a column has another name: columns = { brand = "Vendor" }
  currency = "CAD"                       # <-- what its prices are in
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
  title = "BigCommerce"
  pos   = source.amberpos.shop
  store = source.bigcommerce.web

  # Items are paired by SKU. If yours differ by case or white space:
  # key = upper(trimspace(item.sku))

  # The columns of the report are the rules below, in their order. To take only some of them:
  # rules = ["N", "NS", "P"]
}

# The rules. A cell is N (not synchronized) where "when" is true. Where a rule "explains" another, the other one reads
# S: a discrepancy has one cause. Where "applies" is false, the rule is not about the item.

rule "N" {
  title = "Name"
  field = "names"
  when  = pos.name != store.name
  note  = "If the names should be the same: check the websync configuration, then re-upload the item to push AmberPOS's name online."
  remedy "upload" {
    name = pos.name
  }
}

rule "NS" {
  title    = "Name, SKU appended"
  field    = "names"
  severity = "info" # nothing is to be done
  explains = ["N"]
  when = pos.name != store.name && trimspace(pos.name) != trimspace(store.name) && (
    store.name == "${pos.name} ${pos.sku}" ||
    store.name == "${pos.name} ${store.sku}" ||
    store.name == "${pos.name} ${upper(trimspace(pos.sku))}"
  )
  note = "Nothing to do: the names are the same but for the SKU, which makes the name unique online."
  remedy "none" {}
}

rule "IV" {
  title = "Option variation"
  when  = pos.variation != store.variation || pos.options != store.options
  note  = "The option structures must match for variations to update properly: update the Local Copy, then re-upload the item."
  remedy "correct" {}
}

rule "B" {
  title = "Brand"
  field = "brands"
  when  = lower(pos.brand) != lower(store.brand) # BigCommerce does not tell upper from lower case in brands
  note  = "Re-upload the item."
  remedy "upload" {
    brand = pos.brand
  }
}

# Q: the quantities differ, or will once the web orders are imported. Where no stock is tracked there is none.
rule "Q" {
  title   = "Quantity on hand"
  field   = "qohs"
  applies = coalesce(store.tracked, true)
  when    = pos.qoh != store.qoh || store.pending > 0 && pos.qoh - store.pending != store.qoh
  note    = "Websync is not enabled for it, the levels differ on purpose, or a sold unit was put back online. Where they should match, import the webstore transactions, then re-upload the item."
  remedy "upload" {
    qoh = max(pos.qoh - coalesce(store.pending, 0), 0)
  }
}

# QP: once the web orders are imported, the quantities are the same. Where AmberPOS has just what the store has with its
# safety stock, that makes the difference, and not the orders. Where doubt holds for more items than when, a run warns.
rule "QP" {
  title      = "Quantity, web orders pending"
  field      = "qohs"
  explains   = ["Q"]
  applies    = coalesce(store.tracked, true)
  when       = store.pending > 0 && pos.qoh - store.pending == store.qoh && pos.qoh != store.qoh + coalesce(store.safety_stock, 0)
  note       = "Import the webstore transactions: that subtracts them from AmberPOS's quantity on hand."
  doubt      = store.pending > 0 && pos.qoh == store.qoh
  doubt_note = "Most items on web orders look as if these were imported already: see whether imported_through is the last imported order."
  remedy "import_orders" {}
}

rule "QN" {
  title    = "Quantity, negative"
  field    = "qohs"
  explains = ["Q"]
  applies  = coalesce(store.tracked, true)
  when     = pos.qoh < 0
  note     = "BigCommerce accepts no quantity below zero: correct the quantity in AmberPOS."
  remedy "correct" {}
}

# P: the regular prices differ. What a sale makes of them is PS's business.
rule "P" {
  title = "Price"
  field = "prices"
  when  = pos.price != store.price
  note  = "The regular prices differ, whatever sale prices there are: re-upload the item."
  remedy "upload" {
    price = pos.price
  }
}

/* PS, the sale prices, is off: remove this line to compare sale prices, too.
rule "PS" {
  title   = "Sale price"
  field   = "prices"
  applies = pos.price >= 0 && store.price >= 0 # where a price is not known, nor is a sale
  when    = coalesce(pos.sale_price, 0) != coalesce(store.sale_price, 0)
  note    = "The sale prices differ, or only one side has one: re-upload the item."
  remedy "upload" {
    sale_price = pos.sale_price
  }
}
/**/

# Who controls a field: AmberPOS's websync settings. Where one is off, the discrepancies of the rules about that field are
# meant to be; where it is manual, the notes say that the background sync will not mend them.
#
# websync {
#   names  = "on"
#   prices = "manual"
#   brands = "off"
# }

# Discrepancies that are meant to be. Their cells read I.

intentional "vendor sets the web price" { # <-- an example, about one guitar of the sample at these prices: remove it
  rules  = ["P"]
  skus   = ["GTR-STRAT-MN"]
  where  = pos.price == 1149.99 && store.price == 1099.99 # for a whole brand: pos.brand == "Fender"
  reason = "Fender sets the price of its instruments online."
}
