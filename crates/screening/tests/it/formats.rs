//! The authorities' shapes, filled with invented entries.
use colibri_screening::{Entry, Format, Kind, List, Quality, ReadError};

fn read(format: Format, text: &str) -> List {
    format.read("test", text.as_bytes()).unwrap()
}

fn names(entry: &Entry) -> Vec<(&str, Quality)> {
    entry.names.iter().map(|name| (name.text.as_str(), name.quality)).collect()
}

#[test]
fn the_european_list() {
    let list = read(
        Format::EuFsfXml,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-11-20T17:00:00+01:00">
 <sanctionEntity euReferenceNumber="EU.1.1" logicalId="1" designationDate="2020-01-01">
  <regulation programme="TST" numberTitle="2020/1 (OJ L1)"><publicationUrl>x</publicationUrl></regulation>
  <subjectType code="person" classificationCode="P"/>
  <nameAlias wholeName="Ivan  Образцов" strong="true" nameLanguage=""/>
  <nameAlias firstName="Iwan" middleName="" lastName="Obrazzow" strong="true"/>
  <nameAlias wholeName="The Example" strong="false"/>
  <nameAlias wholeName="I. O." strong="true"><remark>Low quality alias</remark></nameAlias>
  <citizenship countryIso2Code="RU" countryDescription="RUSSIAN FEDERATION"/>
  <address countryIso2Code="00" city="Sampleton"/>
  <birthdate birthdate="1961-05-04" year="1961"/><birthdate circa="true" year="1962"/>
 </sanctionEntity>
 <sanctionEntity logicalId="2"><subjectType code="enterprise"/><nameAlias wholeName="Muster &amp; Co"/></sanctionEntity>
 <sanctionEntity logicalId="3"><subjectType code="person"/><nameAlias wholeName=" "/></sanctionEntity>
</export>"#,
    );
    assert_eq!(list.published, "2026-11-20T17:00:00+01:00");
    let [one, two] = list.entries.as_slice() else { panic!("{list:?}") };
    assert_eq!((one.id.as_str(), one.kind), ("EU.1.1", Kind::Person));
    assert_eq!(
        names(one),
        [
            ("Ivan Образцов", Quality::Primary),
            ("Iwan Obrazzow", Quality::Alias),
            ("The Example", Quality::Weak),
            ("I. O.", Quality::Weak)
        ]
    );
    assert_eq!(
        (one.countries.as_slice(), one.birth_years.as_slice()),
        (&["RU".to_owned()][..], &[1961, 1962][..])
    );
    assert_eq!(one.programmes, ["TST"]);
    assert_eq!(
        (two.id.as_str(), two.kind, names(two)[0].0),
        ("2", Kind::Organisation, "Muster & Co")
    );
    assert_eq!((list.refused[0].row, list.refused[0].reason), (3, "no name"));
}

#[test]
fn the_list_of_the_security_council() {
    let list = read(
        Format::UnXml,
        r#"<CONSOLIDATED_LIST dateGenerated="2026-11-20T00:00:00Z"><INDIVIDUALS><INDIVIDUAL>
 <DATAID>1</DATAID><FIRST_NAME>SAMPLE</FIRST_NAME><SECOND_NAME>BIN</SECOND_NAME><THIRD_NAME>EXAMPLE</THIRD_NAME>
 <UN_LIST_TYPE>Test</UN_LIST_TYPE><REFERENCE_NUMBER>TSi.001</REFERENCE_NUMBER>
 <NATIONALITY><VALUE>Afghanistan</VALUE><VALUE>Iraq</VALUE></NATIONALITY>
 <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Sampel</ALIAS_NAME></INDIVIDUAL_ALIAS>
 <INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Sam</ALIAS_NAME></INDIVIDUAL_ALIAS>
 <INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
 <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1970</FROM_YEAR><TO_YEAR>1972</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
 <NAME_ORIGINAL_SCRIPT>مثال</NAME_ORIGINAL_SCRIPT>
</INDIVIDUAL></INDIVIDUALS><ENTITIES><ENTITY><DATAID>2</DATAID><FIRST_NAME>EXAMPLE GROUP</FIRST_NAME>
 <ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>Group of Examples</ALIAS_NAME></ENTITY_ALIAS>
 <ENTITY_ADDRESS><COUNTRY>Somalia</COUNTRY></ENTITY_ADDRESS></ENTITY></ENTITIES></CONSOLIDATED_LIST>"#,
    );
    let [one, two] = list.entries.as_slice() else { panic!("{list:?}") };
    assert_eq!((one.id.as_str(), one.kind), ("TSi.001", Kind::Person));
    assert_eq!(
        names(one),
        [
            ("SAMPLE BIN EXAMPLE", Quality::Primary),
            ("مثال", Quality::Alias),
            ("Sampel", Quality::Alias),
            ("Sam", Quality::Weak)
        ]
    );
    assert_eq!(
        (one.birth_years.as_slice(), one.countries[0].as_str()),
        (&[1970, 1971, 1972][..], "AF")
    );
    assert_eq!(
        (two.kind, two.countries[0].as_str(), two.names.len()),
        (Kind::Organisation, "SO", 2)
    );
}

