use colibri_events::vault::v1::{
    CredentialField, Document, Field, Flow, GetDocumentRequest, MatchManyRequest,
    MatchPersonRequest, OpenCredentialsRequest, PutCredentialsRequest, PutDocumentsRequest,
};
use colibri_testkit::TestBed;
use colibri_types::{AccountId, DocumentId, ParcelId, TenantId};

use crate::world::{self, Client, OTTOKAR, code, owned, put, record, reveal, try_put, values};

async fn matching(client: &mut Client, field: Field, values: &[&str]) -> Vec<String> {
    let values = values.iter().map(|v| (*v).to_owned()).collect();
    let request = MatchManyRequest { field: field as i32, values };
    client.match_many(request).await.unwrap().into_inner().refs
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_is_revealed_matched_and_revised() {
    let bed = world::bed().await;
    let tenant = TenantId::generate();
    let mut orders = world::vault(&bed, "orders", tenant);
    let mut labels = world::vault(&bed, "labels", tenant);

    a_key_has_one_ref_and_new_content_a_new_revision(&mut orders).await;
    a_batch_is_answered_in_order(&mut orders).await;
    values_find_refs_in_any_spelling(&mut orders, &mut labels).await;
    a_number_and_an_address_of_one_person_find_them(&bed, tenant).await;
    many_calls_at_once_agree(&bed, tenant).await;
    assert_eq!(bed.stop().await, Vec::<String>::new());
}

async fn a_key_has_one_ref_and_new_content_a_new_revision(orders: &mut Client) {
    let one = put(orders, vec![record("order:shopify:1", &OTTOKAR)]).await;
    assert_eq!(put(orders, vec![record("order:shopify:1", &OTTOKAR)]).await, one);
    let all = [Field::Name, Field::Street, Field::Email, Field::Phone, Field::OrderNumber];
    let seen = reveal(orders, Flow::OrderView, &all, &[&one[0]]).await;
    assert_eq!(seen[0].denied, "");
    assert_eq!(values(&seen[0]), OTTOKAR.map(|(field, value)| (field as i32, value)));
    // Only what was asked for.
    let seen = reveal(orders, Flow::OrderView, &[Field::Email], &[&one[0]]).await;
    assert_eq!(values(&seen[0]), [(Field::Email as i32, "ottokar.beispiel@example.org")]);

    let moved = [(Field::Name, "Ottokar Beispiel"), (Field::Email, "neu@example.org")];
    assert_eq!(put(orders, vec![record("order:shopify:1", &moved)]).await, one);
    let seen = reveal(orders, Flow::OrderView, &all, &[&one[0]]).await;
    assert_eq!(values(&seen[0]), moved.map(|(field, value)| (field as i32, value)));
    let found = ["neu@example.org", "ottokar.beispiel@example.org"];
    let found = matching(orders, Field::Email, &found).await;
    assert_eq!(found, [one[0].clone(), String::new()]);
}

async fn a_number_and_an_address_of_one_person_find_them(bed: &TestBed, tenant: TenantId) {
    let mut orders = world::vault(bed, "orders", tenant);
    let mut returns = world::vault(bed, "returns", tenant);
    let person = |number, email, postcode| {
        [(Field::OrderNumber, number), (Field::Email, email), (Field::Postcode, postcode)]
    };
    let records = vec![
        record("p:1", &person("#P-1", "eva@example.org", "SW1A 1AA")),
        // The same buyer again, and another one's order of the same number by another channel.
        record("p:2", &person("#P-2", "eva@example.org", "SW1A 1AA")),
        record("p:3", &person("P-1", "max@example.org", "69001")),
    ];
    let refs = put(&mut orders, records).await;
    let mut find = async |number: &str, email: &str, postcode: &str| {
        let request = MatchPersonRequest {
            order_number: number.into(),
            email: email.into(),
            postcode: postcode.into(),
        };
        returns.match_person(request).await.map(|answer| answer.into_inner().r#ref)
    };
    assert_eq!(find("p-1", " EVA@example.org", "").await.unwrap(), refs[0]);
    assert_eq!(find("#P-1", "", "sw1a1aa").await.unwrap(), refs[0]);
    assert_eq!(find("P-2", "eva@example.org", "").await.unwrap(), refs[1]);
    assert_eq!(find("P-1", "", "69 001").await.unwrap(), refs[2]);
    for (number, email, postcode) in [
        ("P-2", "max@example.org", ""),
        ("P-2", "", "69001"),
        ("P-9", "eva@example.org", ""),
        ("P-1", "nobody@example.org", ""),
    ] {
        assert_eq!(find(number, email, postcode).await.unwrap(), "", "{number} {email}{postcode}");
    }
    for (number, email, postcode) in
        [("", "eva@example.org", ""), ("P-1", "", ""), ("P-1", "a@b", "1"), ("P-1", "", "--")]
    {
        let refused = find(number, email, postcode).await.unwrap_err();
        assert_eq!(code(&refused), "VLT0001");
    }
}

async fn a_batch_is_answered_in_order(orders: &mut Client) {
    let name = |n: usize| format!("Person Nummer {n}");
    let names: Vec<String> = (0..500).map(name).collect();
    let records = |from: usize| {
        let one = |n: usize| record(&format!("batch:{n}"), &[(Field::Name, &names[n])]);
        (from..500).map(one).collect::<Vec<_>>()
    };
    let refs = put(orders, records(0)).await;
    assert_eq!(put(orders, records(490)).await, refs[490..]);
    let asked: Vec<&str> = refs.iter().rev().take(150).map(String::as_str).collect();
    let seen = reveal(orders, Flow::OrderView, &[Field::Name], &asked).await;
    for (at, one) in seen.iter().enumerate() {
        assert_eq!(values(one), [(Field::Name as i32, names[499 - at].as_str())]);
    }
    // A key twice in one call: one record, the last content.
    let twice = vec![
        record("twice", &[(Field::Name, "Erste Fassung")]),
        record("twice", &[(Field::Name, "Zweite Fassung")]),
    ];
    let refs = put(orders, twice).await;
    assert_eq!(refs[0], refs[1]);
    let seen = reveal(orders, Flow::OrderView, &[Field::Name], &[&refs[0]]).await;
    assert_eq!(values(&seen[0]), [(Field::Name as i32, "Zweite Fassung")]);
    // One wrong record: nothing of the call is kept.
    let wrong = vec![
        record("mixed:1", &[(Field::Email, "mixed@example.org")]),
        record("mixed:2", &[(Field::TrackingNumber, "1Z")]),
    ];
    assert_eq!(code(&try_put(orders, wrong).await.unwrap_err()), "VLT0001");
    assert_eq!(matching(orders, Field::Email, &["mixed@example.org"]).await, [""]);
    let many = (0..501).map(|n| record(&format!("many:{n}"), &[])).collect();
    assert_eq!(code(&try_put(orders, many).await.unwrap_err()), "VLT0002");
}

async fn values_find_refs_in_any_spelling(orders: &mut Client, labels: &mut Client) {
    let person = put(orders, vec![record("order:woo:7", &OTTOKAR)]).await.remove(0);
    let parcel = ParcelId::generate().to_string();
    let number = [(Field::TrackingNumber, "1Z CANARY 77")];
    let sealed = put(labels, vec![owned("label:7", &person, &parcel, &number)]).await;
    assert_eq!(sealed[0], parcel);
    let found = ["1z-canary-77", "1ZCANARY78", " "];
    let found = matching(labels, Field::TrackingNumber, &found).await;
    assert_eq!(found, [parcel.clone(), String::new(), String::new()]);
    assert_eq!(matching(orders, Field::OrderNumber, &["canary-1001"]).await[0], person);
    let seen = reveal(labels, Flow::LabelVoid, &[Field::TrackingNumber], &[&parcel]).await;
    assert_eq!(values(&seen[0]), [(Field::TrackingNumber as i32, "1Z CANARY 77")]);

    // The ref under another key, the key under another ref, an owner nobody knows.
    let again = owned("label:8", &person, &parcel, &number);
    assert_eq!(code(&try_put(labels, vec![again]).await.unwrap_err()), "VLT0007");
    let other = ParcelId::generate().to_string();
    let again = owned("label:7", &person, &other, &number);
    assert_eq!(code(&try_put(labels, vec![again]).await.unwrap_err()), "VLT0007");
    let nobody = uuid::Uuid::new_v4().to_string();
    let again = owned("label:9", &nobody, &other, &number);
    assert_eq!(code(&try_put(labels, vec![again]).await.unwrap_err()), "VLT0005");
    let field = MatchManyRequest { field: Field::Name as i32, values: vec!["x".into()] };
    assert_eq!(code(&labels.match_many(field).await.unwrap_err()), "VLT0001");
}

async fn many_calls_at_once_agree(bed: &colibri_testkit::TestBed, tenant: TenantId) {
    let calls = (0..8).map(|_| {
        let mut client = world::vault(bed, "orders", tenant);
        let records = (0..20).map(|n| record(&format!("race:{n}"), &OTTOKAR)).collect();
        tokio::spawn(async move { put(&mut client, records).await })
    });
    let mut answers = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        answers.push(call.await.unwrap());
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_and_credentials_come_back_to_their_flows() {
    let bed = world::bed().await;
    let tenant = TenantId::generate();
    let mut labels = world::vault(&bed, "labels", tenant);
    let person = put(&mut labels, vec![record("order:1", &OTTOKAR)]).await.remove(0);

    let document = Document {
        document_id: DocumentId::generate().to_string(),
        owner_ref: person,
        media_type: "application/pdf".into(),
        data: vec![0x25; 90_000].into(),
    };
    let batch = |documents: &[Document]| PutDocumentsRequest { documents: documents.to_vec() };
    labels.put_documents(batch(std::slice::from_ref(&document))).await.unwrap();
    labels.put_documents(batch(std::slice::from_ref(&document))).await.unwrap();
    let changed = Document { data: vec![0x26; 3].into(), ..document.clone() };
    let error = labels.put_documents(batch(&[changed])).await.unwrap_err();
    assert_eq!(code(&error), "VLT0008");
    let get =
        |flow: Flow, id: &str| GetDocumentRequest { flow: flow as i32, document_id: id.into() };
    let id = document.document_id.clone();
    let got = labels.get_document(get(Flow::LabelServe, &id)).await.unwrap();
    assert_eq!(got.into_inner(), document);
    let error = labels.get_document(get(Flow::LabelVoid, &id)).await.unwrap_err();
    assert_eq!(code(&error), "VLT0004");

    let mut accounts = world::vault(&bed, "accounts", tenant);
    let account = AccountId::generate().to_string();
    let put = |value: &str| PutCredentialsRequest {
        account_id: account.clone(),
        fields: vec![CredentialField { name: "client_secret".into(), value: value.into() }],
    };
    for (value, revision) in [("one", 1), ("one", 1), ("two", 2), ("one", 3)] {
        let answer = accounts.put_credentials(put(value)).await.unwrap().into_inner();
        assert_eq!(answer.revision, revision, "{value}");
    }
    let open =
        OpenCredentialsRequest { flow: Flow::CarrierCall as i32, account_id: account.clone() };
    let opened = labels.open_credentials(open.clone()).await.unwrap().into_inner();
    assert_eq!((opened.revision, opened.fields[0].value.as_str()), (3, "one"));
    let error = accounts.open_credentials(open).await.unwrap_err();
    assert_eq!(code(&error), "VLT0003");
    assert_eq!(bed.stop().await, Vec::<String>::new());
}
