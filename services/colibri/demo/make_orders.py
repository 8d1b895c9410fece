#!/usr/bin/env python3
"""Makes the demo's orders: `orders/*.jsonl`, `orders/*.csv` and `orders/EXPECTED.md`.

    python3 make_orders.py           writes the files, always the same ones
    python3 make_orders.py --list    prints what is expected: file, order or row, outcome

Owns what the orders say and what should become of each. Every person, company, street and phone
is invented. Sends nothing.
"""

import json
import random
import sys
import unicodedata
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

# Running it leaves nothing behind but the files.
sys.dont_write_bytecode = True

import order_shapes as shapes
from order_tables import (
    ABROAD, COMPANIES, COUNTRIES, FIRST, LAST, LONG_NAMES, PHONES, PRODUCTS, SECOND_LINES,
    SHIPPING, SPEECH, STREETS, TOWNS,
)

FOLDER = Path(__file__).resolve().parent / "orders"
# Beyond the 12th a date proves that the day stands before the month.
FIRST_DAY, DAYS = datetime(2026, 11, 2, 8), 18
# Grams of a whole order.
LIGHTEST, HEAVIEST = 150, 12_000
CUSTOMS = {"CH", "NO", "IC"}
NOTES = ["Sonner deux fois, SVP.", "Bitte nicht knicken!", "Dejar en portería, gracias.",
         "Please leave with a neighbour.", "Cadeau : merci de ne pas joindre la facture."]

# File: country and number of right orders, then what is wrong on purpose and where it goes.
PLAN = {
    "shopify.jsonl": (
        "FR20 DE16 ES10 GB13 US13 BE2 AT2 PT1 CH2 NO1 IC1",
        "postcode:FR street:DE city:GB country:ES unpaid:US test:FR digital:DE weight:GB "
        "twin:FR twin_newer:US",
    ),
    "woocommerce.jsonl": (
        "FR12 DE16 ES14 GB8 US8 BE1 AT2 PT2 NO1 IC2",
        "postcode:US street:ES unpaid:FR on_hold:DE twin:DE",
    ),
    "orders-fr.csv": ("FR30 ES3 DE2 BE3 CH2 IC1", "postcode:FR negative:FR ambiguous:FR unpaid:BE"),
    "orders-uk.csv": ("GB24 US6 CH1", "currency:GB negative:GB ambiguous:GB city:GB region:US"),
}
# What becomes of an order with something wrong, weights apart.
OUTCOMES = {
    "postcode": "held ADR0007", "street": "held ADR0003", "city": "held ADR0004",
    "region": "held ADR0010", "country": "refused ORD0001", "unpaid": "held UNPAID",
    "on_hold": "held CHANNEL_HOLD+UNPAID", "test": "held TEST_ORDER", "digital": "ignored",
    "weight": "held WEIGHT_MISSING", "twin": "duplicate", "twin_newer": "duplicate",
    "negative": "refused CHN0015", "ambiguous": "refused CHN0029", "currency": "refused CHN0013",
}
BAD_POSTCODES = {"FR": "6900", "US": "4321O"}


def ascii_only(text):
    text = text.replace("ß", "ss").replace("ø", "o").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "".join(c for c in plain if c.isalnum())


def person(rng, land):
    speech = SPEECH.get(land, land)
    first, last = rng.choice(FIRST[speech].split()), rng.choice(LAST[speech].split())
    if rng.random() < 0.06:
        first, last = LONG_NAMES[speech]
    town = rng.choice(TOWNS[land])
    state = town[2:4] if len(town) == 4 else (town[2], None) if len(town) == 3 else None
    streets = STREETS["ES" if land == "IC" else land]
    domain = rng.choice(["com", "org", "net"])
    mail = f"{ascii_only(first)}.{ascii_only(last)[:24]}@example.{domain}"
    numbers = [rng.randrange(100), rng.randrange(100), rng.randrange(1000)]
    return {
        "first": first, "last": last, "email": mail,
        "company": rng.choice(COMPANIES[speech]) if rng.random() < 0.2 else None,
        "street": rng.choice(streets).format(n=rng.randrange(1, 99)),
        "second": rng.choice(SECOND_LINES[speech]) if rng.random() < 0.25 else None,
        "city": town[0], "postcode": town[1], "state": state,
        "country": "ES" if land == "IC" else land, "phone": PHONES[land].format(*numbers),
    }


