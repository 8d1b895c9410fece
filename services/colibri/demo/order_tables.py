"""Tables of the demo orders. Persons, companies, streets and phones are invented; towns exist and
their postcodes are theirs, because carriers' zones follow them."""

FIRST = {
    "FR": "Camille Élodie Jérôme Zoé Anaïs Loïc Maëlle Théo Inès Noémie Rémi Aurélien",
    "DE": "Jürgen Anke Björn Käthe Sören Ulrike Günther Lea Matthäus Jörg Annegret Thea",
    "ES": "Begoña Íñigo Lucía Álvaro Nuria Joaquín Marisol Ramón Inés Xoán Pilar Óscar",
    "GB": "Imogen Rhys Harriet Callum Fiona Alistair Beatrix Owen Siobhán Gareth Tamsin Noel",
    "US": "Avery Marcus Delia Jordan Priscilla Wyatt Renée Calvin Odessa Trent Marisol Beau",
}
LAST = {
    "FR": "Querelle Tournesac Brindeloup Fauvelac Montbrillant Lagarrigue-Doucet Piétrement "
          "d'Herbefeuille Çavarin Noyelade",
    "DE": "Weißenbrück Müllenstein Grünspecht Strößner Federkiel Käferböck Ostermöhl "
          "Schloßmacher Hügelland Zwirnfaden",
    "ES": "Peñalosilla Muñocastro Ibarrondo-Sáez Colibrín Zaldueña Ferreñal Garcidueñas "
          "Bolañeta Quintanar-Ruiz Orozuña",
    "GB": "Featherstoke O'Marrow Wrenfield Llanbryde Thistlemoor Plumgarth Ashwhistle "
          "Pennycotter Brackenhurst-Lowe MacTavender",
    "US": "Larkspurton Quillfeather Odenkirch Brightwater-Moss Tumblewell Harrowgate "
          "Nightjarr Copperleaf Vandersloop Peabrook",
}
LONG_NAMES = {
    "FR": ("Marie-Clémentine", "de La Tour-Brindeloup d'Herbefeuille-Montbrillant"),
    "DE": ("Maximilian-Friedrich", "Freiherr von Weißenbrück-Schloßmacher zu Hügelland"),
    "ES": ("María de los Ángeles", "Peñalosilla de la Quintanar y Garcidueñas-Muñocastro"),
    "GB": ("Persephone Wilhelmina", "Featherstoke-Brackenhurst of Upper Thistlemoor"),
    "US": ("Bartholomew Alexander", "Brightwater-Moss Quillfeather Larkspurton III"),
}
COMPANIES = {
    "FR": ["Atelier Plume & Fils SARL", "Les Échoppes du Colibri SAS", "Boulangerie Épi d'Encre"],
    "DE": ["Federkiel Werkstätten GmbH", "Büro Grünspecht KG", "Käferböck & Söhne OHG"],
    "ES": ["Talleres Peñacolibrí, S.L.", "Librería El Ñandú Azul", "Diseños Zaldueña S.A."],
    "GB": ["Wrenfield & Daughters Ltd", "Plumgarth Stationers Ltd", "The Teasel Press"],
    "US": ["Quillfeather Supply Co.", "Nightjarr Studios, LLC", "Copperleaf Outfitters Inc."],
}
STREETS = {
    "FR": ["{n} rue du Colibri-Pressé", "{n} bis impasse des Boîtes-Vides", "{n} allée du "
           "Carton-Plume", "{n} chemin de l'Étiquette-Perdue", "{n} avenue des Colis-Légers"],
    "DE": ["Kolibrifederweg {n}", "Erfundene-Päckchen-Straße {n}", "Am Leeren Karton {n}",
           "Zettelgäßchen {n}", "Straße der Langsamen Post {n}"],
    "ES": ["Calle del Colibrí Inventado, {n}", "Avenida de la Caña Dulzona, {n}",
           "Plaza del Paquete Pequeño, {n}", "Paseo de las Señas Perdidas, {n}"],
    "GB": ["{n} Hummingbird Parcel Row", "{n} Lost Label Lane", "{n} Paper String Crescent",
           "{n} Old Carton Mews", "{n} Feather & Twine Terrace"],
    "US": ["{n}0 Paper Lantern Way", "{n}1 Hollow Carton Ave", "{n}2 Hummingbird Label Dr",
           "{n}4 Bubblewrap Hill Rd", "{n}8 Twine Spool Blvd"],
    "BE": ["Rue du Colibri-Belge {n}", "Avenue du Ruban-Brun {n}"],
    "AT": ["Kolibrischnurgasse {n}", "Paketbandlweg {n}"],
    "PT": ["Rua do Beija-Flor Inventado {n}", "Travessa da Caixa Vazia {n}"],
    "CH": ["Chemin du Colibri-Alpin {n}", "Rue de la Ficelle-Rouge {n}"],
    "NO": ["Kolibrifjærveien {n}", "Tomme Eskers gate {n}"],
}
SECOND_LINES = {
    "FR": ["Bât. B, 3e étage", "Résidence Les Ailes", "Escalier C"],
    "DE": ["Hinterhaus", "2. OG links", "c/o Federkiel"],
    "ES": ["3.º B", "Escalera izquierda, 1.º", "Bajo"],
    "GB": ["Flat 4", "Unit 12, The Old Ropeworks", "Top floor"],
    "US": ["Apt 3B", "Suite 210", "Unit 7"],
}
# Town, postcode, subdivision as code and as name.
TOWNS = {
    "FR": [("Lyon", "69003"), ("Paris", "75011"), ("Marseille", "13006"), ("Nice", "06000"),
           ("Toulouse", "31000"), ("Nantes", "44000"), ("Lille", "59000"), ("Rennes", "35000"),
           ("Strasbourg", "67000"), ("Bordeaux", "33000"), ("Grenoble", "38000"),
           ("Dijon", "21000"), ("Saint-Étienne", "42000"), ("Besançon", "25000"),
           ("Orléans", "45000"), ("Bourg-en-Bresse", "01000"), ("Brest", "29200"),
           ("Clermont-Ferrand", "63000")],
    "DE": [("Köln", "50667", "NW"), ("Berlin", "10115", "BE"), ("Hamburg", "20095", "HH"),
           ("München", "80331", "BY"), ("Frankfurt am Main", "60311", "HE"),
           ("Düsseldorf", "40213", "NW"), ("Leipzig", "04109", "SN"), ("Dresden", "01067", "SN"),
           ("Nürnberg", "90402", "BY"), ("Bremen", "28195", "HB"), ("Münster", "48143", "NW"),
           ("Lübeck", "23552", "SH"), ("Würzburg", "97070", "BY"), ("Gießen", "35390", "HE"),
           ("Saarbrücken", "66111", "SL"), ("Freiburg im Breisgau", "79098", "BW")],
    "ES": [("Madrid", "28013", "M", "Madrid"), ("Barcelona", "08001", "B", "Barcelona"),
           ("Valencia", "46001", "V", "Valencia"), ("Sevilla", "41001", "SE", "Sevilla"),
           ("Zaragoza", "50001", "Z", "Zaragoza"), ("Málaga", "29001", "MA", "Málaga"),
           ("Bilbao", "48001", "BI", "Vizcaya"), ("A Coruña", "15001", "C", "A Coruña"),
           ("Logroño", "26001", "LO", "La Rioja"), ("León", "24001", "LE", "León"),
           ("Cádiz", "11001", "CA", "Cádiz"), ("Murcia", "30001", "MU", "Murcia")],
    "GB": [("Leeds", "LS1 4DY"), ("London", "E1 6AN"), ("Manchester", "M1 2WD"),
           ("Birmingham", "B2 4QA"), ("Bristol", "BS1 4DJ"), ("Edinburgh", "EH1 1YZ"),
           ("Glasgow", "G2 1AL"), ("Cardiff", "CF10 1EP"), ("York", "YO1 7HH"),
           ("Newcastle upon Tyne", "NE1 4ST"), ("Norwich", "NR2 1TF"), ("Exeter", "EX1 1GJ")],
    "US": [("Columbus", "43215", "OH", "Ohio"), ("Cleveland", "44113", "OH", "Ohio"),
           ("Chicago", "60614", "IL", "Illinois"), ("New York", "10011", "NY", "New York"),
           ("Boston", "02116", "MA", "Massachusetts"), ("Austin", "78701", "TX", "Texas"),
           ("Seattle", "98101", "WA", "Washington"), ("Denver", "80202", "CO", "Colorado"),
           ("Portland", "97205", "OR", "Oregon"), ("Atlanta", "30303", "GA", "Georgia"),
           ("Miami", "33130", "FL", "Florida"), ("Minneapolis", "55401", "MN", "Minnesota"),
           ("Nashville", "37203", "TN", "Tennessee"), ("Detroit", "48226", "MI", "Michigan")],
    "BE": [("Bruxelles", "1000"), ("Liège", "4000"), ("Namur", "5000")],
    "AT": [("Wien", "1010"), ("Graz", "8010"), ("Salzburg", "5020")],
    "PT": [("Lisboa", "1100-001"), ("Porto", "4000-001"), ("Coimbra", "3000-001")],
    "CH": [("Genève", "1201"), ("Lausanne", "1003"), ("Zürich", "8001")],
    "NO": [("Oslo", "0150"), ("Bergen", "5003"), ("Trondheim", "7011")],
    "IC": [("Las Palmas de Gran Canaria", "35001", "GC", "Las Palmas"),
           ("Telde", "35200", "GC", "Las Palmas")],
}
# Ranges kept free for fiction (FR, DE, GB, US); elsewhere a zero where no number has one.
PHONES = {
    "FR": "01 99 00 {0:02d} {1:02d}", "DE": "030 23125{2:03d}", "GB": "07700 900{2:03d}",
    "US": "(614) 555-01{1:02d}", "ES": "+34 000 000 {2:03d}", "IC": "+34 000 000 {2:03d}",
    "BE": "+32 000 00 {0:02d} {1:02d}", "AT": "+43 000 000{2:03d}", "PT": "+351 000 000 {2:03d}",
    "CH": "+41 00 000 {0:02d} {1:02d}", "NO": "+47 00 00 {0:02d} {1:02d}",
}
# Whose names, companies and second lines people of a country without its own table bear.
SPEECH = {"BE": "FR", "CH": "FR", "AT": "DE", "PT": "ES", "IC": "ES", "NO": "DE"}
# English name, French name, currency, tax in hundredths of a percent, currency units per euro.
COUNTRIES = {
    "FR": ("France", "France", "EUR", 2000, "1"),
    "DE": ("Germany", "Allemagne", "EUR", 1900, "1"),
    "ES": ("Spain", "Espagne", "EUR", 2100, "1"),
    "GB": ("United Kingdom", "Royaume-Uni", "GBP", 2000, "0.86"),
    "US": ("United States", "États-Unis", "USD", 600, "1.10"),
    "BE": ("Belgium", "Belgique", "EUR", 2100, "1"),
    "AT": ("Austria", "Autriche", "EUR", 2000, "1"),
    "PT": ("Portugal", "Portugal", "EUR", 2300, "1"),
    "CH": ("Switzerland", "Suisse", "CHF", 0, "0.94"),
    "NO": ("Norway", "Norvège", "NOK", 0, "11.60"),
    "IC": ("Spain", "Espagne", "EUR", 0, "1"),
}
SHIPPING = {
    "FR": [("home", "Livraison à domicile", 490), ("express", "Express avant 13 h", 1290)],
    "DE": [("home", "Paket nach Hause", 490), ("express", "Expreß bis 12 Uhr", 1390)],
    "ES": [("home", "Envío a domicilio", 540), ("express", "Envío exprés", 1190)],
    "GB": [("home", "Standard delivery", 450), ("express", "Next day", 990)],
    "US": [("home", "Ground shipping", 690), ("express", "2-day shipping", 1890)],
}
ABROAD = [("abroad", "International delivery", 1490)]
# SKU, English name, French name, price in cents of a euro, grams.
PRODUCTS = [
    ("NOTE-A6-KRA", "Pocket notebook A6, kraft", "Carnet de poche A6 kraft", 690, 150),
    ("NOTE-A5-LIN", "Linen notebook A5", "Carnet en lin A5", 1450, 310),
    ("PEN-BRS-01", "Brass pen", "Stylo en laiton", 2900, 180),
    ("INK-50-SEP", "Ink bottle 50 ml, sepia", "Flacon d'encre 50 ml sépia", 1190, 240),
    ("SEED-MEL-10", "Nectar flower seeds, set of 10", "Graines mellifères, lot de 10", 990, 160),
    ("FEED-GLS-01", "Glass bird feeder", "Mangeoire en verre", 2450, 720),
    ("MUG-STN-35", "Stoneware mug 35 cl", "Mug en grès 35 cl", 1590, 430),
    ("TPOT-IRN-08", "Cast-iron teapot 0.8 l", "Théière en fonte 0,8 l", 4500, 2080),
    ("LAMP-DSK-BL", "Desk lamp, blue", "Lampe de bureau bleue", 5900, 1850),
    ("SCRF-WOL-GR", "Wool scarf, grey", "Écharpe en laine grise", 3900, 260),
    ("BAG-CNV-20", "Canvas bag 20 l", "Sac en toile 20 l", 4900, 640),
    ("PUZ-1000-FO", "Puzzle, 1000 pieces, forest", "Puzzle forêt, 1000 pièces", 2190, 890),
    ("PLANT-POT-3", "Terracotta pots, set of 3", "Pots en terre cuite, lot de 3", 2790, 3150),
    ("TOOL-GRD-05", "Garden tool set", "Coffret d'outils de jardin", 6400, 4300),
    ("KET-COP-15", "Copper kettle 1.5 l", "Bouilloire en cuivre 1,5 l", 7900, 1320),
    ("CUSH-LIN-40", "Linen cushion 40 × 40", "Coussin en lin 40 × 40", 3200, 560),
    ("CRATE-OAK-M", "Oak crate, medium", "Caisse en chêne, moyenne", 8900, 6800),
    ("CLK-WAL-30", "Wall clock 30 cm", "Horloge murale 30 cm", 5500, 1100),
]
