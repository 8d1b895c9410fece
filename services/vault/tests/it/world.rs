//! Invented persons and the calls of each service.

use colibri_events::vault::v1::{
    Field, FieldValue, Flow, PutRequest, Record, RevealManyRequest, Revealed,
    vault_service_client::VaultServiceClient,
};
use colibri_kit::{fault::RpcError, rpc::Peer};
use colibri_testkit::{BedOptions, TestBed};
use colibri_types::TenantId;
use tonic::Status;

pub type Client = VaultServiceClient<Peer>;

pub async fn bed() -> TestBed {
    TestBed::start(vec![colibri_vault::service()]).await
}

pub async fn bed_with(settings: &[(&str, &str)]) -> TestBed {
    let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let options = BedOptions { settings, ..BedOptions::default() };
    TestBed::start_with(vec![colibri_vault::service()], options).await
}

pub fn vault(bed: &TestBed, from: &str, tenant: TenantId) -> Client {
    VaultServiceClient::new(bed.peer(from, "vault", tenant))
}

pub fn record(key: &str, fields: &[(Field, &str)]) -> Record {
    let value = |(field, value): &(Field, &str)| FieldValue {
        field: *field as i32,
        value: (*value).to_owned(),
    };
    Record {
        external_key: key.to_owned(),
        fields: fields.iter().map(value).collect(),
        ..Record::default()
    }
}

pub fn owned(key: &str, owner: &str, r#ref: &str, fields: &[(Field, &str)]) -> Record {
    Record { owner_ref: owner.to_owned(), r#ref: r#ref.to_owned(), ..record(key, fields) }
}

pub const OTTOKAR: [(Field, &str); 4] = [
    (Field::Name, "Ottokar Beispiel"),
    (Field::Street, "Erfundene Gasse 7\nHinterhaus"),
    (Field::Email, "ottokar.beispiel@example.org"),
    (Field::OrderNumber, "#CANARY-1001"),
];

pub async fn put(client: &mut Client, records: Vec<Record>) -> Vec<String> {
    try_put(client, records).await.unwrap()
}

pub async fn try_put(client: &mut Client, records: Vec<Record>) -> Result<Vec<String>, Status> {
    Ok(client.put(PutRequest { records }).await?.into_inner().refs)
}

pub async fn reveal(
    client: &mut Client,
    flow: Flow,
    fields: &[Field],
    refs: &[&str],
) -> Vec<Revealed> {
    let request = RevealManyRequest {
        flow: flow as i32,
        fields: fields.iter().map(|field| *field as i32).collect(),
        refs: refs.iter().map(|r| (*r).to_owned()).collect(),
    };
    client.reveal_many(request).await.unwrap().into_inner().records
}

pub fn values(revealed: &Revealed) -> Vec<(i32, &str)> {
    revealed.fields.iter().map(|f| (f.field, f.value.as_str())).collect()
}

pub fn code(status: &Status) -> String {
    RpcError::from_status(status).reason.unwrap_or_default()
}