def goods(rng, units_per_euro):
    """Lines whose weight a parcel can have."""
    while True:
        count = rng.choices([1, 2, 3, 4], [45, 30, 17, 8])[0]
        chosen = rng.sample(range(len(PRODUCTS)), count)
        lines = []
        for no in chosen:
            sku, en, fr, cents, grams = PRODUCTS[no]
            price = shapes.rounded(Decimal(cents) * Decimal(units_per_euro))
            lines.append({"no": no, "sku": sku, "en": en, "fr": fr, "price": price,
                          "grams": grams, "quantity": rng.choices([1, 2, 3], [70, 22, 8])[0],
                          "discount": 0, "ships": True})
        if LIGHTEST <= sum(x["grams"] * x["quantity"] for x in lines) <= HEAVIEST:
            return lines


def moment(rng, progress):
    """In order, from 8 to 22 o'clock: the hour in UTC is then on the same day."""
    day, minute = divmod(int(progress * DAYS * 14 * 60), 14 * 60)
    start = FIRST_DAY + timedelta(days=day, minutes=minute)
    return start.replace(second=rng.randrange(60))


def build(rng, file, land, defect, serial, progress):
    channel = file.split(".")[0]
    currency, rate, per_euro = COUNTRIES[land][2:]
    if channel == "shopify":
        # The books of a Shopify shop are in one currency, whatever the buyer saw.
        shown, currency, per_euro = currency, "EUR", "1"
    elif channel == "orders-fr" or land in CUSTOMS:
        shown, currency, per_euro = "EUR", "EUR", "1"
    else:
        shown = currency
    at = moment(rng, progress)
    code, title, port = rng.choices(SHIPPING.get(land, ABROAD * 2), [80, 20])[0]
    order = {
        "file": file, "land": land, "defect": defect, "who": person(rng, land),
        "lines": goods(rng, per_euro), "currency": currency, "shown": shown,
        "symbol": {"EUR": "€", "GBP": "£", "USD": "$"}[currency], "at": at,
        # Taxes of the United States are left to Shopify; this Woo shop collects none there.
        "rate": 0 if channel == "woocommerce" and land == "US" else rate,
        "changed": at + timedelta(seconds=rng.randrange(5, 50)), "method": (code, title),
        "port": shapes.rounded(Decimal(port) * Decimal(per_euro)), "payment": "paid",
        "status": "processing", "test": False, "tags": "",
        "token": f"{rng.getrandbits(128):032x}", "same": rng.random() < 0.1,
        "note": rng.choice(NOTES) if rng.random() < 0.1 else None,
        "locale": {"GB": "en-GB", "US": "en-US", "DE": "de", "ES": "es"}.get(land, "fr"),
    }
    order |= names(channel, serial)
    if channel == "shopify" and rng.random() < 0.15:
        line = order["lines"][0]
        line["discount"] = shapes.rounded(Decimal(line["price"] * line["quantity"]) / 10)
    spoil(order)
    return order


def names(channel, serial):
    if channel == "shopify":
        return {"id": 6_128_400_000_000 + serial * 32_768 + 409, "number": f"#{3001 + serial}"}
    if channel == "woocommerce":
        return {"id": 71_004 + serial * 3, "number": str(71_004 + serial * 3)}
    prefix, start = ("F26-", 1201) if channel == "orders-fr" else ("UK-", 40_501)
    return {"id": serial, "number": f"{prefix}{start + serial}"}


