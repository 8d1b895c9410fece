"""Writes a demo order in the shape in which each channel sends it."""

import csv
import io
from decimal import ROUND_HALF_UP, Decimal

from order_tables import COUNTRIES

CSV_FR = [
    "N° de commande", "Date de commande", "Statut de paiement", "Devise", "Destinataire",
    "Société", "Adresse", "Complément d'adresse", "Code postal", "Ville", "Province", "Pays",
    "Téléphone", "Courriel", "Référence", "Désignation", "Quantité", "Prix unitaire", "Remise",
    "Poids (kg)", "Frais de port", "Mode de livraison", "Total commande",
]
CSV_UK = [
    "Order number", "Order date", "Payment status", "Currency", "Recipient", "Company",
    "Address 1", "Address 2", "Postcode", "City", "State", "Country", "Phone", "Email", "SKU",
    "Item name", "Quantity", "Unit price", "Discount", "Weight (g)", "Shipping",
    "Shipping method", "Order total",
]


def money(cents, mark="."):
    return f"{cents // 100}{mark}{cents % 100:02d}"


def tax_in(gross, rate):
    """Tax contained in a gross amount; rate in hundredths of a percent."""
    return gross - rounded(Decimal(gross) * 10000 / (10000 + rate))


def rounded(amount):
    return int(Decimal(amount).quantize(Decimal(1), ROUND_HALF_UP))


def gross(line):
    return line["price"] * line["quantity"] - line["discount"]


def local(at, offset):
    return at.strftime("%Y-%m-%dT%H:%M:%S") + offset


# --- Shopify ---------------------------------------------------------------------------------


def both(cents, order):
    """An amount in the shop's money and in the buyer's."""
    shown = rounded(Decimal(cents) * Decimal(COUNTRIES[order["land"]][4]))
    return {"shop_money": {"amount": money(cents), "currency_code": "EUR"},
            "presentment_money": {"amount": money(shown), "currency_code": order["shown"]}}


def shopify_taxes(cents, order):
    """Empty where nothing is collected; on top of the price in the United States."""
    rate = order["rate"]
    if rate == 0:
        return 0, []
    american = order["land"] == "US"
    tax = rounded(Decimal(cents) * rate / 10000) if american else tax_in(cents, rate)
    title = "State Tax" if american else "VAT"
    line = {"title": title, "price": money(tax), "price_set": both(tax, order),
            "rate": rate / 10000, "channel_liable": False}
    return tax, [line]


def shopify_address(order):
    who = order["who"]
    code, name = who["state"] or (None, None)
    address = {
        "first_name": who["first"], "last_name": who["last"],
        "name": f"{who['first']} {who['last']}", "company": who["company"],
        "address1": who["street"], "address2": who["second"], "zip": who["postcode"],
        "city": who["city"], "province": name, "province_code": code,
        "country": COUNTRIES[order["land"]][0], "country_code": who["country"],
        "phone": who["phone"], "latitude": None, "longitude": None,
    }
    if order["defect"] == "country":
        address.update(country="Brobdingnag", country_code="ZZ")
    return address


def shopify_line(order, index, line):
    line_id = order["id"] * 3 + 9_000_000_000_000 + index
    tax, taxes = shopify_taxes(gross(line), order)
    off = line["discount"]
    allocated = [{"amount": money(off), "amount_set": both(off, order),
                  "discount_application_index": 0}]
    ships = line["ships"]
    return tax, {
        "id": line_id, "admin_graphql_api_id": f"gid://shopify/LineItem/{line_id}",
        "attributed_staffs": [], "product_id": 8_104_000_000_000 + line["no"],
        "variant_id": 44_910_000_000_000 + line["no"], "sku": line["sku"], "title": line["en"],
        "variant_title": None, "name": line["en"], "vendor": "Plume & Ficelle",
        "quantity": line["quantity"], "current_quantity": line["quantity"],
        "fulfillable_quantity": line["quantity"], "fulfillment_service": "manual",
        "fulfillment_status": None, "price": money(line["price"]),
        "price_set": both(line["price"], order), "total_discount": "0.00",
        "total_discount_set": both(0, order), "discount_allocations": allocated if off else [],
        "duties": [], "grams": line["grams"], "requires_shipping": ships, "taxable": True,
        "gift_card": line["sku"].startswith("GIFT-"), "product_exists": True, "properties": [],
        "variant_inventory_management": "shopify" if ships else None, "tax_lines": taxes,
    }


