use colibri_events::vault::v1::{
    CredentialField, Document, Field, Flow, GetDocumentRequest, JournalEntry, ListJournalRequest,
    MatchManyRequest, OpenCredentialsRequest, PutCredentialsRequest, PutDocumentsRequest,
    RevealRequest, vault_service_client::VaultServiceClient,
};
use colibri_testkit::TestBed;
use colibri_types::{AccountId, DocumentId, TenantId};

use crate::world::{self, OTTOKAR, code, put, record, reveal};

/// What was opened, and what was denied.
async fn journal(bed: &TestBed, tenant: TenantId, r#ref: &str) -> Vec<JournalEntry> {
    let all = whole_journal(bed, tenant, r#ref).await;
    all.into_iter().filter(|entry| entry.act == "open").collect()
}

async fn whole_journal(bed: &TestBed, tenant: TenantId, r#ref: &str) -> Vec<JournalEntry> {
    let mut auditor = VaultServiceClient::new(bed.client(tenant, &["vault:audit"]));
    let request = ListJournalRequest { r#ref: r#ref.to_owned(), limit: 0 };
    auditor.list_journal(request).await.unwrap().into_inner().entries
}

#[tokio::test(flavor = "multi_thread")]
async fn every_denial_has_its_code_and_its_line_in_the_journal() {
    let bed = world::bed().await;
    let (tenant, other) = (TenantId::generate(), TenantId::generate());
    let mut orders = world::vault(&bed, "orders", tenant);
    let mine = put(&mut orders, vec![record("order:1", &OTTOKAR)]).await.remove(0);
    let mut theirs = world::vault(&bed, "orders", other);
    let foreign = put(&mut theirs, vec![record("order:1", &OTTOKAR)]).await.remove(0);
    assert_ne!(mine, foreign);
    let nobody = uuid::Uuid::new_v4().to_string();

    let view = Flow::OrderView;
    for (flow, fields, r#ref, denied) in [
        (Flow::LabelPurchase, &[Field::Name][..], &mine, "VLT0003"),
        (Flow::Unspecified, &[Field::Name], &mine, "VLT0003"),
        (view, &[Field::Name, Field::TrackingNumber], &mine, "VLT0004"),
        (view, &[], &mine, "VLT0004"),
        (view, &[Field::Document], &mine, "VLT0004"),
        (view, &[Field::Name], &foreign, "VLT0005"),
        (view, &[Field::Name], &nobody, "VLT0005"),
    ] {
        let before = journal(&bed, tenant, r#ref).await.len();
        let answer = reveal(&mut orders, flow, fields, &[r#ref]).await;
        assert_eq!((answer[0].denied.as_str(), answer[0].fields.len()), (denied, 0));
        let entries = journal(&bed, tenant, r#ref).await;
        assert_eq!(entries.len(), before + 1);
        assert_eq!((entries[0].denied.as_str(), entries[0].actor.as_str()), (denied, "orders"));
        assert_eq!(entries[0].fields, fields.iter().map(|f| *f as i32).collect::<Vec<_>>());
    }
    one_bad_ref_does_not_hold_back_others(&bed, tenant, &mut orders, &mine, &foreign).await;
    single_calls_answer_errors(&bed, tenant, &mut orders, &nobody).await;
    // The other tenant's journal tells nothing of it.
    assert_eq!(journal(&bed, other, "").await, []);
    assert_eq!(bed.stop().await, Vec::<String>::new());
}

async fn one_bad_ref_does_not_hold_back_others(
    bed: &TestBed,
    tenant: TenantId,
    orders: &mut world::Client,
    mine: &str,
    foreign: &str,
) {
    let text = "Ottokar Beispiel";
    let refs = [mine, foreign, text, mine];
    let answer = reveal(orders, Flow::OrderView, &[Field::Name], &refs).await;
    let denied: Vec<&str> = answer.iter().map(|one| one.denied.as_str()).collect();
    assert_eq!(denied, ["", "VLT0005", "VLT0005", ""]);
    assert_eq!(answer[0].fields[0].value, "Ottokar Beispiel");
    let entries = journal(bed, tenant, "").await;
    let newest: Vec<_> =
        entries[..4].iter().map(|e| (e.r#ref.as_str(), e.denied.as_str())).collect();
    // A text that is no ref is not written down.
    assert_eq!(newest, [(mine, ""), ("", "VLT0005"), (foreign, "VLT0005"), (mine, "")]);
    assert_eq!(entries[0].flow, "order_view");
    assert!(entries[0].at.ends_with('Z'));
}

async fn single_calls_answer_errors(
    bed: &TestBed,
    tenant: TenantId,
    orders: &mut world::Client,
    nobody: &str,
) {
    let before = journal(bed, tenant, "").await.len();
    let request = RevealRequest {
        flow: Flow::OrderView as i32,
        fields: vec![Field::Name as i32],
        r#ref: nobody.to_owned(),
    };
    assert_eq!(code(&orders.reveal(request).await.unwrap_err()), "VLT0005");
    let mut labels = world::vault(bed, "labels", tenant);
    let document_id = DocumentId::generate().to_string();
    let get =
        |flow: Flow| GetDocumentRequest { flow: flow as i32, document_id: document_id.clone() };
    for (flow, denied) in [
        (Flow::LabelServe, "VLT0005"),
        (Flow::LabelPurchase, "VLT0004"),
        (Flow::OrderView, "VLT0003"),
    ] {
        assert_eq!(code(&labels.get_document(get(flow)).await.unwrap_err()), denied);
        assert_eq!(journal(bed, tenant, &document_id).await[0].denied, denied);
    }
    let account_id = AccountId::generate().to_string();
    for (flow, denied) in [
        (Flow::CarrierCall, "VLT0005"),
        (Flow::LabelServe, "VLT0004"),
        (Flow::CarrierTrack, "VLT0003"),
    ] {
        let open = OpenCredentialsRequest { flow: flow as i32, account_id: account_id.clone() };
        assert_eq!(code(&labels.open_credentials(open).await.unwrap_err()), denied);
        assert_eq!(journal(bed, tenant, &account_id).await[0].denied, denied);
    }
    assert_eq!(journal(bed, tenant, "").await.len(), before + 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_that_opens_nothing_is_one_row_of_the_journal() {
    let bed = world::bed().await;
    let tenant = TenantId::generate();
    let mut orders = world::vault(&bed, "orders", tenant);
    let records = vec![record("order:1", &OTTOKAR), record("order:2", &OTTOKAR)];
    let owner = put(&mut orders, records.clone()).await.remove(0);
    put(&mut orders, records).await;
    let values = vec!["x@example.org".to_owned(); 3];
    let request = MatchManyRequest { field: Field::Email.into(), values };
    orders.match_many(request).await.unwrap();
    let document = Document {
        document_id: DocumentId::generate().to_string(),
        owner_ref: owner,
        media_type: "application/pdf".into(),
        data: b"%PDF".to_vec().into(),
    };
    let mut labels = world::vault(&bed, "labels", tenant);
    labels.put_documents(PutDocumentsRequest { documents: vec![document] }).await.unwrap();
    let account_id = AccountId::generate().to_string();
    let field = CredentialField { name: "key".into(), value: "canary".into() };
    let request = PutCredentialsRequest { account_id, fields: vec![field] };
    world::vault(&bed, "accounts", tenant).put_credentials(request).await.unwrap();
    let seen = whole_journal(&bed, tenant, "").await;
    let seen: Vec<(&str, &str, u32)> =
        seen.iter().rev().map(|e| (e.actor.as_str(), e.act.as_str(), e.items)).collect();
    let expected = [
        ("orders", "put", 2),
        ("orders", "put", 2),
        ("orders", "match", 3),
        ("labels", "put_documents", 1),
        ("accounts", "put_credentials", 1),
    ];
    assert_eq!(seen, expected);
    let again = whole_journal(&bed, tenant, "").await;
    assert_eq!((again.len(), again[0].act.as_str(), again[0].items), (6, "list", 5));
    assert_eq!(again[0].actor, "test");
    assert!(again[5].fields.contains(&Field::Name.into()));
    assert_eq!(bed.stop().await, Vec::<String>::new());
}
