# P is N: the prices differ by a cent.
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

rule "P" {
  title = "Price"
  field = "prices"
  when  = pos.price != store.price
  note  = "The regular prices differ, whatever sale prices there are: re-upload the item."
  remedy "upload" {
    price = pos.price
  }
}
