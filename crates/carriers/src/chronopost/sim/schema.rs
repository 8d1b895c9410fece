//! The order of elements, as the published schemas have it. The real service answers a fault to an
//! element that the schema does not know or does not expect there.

use crate::wire::xml::Element;

/// Element (by its path below the operation) and its children in order; `*` may repeat.
const SCHEMA: &[(&str, &str)] = &[
    (
        "shippingMultiParcelV5",
        "esdValue headerValue shipperValue* customerValue recipientValue* refValue* skybillValue* \
         skybillParamsValue password modeRetour numberOfParcel version multiParcel \
         scheduledValue* recipientLocalValue* customsValue*",
    ),
    ("shippingMultiParcelV5/headerValue", "accountNumber idEmit identWebPro subAccount"),
    (
        "shippingMultiParcelV5/shipperValue",
        "shipperAdress1 shipperAdress2 shipperCity shipperCivility shipperContactName \
         shipperCountry shipperCountryName shipperEmail shipperMobilePhone shipperName \
         shipperName2 shipperPhone shipperPreAlert shipperZipCode shipperType",
    ),
    (
        "shippingMultiParcelV5/customerValue",
        "customerAdress1 customerAdress2 customerCity customerCivility customerContactName \
         customerCountry customerCountryName customerEmail customerMobilePhone customerName \
         customerName2 customerPhone customerPreAlert customerZipCode printAsSender",
    ),
    (
        "shippingMultiParcelV5/recipientValue",
        "recipientAdress1 recipientAdress2 recipientCity recipientContactName recipientCountry \
         recipientCountryName recipientEmail recipientMobilePhone recipientName recipientName2 \
         recipientPhone recipientPreAlert recipientZipCode recipientType",
    ),
    (
        "shippingMultiParcelV5/refValue",
        "customerSkybillNumber PCardTransactionNumber recipientRef shipperRef idRelais",
    ),
    (
        "shippingMultiParcelV5/skybillValue",
        "bulkNumber codCurrency codValue content1 content2 content3 content4 content5 \
         customsCurrency customsValue evtCode insuredCurrency insuredValue latitude longitude \
         masterSkybillNumber objectType portCurrency portValue productCode qualite service \
         shipDate shipHour skybillRank source weight weightUnit height length width as subAccount \
         toTheOrderOf skybillNumber carrier skybillBackNumber alternateProductCode labelNumber",
    ),
    ("shippingMultiParcelV5/skybillParamsValue", "duplicata mode withReservation"),
    (
        "shippingMultiParcelV5/esdValue",
        "closingDateTime height length retrievalDateTime shipperBuildingFloor shipperCarriesCode \
         shipperServiceDirection specificInstructions width refEsdClient nombreDePassageMaximum \
         ltAImprimerParChronopost",
    ),
    ("shippingMultiParcelV5/scheduledValue", "appointmentValue expirationDate sellByDate"),
    (
        "shippingMultiParcelV5/scheduledValue/appointmentValue",
        "timeSlotEndDate timeSlotStartDate timeSlotTariffLevel",
    ),
    ("shippingMultiParcelV5/recipientLocalValue", "identityCardNumber language province"),
    (
        "shippingMultiParcelV5/customsValue",
        "bagNumber clearanceCleared currency description descriptionInLanguage eori incoterm \
         language numberOfItems value vatNumber articlesValue*",
    ),
    (
        "shippingMultiParcelV5/customsValue/articlesValue",
        "content contentInLanguage descriptionInEnglish grossWeight hscode netWeight origin \
         position quantity regime value",
    ),
    ("getReservedSkybillWithTypeAndModeAuth", "numberSearch mode accountNumber password"),
    (
        "creerEnlevementNational",
        "headerValue password datePassage datePassageFermeture donneurDOrdre adresseEnlevement \
         particulartiesEsd referenceEsdClient contenu options locale",
    ),
    ("creerEnlevementNational/headerValue", "accountNumber idEmit identWebPro subAccount"),
    (
        "creerEnlevementNational/donneurDOrdre",
        "autreTelephone batiment codeCivilite codeNaf codePays codePostal EMail fax lieuDit nom \
         prenom raisonSociale service telephone ville voie",
    ),
    (
        "creerEnlevementNational/adresseEnlevement",
        "codeCivilite codePays codePorte codePostal lieuDit nom nomPersonneARencontrer numeroVoie \
         porteAPorte prenom raisonSociale residenceBatimentEtage serviceDirection telephone ville \
         email refExpediteur",
    ),
    (
        "creerEnlevementNational/particulartiesEsd",
        "etudeDeFaisabilite grosVolume hauteur instructionsParticulieres largeur \
         listeColisAnnonces longueur nombreEnvois poids volume",
    ),
    (
        "creerEnlevementNational/options",
        "aviserSurRealisation chezUnTiers envoyerLtParMail LTaImprimerParChronopost",
    ),
    ("annulerEnlevements", "accountNumber password locale esdNumber*"),
    ("trackSkybillV2", "language skybillNumber"),
    ("trackWithSenderRef", "accountNumber password language sendersRef"),
    (
        "trackSearch",
        "accountNumber password language consigneesCountry consigneesRef consigneesZipCode \
         dateDeposit dateEndDeposit parcelState sendersRef serviceCode",
    ),
    ("cancelSkybill", "accountNumber password language skybillNumber"),
    ("cancelListSkybill", "accountNumber password language skybillNumber"),
    ("quickCost", "accountNumber password depCode arrCode weight productCode type"),
    (
        "calculateProducts",
        "accountNumber password depCountryCode depZipCode arrCountryCode arrZipCode arrCity type \
         weight height length width shippingDate",
    ),
    (
        "calculateDeliveryTime",
        "depCountryCode depZipCode arrCountryCode arrZipCode arrCity productCode type service \
         shippingDate",
    ),
    (
        "recherchePointChronopostInterParService",
        "accountNumber password address zipCode city countryCode type productCode service weight \
         shippingDate maxPointChronopost maxDistanceSearch holidayTolerant serviceList language \
         version",
    ),
];

fn children(path: &str) -> Option<Vec<(&'static str, bool)>> {
    let (_, list) = SCHEMA.iter().find(|(known, _)| *known == path)?;
    let word = |word: &'static str| match word.strip_suffix('*') {
        Some(name) => (name, true),
        None => (word, false),
    };
    Some(list.split_ascii_whitespace().map(word).collect())
}

/// Is the operation as its schema wants it?
pub(super) fn check(operation: &Element) -> Result<(), String> {
    if children(&operation.name).is_none() {
        return Err(format!("unknown operation {}", operation.name));
    }
    level(operation, &operation.name)
}

fn level(element: &Element, path: &str) -> Result<(), String> {
    let Some(known) = children(path) else {
        return match element.children.first() {
            None => Ok(()),
            Some(child) => Err(format!("unexpected element {}", child.name)),
        };
    };
    let mut next = 0;
    for child in &element.children {
        let at = known.iter().position(|(name, _)| *name == child.name);
        let Some(at) = at.filter(|at| *at >= next) else {
            return Err(format!("unexpected element {}", child.name));
        };
        let again = known.get(at).is_some_and(|(_, again)| *again);
        next = if again { at } else { at + 1 };
        level(child, &format!("{path}/{}", child.name))?;
    }
    Ok(())
}

/// Puts the parameters of a query into the schema's order.
pub(super) fn sort(operation: &mut Element) {
    let known = children(&operation.name).unwrap_or_default();
    let place = |child: &Element| known.iter().position(|(name, _)| *name == child.name);
    operation.children.sort_by_key(place);
}