def spoil(order):
    """Makes the order wrong in the way that was asked for."""
    who, defect = order["who"], order["defect"]
    match defect:
        case "postcode":
            who["postcode"] = BAD_POSTCODES[order["land"]]
        case "street":
            who["street"] = who["second"] = None
        case "city":
            who["city"] = None
        case "region":
            who.update(city="Columbus", postcode="43215", state=("CA", "California"))
        case "unpaid":
            order.update(payment="pending", status="pending")
        case "on_hold":
            order.update(payment="pending", status="on-hold")
        case "test":
            order["test"] = True
        case "weight":
            order["lines"][0]["grams"] = 0
        case "digital":
            order["lines"] = [{
                "no": 90, "sku": "GIFT-50", "en": "Gift card 50", "fr": "Carte cadeau 50",
                "price": 5000, "grams": 0, "quantity": 1, "discount": 0, "ships": False}]
            order["port"] = 0
        case "negative" | "ambiguous" if len(order["lines"]) == 1:
            # The sound line goes down with its order: that is to be seen too.
            order["lines"].append(dict(order["lines"][0], sku="TAG-KRA-20", no=91,
                                       price=490, grams=150,
                                       en="Kraft tags, 20", fr="Étiquettes kraft, 20"))


def orders_of(rng, file):
    good, wrong = PLAN[file]
    wanted = [(part[:2], None) for part in good.split() for _ in range(int(part[2:]))]
    pairs = [part.split(":") for part in wrong.split()]
    wanted += [(land, defect) for defect, land in pairs if not defect.startswith("twin")]
    twins = [(land, defect) for defect, land in pairs if defect.startswith("twin")]
    rng.shuffle(wanted)
    made = [build(rng, file, land, defect, i, i / len(wanted))
            for i, (land, defect) in enumerate(wanted)]
    for land, defect in twins:
        places = [i for i, o in enumerate(made) if o["land"] == land and not o["defect"]]
        place = places[len(places) // 2]
        twin = dict(made[place], defect=defect)
        if defect == "twin_newer":
            twin.update(changed=twin["changed"] + timedelta(minutes=3), tags="packed with care")
        # Retries come late, after other orders.
        made.insert(min(place + 5, len(made)), twin)
    return made


def outcome(order):
    codes = []
    if order["defect"]:
        verdict, _, rest = OUTCOMES[order["defect"]].partition(" ")
        if verdict != "held":
            return f"{verdict} {rest}".strip()
        codes = rest.split("+")
    if order["file"] == "woocommerce.jsonl":
        codes.append("WEIGHT_MISSING")
    return "held " + "+".join(sorted(set(codes))) if codes else "accepted"


def encode(file, orders):
    """The bytes of a file, and per order or refused row what is expected."""
    expected = []
    if file.endswith(".jsonl"):
        shape = shapes.shopify if file.startswith("shopify") else shapes.woocommerce
        body = [json.dumps(shape(o), ensure_ascii=False, separators=(",", ":")) for o in orders]
        expected = [(o["number"], outcome(o), o) for o in orders]
        return ("\n".join(body) + "\n").encode(), expected
    french, rows = file == "orders-fr.csv", []
    for order in orders:
        own = list(shapes.csv_rows(order, french))
        verdict = outcome(order)
        if verdict.startswith("refused"):
            # Row 1 is the header. A wrong currency is in every row, other faults in the first.
            everywhere = order["defect"] == "currency"
            for i in range(len(own)):
                said = verdict if i == 0 or everywhere else "refused CHN0031"
                expected.append((f"row {len(rows) + 2 + i}", said, order))
        else:
            expected.append((order["number"], verdict, order))
        rows += own
    return shapes.csv_file(rows, french), expected


def of_orders(expected):
    """One outcome per order: the first row speaks for an order that was refused."""
    seen, result = set(), []
    for _, verdict, order in expected:
        key = (order["number"], verdict == "duplicate")
        if key not in seen:
            seen.add(key)
            result.append((verdict, order))
    return result


def with_default_weight(verdict):
    if not verdict.startswith("held"):
        return verdict
    codes = [c for c in verdict.split()[1].split("+") if c != "WEIGHT_MISSING"]
    return "held " + "+".join(codes) if codes else "accepted"


HEAD = """# What should become of the demo's orders

Written by `../make_orders.py`; every person, company, street and phone is invented. One line of a
`.jsonl` file is one webhook body (`orders/create`, `order.created`); an order that is sent again
is one message more, not one order more. The `.csv` files need no options at import.

Sites: FR Lyon (made first), DE Köln, ES Madrid, GB Leeds, US Columbus OH. The channel accounts
name no site, so each order leaves from the site of its own country, and from Lyon where there is
none. Orders to Switzerland, Norway and the Canary Islands cross a border: they are accepted, and
their shipments wait until customs have declared them (`../articles.csv` lacks something for three
articles on purpose, which the demo corrects). Twelve more go from Lyon to Great Britain, the United
States, Switzerland and the Canary Islands; they are not in these files.

WooCommerce tells no weight with an order, and its connector reads none: as the code is, every
order of `woocommerce.jsonl` waits with `WEIGHT_MISSING`. The second table holds if the orders
service gives lines without weight a default one (`default_unit_weight_g`, not there yet); given to
WooCommerce alone, the Shopify order without weight stays held. `authorized_ships` plays no part.
"""


def report(everything):
    out = [HEAD]
    for title, change in [("as the code is", str), ("with a default weight", with_default_weight)]:
        kinds = ["accepted", "held", "refused", "ignored", "duplicate"]
        out.append(f"\n## Messages per file, {title}\n")
        out.append("| file | messages | orders | " + " | ".join(kinds) + " |")
        out.append("|---|" + "---:|" * (len(kinds) + 2))
        sums = Counter()
        for file, expected in everything.items():
            count = Counter(change(v).split()[0] for v, _ in of_orders(expected))
            count["messages"] = count.total()
            count["orders"] = count["messages"] - count["duplicate"]
            sums += count
            out.append(row(file, count, kinds))
        out.append(row("**all**", sums, kinds))
    reasons(everything, out)
    out.append("\n## Orders that are wrong on purpose\n")
    out.append("Weights apart. In an imported file the sound rows of a refused order are refused "
               "too (`CHN0031`).\n")
    out.append("| file | order | to | wrong | outcome |\n|---|---|---|---|---|")
    for file, expected in everything.items():
        for _, order in of_orders(expected):
            if order["defect"]:
                said = OUTCOMES[order["defect"]]
                cells = [file, order["number"], order["land"], order["defect"], said]
                out.append("| " + " | ".join(cells) + " |")
    return "\n".join(out) + "\n"


def row(name, count, kinds):
    cells = [name] + [str(count[k]) for k in ["messages", "orders", *kinds]]
    return "| " + " | ".join(cells) + " |"


def reasons(everything, out):
    out.append("\n## Orders per reason\n\nAn order with two reasons counts under both.\n")
    files = list(everything)
    count = {file: Counter() for file in files}
    for file, expected in everything.items():
        for verdict, _ in of_orders(expected):
            kind, _, codes = verdict.partition(" ")
            for code in codes.split("+"):
                count[file][f"{kind} {code}".strip()] += 1
    out.append("| outcome | " + " | ".join(files) + " | all |")
    out.append("|---|" + "---:|" * (len(files) + 1))
    for kind in sorted({kind for c in count.values() for kind in c}):
        numbers = [count[file][kind] for file in files]
        out.append(f"| {kind} | " + " | ".join(map(str, numbers)) + f" | {sum(numbers)} |")


def main():
    rng = random.Random("colibri demo orders 1")
    made = {file: encode(file, orders_of(rng, file)) for file in PLAN}
    everything = {file: expected for file, (_, expected) in made.items()}
    if sys.argv[1:] == ["--list"]:
        for file, expected in everything.items():
            for name, verdict, _ in expected:
                print(file, name, verdict, sep="\t")
        return
    FOLDER.mkdir(exist_ok=True)
    for file, (body, _) in made.items():
        (FOLDER / file).write_bytes(body)
    (FOLDER / "EXPECTED.md").write_text(report(everything), encoding="utf-8")


if __name__ == "__main__":
    main()