def shopify(order):
    taxed = [shopify_line(order, i, line) for i, line in enumerate(order["lines"])]
    items = sum(line["price"] * line["quantity"] for line in order["lines"])
    off = sum(line["discount"] for line in order["lines"])
    port = order["port"]
    port_tax, port_taxes = shopify_taxes(port, order)
    tax = sum(t for t, _ in taxed) + port_tax
    included = order["land"] != "US"
    total = items - off + port + (0 if included else tax)
    digital = order["defect"] == "digital"
    methods = [{
        "id": order["id"] - 1_100_000_000_000, "code": order["method"][0],
        "title": order["method"][1], "source": "shopify", "carrier_identifier": None,
        "price": money(port), "price_set": both(port, order), "discounted_price": money(port),
        "discounted_price_set": both(port, order), "discount_allocations": [],
        "is_removed": False, "phone": None, "requested_fulfillment_service_id": None,
        "tax_lines": port_taxes,
    }]
    who, rest = order["who"], {}
    for key, cents in [("total_line_items_price", items), ("total_discounts", off),
                       ("subtotal_price", items - off), ("total_tax", tax),
                       ("total_price", total)]:
        rest |= {key: money(cents), f"{key}_set": both(cents, order)}
        if key != "total_line_items_price":
            rest |= {f"current_{key}": money(cents), f"current_{key}_set": both(cents, order)}
    used = [{"type": "discount_code", "value": "10.0", "value_type": "percentage", "code": "PLUME",
             "allocation_method": "across", "target_selection": "entitled",
             "target_type": "line_item"}]
    return {
        "id": order["id"], "admin_graphql_api_id": f"gid://shopify/Order/{order['id']}",
        "app_id": 580111, "name": order["number"], "number": int(order["number"][1:]) - 1000,
        "order_number": int(order["number"][1:]), "source_name": "web", "test": order["test"],
        "confirmed": True, "token": order["token"], "tags": order["tags"],
        "created_at": local(order["at"], "+01:00"), "processed_at": local(order["at"], "+01:00"),
        "updated_at": local(order["changed"], "+01:00"), "cancelled_at": None,
        "cancel_reason": None, "closed_at": None, "financial_status": order["payment"],
        "fulfillment_status": None, "currency": "EUR", "presentment_currency": order["shown"],
        "taxes_included": included, "tax_exempt": False, "current_total_duties_set": None,
        "original_total_duties_set": None, "total_tip_received": "0.00",
        "total_weight": sum(x["grams"] * x["quantity"] for x in order["lines"]), **rest,
        "contact_email": who["email"], "email": who["email"], "phone": None,
        "customer_locale": order["locale"], "note": order["note"], "note_attributes": [],
        "payment_gateway_names": ["shopify_payments"],
        "customer": {"id": order["id"] + 1_300_000_000_000, "email": who["email"],
                     "first_name": who["first"], "last_name": who["last"], "phone": None},
        "discount_codes": [{"code": "PLUME", "amount": money(off), "type": "percentage"}]
        if off else [],
        "discount_applications": used if off else [],
        "shipping_address": None if digital else shopify_address(order),
        "billing_address": shopify_address(order), "line_items": [line for _, line in taxed],
        "shipping_lines": [] if digital else methods, "tax_lines": [], "fulfillments": [],
        "refunds": [],
    }


# --- WooCommerce -----------------------------------------------------------------------------


def woo_address(order):
    who = order["who"]
    state = (who["state"] or ("",))[0]
    if who["country"] == "DE" and state:
        state = f"DE-{state}"
    return {
        "first_name": who["first"], "last_name": who["last"], "company": who["company"] or "",
        "address_1": who["street"] or "", "address_2": who["second"] or "",
        "city": who["city"] or "", "state": state, "postcode": who["postcode"],
        "country": who["country"],
    }


def woo_line(order, index, line):
    before = line["price"] * line["quantity"]
    tax, tax_before = tax_in(gross(line), order["rate"]), tax_in(before, order["rate"])
    net = gross(line) - tax
    name = line["fr"].replace("&", "&amp;").replace(", ", " &ndash; ")
    rates = [{"id": 7, "total": money(tax), "subtotal": money(tax_before)}]
    return tax, {
        "id": order["id"] * 10 + index, "name": name, "product_id": 900 + line["no"],
        "variation_id": 0, "quantity": line["quantity"], "tax_class": "",
        "subtotal": money(before - tax_before), "subtotal_tax": money(tax_before),
        "total": money(net), "total_tax": money(tax), "taxes": rates if tax else [],
        "meta_data": [], "sku": line["sku"], "global_unique_id": "",
        "price": net / 100 / line["quantity"], "image": {"id": "", "src": ""},
        "parent_name": None,
    }