#[test]
fn the_british_list() {
    let list = read(
        Format::UkXml,
        r#"<?xml version="1.0"?><Designations><DateGenerated>20/11/2026</DateGenerated><Designation>
 <UniqueID>TST0001</UniqueID><RegimeName>The Test Regulations</RegimeName>
 <Names><Name><Name6>Wally Sample</Name6><NameType>ALias</NameType><AliasStrength>Low quality a.k.a</AliasStrength></Name>
 <Name><Name1>MAX</Name1><Name2>PAUL</Name2><Name6>SAMPLE</Name6><NameType>Primary name</NameType></Name></Names>
 <NonLatinNames><NonLatinName><NameNonLatinScript>Макс</NameNonLatinScript></NonLatinName></NonLatinNames>
 <IndividualEntityShip>Individual</IndividualEntityShip>
 <Addresses><Address><AddressLine6>Sampleton</AddressLine6><AddressCountry>Belarus</AddressCountry></Address></Addresses>
 <IndividualDetails><Individual><DOBs><DOB>dd/mm/1945</DOB></DOBs><Nationalities><Nationality>Russia</Nationality></Nationalities></Individual></IndividualDetails>
</Designation><Designation><UniqueID>TST0002</UniqueID><Names><Name><Name6>MV SAMPLE</Name6><NameType>Primary Name</NameType></Name></Names>
 <IndividualEntityShip>Ship</IndividualEntityShip></Designation></Designations>"#,
    );
    let [one, two] = list.entries.as_slice() else { panic!("{list:?}") };
    assert_eq!(list.published, "20/11/2026");
    assert_eq!(
        names(one),
        [
            ("MAX PAUL SAMPLE", Quality::Primary),
            ("Wally Sample", Quality::Weak),
            ("Макс", Quality::Alias)
        ]
    );
    assert_eq!(
        (one.birth_years.as_slice(), one.countries.as_slice()),
        (&[1945][..], &["BY".to_owned(), "RU".to_owned()][..])
    );
    assert_eq!(two.kind, Kind::Craft);
}

#[test]
fn the_swiss_list() {
    let list = read(
        Format::ChSecoXml,
        r#"<swiss-sanctions-list list-type="full" date="2026-11-20">
 <program><program-name lang="eng">Test</program-name><sanctions-set ssid="9"/></program>
 <place ssid="77"><location>Sampleton</location><country iso-code="BY">Belarus</country></place>
 <target ssid="100" sanctions-set-id="9"><individual sex="male"><identity main="true">
  <name name-type="primary-name" quality="good"><name-part order="2" name-part-type="family-name"><value>Sample</value>
   <spelling-variant lang="rus" script="Cyrl">Сампл</spelling-variant></name-part>
   <name-part order="1" name-part-type="given-name"><value>Max</value></name-part>
   <name-part order="3" name-part-type="title"><value>Minister</value></name-part></name>
  <name name-type="alias" quality="low"><name-part order="1" name-part-type="whole-name"><value>Maxi</value></name-part></name>
  <nationality><country iso-code="RU">Russia</country></nationality>
  <address place-id="77"/><day-month-year day="1" month="2" year="1950"/></identity></individual>
  <modification modification-type="listed" effective-date="2022-01-01"/></target>
 <target ssid="101"><entity><identity><name name-type="primary-name" quality="good"><name-part order="1" name-part-type="whole-name"><value>Gone AG</value></name-part></name></identity></entity>
  <modification modification-type="listed" effective-date="2022-01-01"/><modification modification-type="de-listed" effective-date="2023-01-01"/></target>
</swiss-sanctions-list>"#,
    );
    let [one] = list.entries.as_slice() else { panic!("{list:?}") };
    assert_eq!(
        names(one),
        [("Max Sample", Quality::Primary), ("Max Сампл", Quality::Alias), ("Maxi", Quality::Weak)]
    );
    assert_eq!((one.id.as_str(), one.birth_years.as_slice()), ("100", &[1950][..]));
    assert_eq!(
        (one.countries.as_slice(), one.programmes[0].as_str()),
        (&["BY".to_owned(), "RU".to_owned()][..], "9")
    );
}

