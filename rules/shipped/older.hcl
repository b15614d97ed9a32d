# Rules as they were shipped before, each in all its versions. reconcile validate finds them in configurations by these texts,
# and reconcile fmt --rules writes the rules of today in their place.

rule "N" {
  title = "Name"
  when  = pos.name != store.name
  note  = "If the names should be the same: check the websync configuration, then re-upload the item to push AmberPOS's name online."
}

rule "NS" {
  title    = "Name, SKU appended"
  explains = ["N"]
  when     = pos.name != store.name && store.name == "${pos.name} ${pos.sku}"
  note     = "Nothing to do: the names are the same but for the SKU, which makes the name unique online."
}

rule "B" {
  title = "Brand"
  when  = lower(pos.brand) != lower(store.brand) # BigCommerce does not tell upper from lower case in brands
  note  = "Re-upload the item."
}

rule "Q" {
  title = "Quantity on hand"
  when  = pos.qoh != store.qoh
  note  = "Websync is not enabled for it, or the levels differ on purpose. Where they should match, re-upload the item."
}

rule "QP" {
  title    = "Quantity, web orders pending"
  explains = ["Q"]
  when     = pos.qoh != store.qoh && store.pending > 0 && pos.qoh - store.pending == store.qoh
  note     = "Import the webstore transactions: that subtracts them from AmberPOS's quantity on hand."
}

rule "QN" {
  title    = "Quantity, negative"
  explains = ["Q"]
  when     = pos.qoh < 0
  note     = "BigCommerce accepts no quantity below zero: correct the quantity in AmberPOS."
}

rule "P" {
  title = "Price"
  when  = pos.price != store.price
  note  = "Re-upload the item."
}

rule "NS" {
  title    = "Name, SKU appended"
  field    = "names"
  explains = ["N"]
  when     = pos.name != store.name && store.name == "${pos.name} ${pos.sku}"
  note     = "Nothing to do: the names are the same but for the SKU, which makes the name unique online."
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

rule "N" {
  title = "Name"
  field = "names"
  when  = pos.name != store.name
  note  = "If the names should be the same: check the websync configuration, then re-upload the item to push AmberPOS's name online."
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
  title   = "Quantity on hand"
  field   = "qohs"
  applies = coalesce(store.tracked, true)
  when    = pos.qoh != store.qoh || store.pending > 0 && pos.qoh - store.pending != store.qoh
  note    = "Websync is not enabled for it, the levels differ on purpose, or a sold unit was put back online. Where they should match, import the webstore transactions, then re-upload the item."
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
}

rule "QN" {
  title    = "Quantity, negative"
  field    = "qohs"
  explains = ["Q"]
  applies  = coalesce(store.tracked, true)
  when     = pos.qoh < 0
  note     = "BigCommerce accepts no quantity below zero: correct the quantity in AmberPOS."
}

rule "P" {
  title = "Price"
  field = "prices"
  when  = pos.price != store.price
  note  = "The regular prices differ, whatever sale prices there are: re-upload the item."
}

rule "PS" {
  title   = "Sale price"
  field   = "prices"
  applies = pos.price >= 0 && store.price >= 0 # where a price is not known, nor is a sale
  when    = coalesce(pos.sale_price, 0) != coalesce(store.sale_price, 0)
  note    = "The sale prices differ, or only one side has one: re-upload the item."
}