def woocommerce(order):
    taxed = [woo_line(order, i, line) for i, line in enumerate(order["lines"])]
    port_tax = tax_in(order["port"], order["rate"])
    port = order["port"] - port_tax
    cart_tax = sum(tax for tax, _ in taxed)
    total = sum(gross(line) for line in order["lines"]) + order["port"]
    off = sum(line["discount"] for line in order["lines"])
    off_tax = sum(tax_in(x["price"] * x["quantity"], order["rate"]) for x in order["lines"])
    off_tax -= cart_tax
    paid = order["payment"] == "paid"
    at, who = order["at"], order["who"]
    utc = at.replace(hour=at.hour - 1)
    changed = order["changed"].replace(hour=order["changed"].hour - 1)
    rate = COUNTRIES[order["land"]][3]
    shipping = woo_address(order)
    return {
        "id": order["id"], "parent_id": 0, "number": order["number"], "status": order["status"],
        "order_key": f"wc_order_{order['token'][:13]}", "created_via": "checkout",
        "version": "9.8.5", "currency": order["currency"], "prices_include_tax": True,
        "date_created": local(at, ""), "date_created_gmt": local(utc, ""),
        "date_modified": local(order["changed"], ""), "date_modified_gmt": local(changed, ""),
        "date_paid": local(at, "") if paid else None,
        "date_paid_gmt": local(utc, "") if paid else None,
        "date_completed": None, "date_completed_gmt": None,
        "discount_total": money(off - off_tax), "discount_tax": money(off_tax),
        "shipping_total": money(port), "shipping_tax": money(port_tax),
        "cart_tax": money(cart_tax), "total": money(total), "total_tax": money(cart_tax + port_tax),
        "customer_id": 0, "customer_ip_address": "", "customer_user_agent": "",
        "customer_note": order["note"] or "",
        "payment_method": "bacs" if order["status"] == "on-hold" else "stripe",
        "payment_method_title": "Carte bancaire", "transaction_id": "", "cart_hash": "",
        "billing": shipping | {"email": who["email"], "phone": who["phone"] or ""},
        # Empty where the buyer ticked "same as billing" in some themes.
        "shipping": {key: "" for key in shipping} if order["same"] else shipping | {"phone": ""},
        "line_items": [line for _, line in taxed],
        "tax_lines": [{
            "id": order["id"] * 10 + 8, "rate_code": f"{who['country']}-TVA-1", "rate_id": 7,
            "label": "TVA", "compound": False, "tax_total": money(cart_tax),
            "shipping_tax_total": money(port_tax), "rate_percent": rate / 100, "meta_data": [],
        }] if cart_tax else [],
        "shipping_lines": [{
            "id": order["id"] * 10 + 9, "method_title": order["method"][1],
            "method_id": "flat_rate", "instance_id": "1" if order["method"][0] == "home" else "2",
            "total": money(port), "total_tax": money(port_tax),
            "taxes": [{"id": 7, "total": money(port_tax), "subtotal": ""}] if port_tax else [],
            "meta_data": [],
        }],
        "fee_lines": [], "coupon_lines": [], "refunds": [], "meta_data": [],
        "payment_url": "", "is_editable": False, "needs_payment": not paid,
        "needs_processing": True, "currency_symbol": order["symbol"],
    }


# --- CSV -------------------------------------------------------------------------------------


def csv_rows(order, french):
    """One row per line; what belongs to the order stands in each, its amounts in the first."""
    who, mark = order["who"], "," if french else "."
    state = (who["state"] or ("",))[0]
    paid = {"paid": "Payée" if french else "Paid", "pending": "En attente" if french else "Unpaid"}
    currency = "GBX" if order["defect"] == "currency" else order["currency"]
    head = [
        order["number"], order["at"].strftime("%d/%m/%Y"), paid[order["payment"]], currency,
        f"{who['first']} {who['last']}", who["company"], who["street"], who["second"],
        who["postcode"], who["city"], state, COUNTRIES[order["land"]][1 if french else 0],
        who["phone"], who["email"],
    ]
    total = sum(gross(line) for line in order["lines"]) + order["port"]
    for index, line in enumerate(order["lines"]):
        quantity, discount = line["quantity"], ""
        if order["defect"] == "negative" and index == 0:
            quantity = -quantity
        if order["defect"] == "ambiguous" and index == 0:
            # A column without any other value cannot decide what the mark means.
            discount = "1.500" if french else "1,500"
        kilos = f"{line['grams'] // 1000},{line['grams'] % 1000:03d}"
        tail = [
            line["sku"], line["fr" if french else "en"], quantity, money(line["price"], mark),
            discount, kilos if french else line["grams"],
        ]
        once = [money(order["port"], mark), order["method"][1], money(total, mark)]
        yield head + tail + (once if index == 0 else ["", "", ""])


def csv_file(rows, french):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if french else ",", lineterminator="\r\n")
    writer.writerow(CSV_FR if french else CSV_UK)
    writer.writerows(rows)
    return out.getvalue().encode("cp1252" if french else "utf-8")