#[test]
fn the_lists_of_ofac() {
    let list = read(
        Format::UsOfacXml,
        r#"<sdnList xmlns="urn:x"><publshInformation><Publish_Date>11/20/2026</Publish_Date></publshInformation>
 <sdnEntry><uid>11</uid><firstName>Max</firstName><lastName>SAMPLE</lastName><sdnType>Individual</sdnType>
  <programList><program>TEST1</program></programList>
  <akaList><aka><uid>12</uid><type>a.k.a.</type><category>weak</category><lastName>THE SAMPLE</lastName></aka></akaList>
  <citizenshipList><citizenship><country>Iran</country></citizenship></citizenshipList>
  <dateOfBirthList><dateOfBirthItem><uid>1</uid><dateOfBirth>circa 1957</dateOfBirth></dateOfBirthItem></dateOfBirthList></sdnEntry>
 <sdnEntry><uid>13</uid><lastName>SAMPLE STAR</lastName><sdnType>Vessel</sdnType></sdnEntry></sdnList>"#,
    );
    let one = &list.entries[0];
    assert_eq!(names(one), [("Max SAMPLE", Quality::Primary), ("THE SAMPLE", Quality::Weak)]);
    assert_eq!(
        (one.birth_years.as_slice(), one.countries[0].as_str(), one.programmes[0].as_str()),
        (&[1957][..], "IR", "TEST1")
    );
    assert_eq!((list.entries[1].kind, list.published.as_str()), (Kind::Craft, "11/20/2026"));

    let list = read(
        Format::UsOfacDelimited,
        "36,\"SAMPLE AIRLINES\",-0- ,\"TEST\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n\
         37,\"SAMPLE, Max\",\"individual\",\"TEST\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 04 May 1961; POB Sampleton.\"\n\u{1a}\n",
    );
    assert_eq!((list.entries[0].kind, list.entries[1].kind), (Kind::Organisation, Kind::Person));
    assert_eq!(list.entries[1].birth_years, [1961]);
    assert!(matches!(Format::UsOfacDelimited.read("x", b"1,a,b\n"), Err(ReadError::Syntax(_))));

    let list = read(
        Format::UsOfacAdvancedXml,
        r#"<Sanctions xmlns="x"><DateOfIssue CalendarTypeID="1"><Year>2026</Year><Month>11</Month><Day>20</Day></DateOfIssue>
 <ReferenceValueSets><PartySubTypeValues><PartySubType ID="1" PartyTypeID="4">Vessel</PartySubType><PartySubType ID="4" PartyTypeID="1">Unknown</PartySubType></PartySubTypeValues></ReferenceValueSets>
 <DistinctParties><DistinctParty FixedRef="36"><Profile ID="36" PartySubTypeID="4"><Identity ID="1">
  <Alias FixedRef="36" AliasTypeID="1400" Primary="false" LowQuality="true"><DocumentedName ID="2"><DocumentedNamePart><NamePartValue>Maxi</NamePartValue></DocumentedNamePart></DocumentedName></Alias>
  <Alias FixedRef="36" AliasTypeID="1403" Primary="true" LowQuality="false"><DocumentedName ID="1"><DocumentedNamePart><NamePartValue>SAMPLE</NamePartValue></DocumentedNamePart><DocumentedNamePart><NamePartValue>Max</NamePartValue></DocumentedNamePart></DocumentedName></Alias></Identity>
  <Feature ID="3" FeatureTypeID="8"><FeatureVersion ID="4"><DatePeriod><Start><From><Year>1961</Year></From></Start></DatePeriod></FeatureVersion></Feature></Profile></DistinctParty></DistinctParties></Sanctions>"#,
    );
    let one = &list.entries[0];
    assert_eq!(names(one), [("SAMPLE Max", Quality::Primary), ("Maxi", Quality::Weak)]);
    assert_eq!(
        (one.id.as_str(), one.kind, one.birth_years.as_slice()),
        ("36", Kind::Person, &[1961][..])
    );
    assert_eq!(list.published, "2026-11-20");
}

