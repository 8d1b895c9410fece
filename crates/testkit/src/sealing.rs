//! What tests seal in the vault, as the services do whose it is.

use colibri_events::vault::v1::{
    CredentialField, Field, FieldValue, PutCredentialsRequest, PutRequest, Record,
    vault_service_client::VaultServiceClient,
};
use colibri_kit::rpc::Peer;
use colibri_types::{AccountId, TenantId};

use crate::TestBed;

impl TestBed {
    /// The vault as another service of ours sees it.
    #[must_use]
    pub fn vault(&self, from: &str, tenant: TenantId) -> VaultServiceClient<Peer> {
        VaultServiceClient::new(self.peer(from, "vault", tenant))
    }

    /// Seals fields under a key of that service; answers their ref.
    pub async fn seal<'a>(
        &self,
        from: &str,
        tenant: TenantId,
        external_key: &str,
        fields: impl IntoIterator<Item = (Field, &'a str)>,
    ) -> String {
        let value = |(field, text): (Field, &str)| FieldValue {
            field: field.into(),
            value: text.to_owned(),
        };
        let record = Record {
            external_key: external_key.to_owned(),
            fields: fields.into_iter().map(value).collect(),
            ..Record::default()
        };
        let request = PutRequest { records: vec![record] };
        self.vault(from, tenant).put(request).await.unwrap().into_inner().refs.remove(0)
    }

    /// Seals what accounts would of a carrier account.
    pub async fn seal_credentials<'a>(
        &self,
        tenant: TenantId,
        account: AccountId,
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) {
        let field = |(name, value): (&str, &str)| CredentialField {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        let request = PutCredentialsRequest {
            account_id: account.to_string(),
            fields: fields.into_iter().map(field).collect(),
        };
        self.vault("accounts", tenant).put_credentials(request).await.unwrap();
    }
}