#[test]
fn the_consolidated_screening_list() {
    let json = read(
        Format::UsCslJson,
        r#"{"total":2,"results":[
 {"id":"abc","source":"Entity List (EL)","type":null,"name":"Sample Works","alt_names":["Sample Plant; Plant of Samples"],
  "addresses":[{"address":"1 Road","city":"Sampleton","country":"CN"}],"programs":[],"dates_of_birth":null},
 {"id":"def","entity_number":12,"type":"Individual","name":"SAMPLE, Max","alt_names":[],"nationalities":["IR"],"citizenships":[],"dates_of_birth":["1961","04 May 1962"],"programs":["TEST"],"addresses":[]}]}"#,
    );
    let [one, two] = json.entries.as_slice() else { panic!("{json:?}") };
    assert_eq!(one.names.len(), 3);
    assert_eq!(
        (one.kind, one.countries[0].as_str(), one.programmes[0].as_str()),
        (Kind::Unknown, "CN", "Entity List (EL)")
    );
    assert_eq!((two.kind, two.birth_years.as_slice()), (Kind::Person, &[1961, 1962][..]));

    let csv = read(
        Format::UsCslCsv,
        "_id,source,entity_number,type,programs,name,title,addresses,alt_names,citizenships,dates_of_birth,nationalities\n\
         abc,Entity List,,,,Sample Works,,\"1 Road, Sampleton, 100, CN; 2 Road, Elsewhere, HK\",Sample Plant; Plant of Samples,,,\n\
         def,SDN,12,Individual,TEST,\"SAMPLE, Max\",,,,IR,1961; 1962,\n",
    );
    assert_eq!(csv.entries[0].countries, ["CN", "HK"]);
    assert_eq!(
        (csv.entries[0].names.len(), csv.entries[1].birth_years.as_slice()),
        (3, &[1961, 1962][..])
    );
}

#[test]
fn the_operators_own_list() {
    let list = read(
        Format::OwnCsv,
        "id,kind,name,quality,countries,birth_years,programmes\n\
         1,person,Max Sample,primary,FR;GB,1961,own\n2,thing,X,,,,\n3,,Y,odd,,,\n1,person,Maxi,weak,,,\n,person,No Id,,,,\n",
    );
    assert_eq!(list.entries.len(), 1);
    assert_eq!((list.entries[0].names.len(), list.entries[0].countries.len()), (2, 2));
    let refused: Vec<(usize, &str)> = list.refused.iter().map(|r| (r.row, r.reason)).collect();
    assert_eq!(refused, [(2, "unknown kind"), (3, "unknown quality"), (5, "no id")]);
}

#[test]
fn a_file_that_is_no_list_is_refused_whole() {
    for (format, text) in [
        (Format::EuFsfXml, "<export generationDate='x'><sanctionEntity>"),
        (Format::EuFsfXml, "<other/>"),
        (Format::UnXml, "<CONSOLIDATED_LIST/>"),
        (Format::UkXml, "<html><body>Service unavailable</body></html>"),
        (Format::ChSecoXml, "<!DOCTYPE a [<!ENTITY x 'y'>]><swiss-sanctions-list/>"),
        (Format::UsOfacXml, ""),
        (Format::UsCslJson, "{\"error\": \"busy\"}"),
        (Format::UsCslJson, "{\"results\": []}"),
        (Format::UsCslCsv, "name\nSample\n"),
        (Format::OwnCsv, "id,name\n"),
    ] {
        assert!(format.read("x", text.as_bytes()).is_err(), "{format} {text}");
    }
    assert!(matches!(Format::UnXml.read("x", b"\xff\xfe"), Err(ReadError::Encoding)));
    assert!("us-csl-json".parse::<Format>().is_ok() && "csl".parse::<Format>().is_err());
}
