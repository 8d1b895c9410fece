//! Every byte of every column: no planted value in any spelling we can think of.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use colibri_events::vault::v1::{
    CredentialField, Document, Field, Flow, MatchManyRequest, PutCredentialsRequest,
    PutDocumentsRequest,
};
use colibri_types::{AccountId, DocumentId, ParcelId, TenantId};
use sqlx::{AssertSqlSafe, PgPool};

use crate::world::{self, owned, put, record, reveal, try_put};

const CANARIES: [&str; 8] = [
    "Zephyrine Kanarienvogel",
    "Quittengasse 4711",
    "zephyrine@canary.example",
    "+33199009988",
    "XQ-ORDER-90817",
    "1ZCANARY0099887766",
    "shopify:8877665544",
    "sk_canary_5f3a9c",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_planted_value_is_in_any_table() {
    let bed = world::bed().await;
    let tenant = TenantId::generate();
    let mut orders = world::vault(&bed, "orders", tenant);
    let mut labels = world::vault(&bed, "labels", tenant);
    let [name, street, email, phone, order, number, key, secret] = CANARIES;
    let person = [
        (Field::Name, name),
        (Field::Street, street),
        (Field::Email, email),
        (Field::Phone, phone),
        (Field::OrderNumber, order),
    ];
    let person = put(&mut orders, vec![record(key, &person)]).await.remove(0);
    let parcel = ParcelId::generate().to_string();
    let numbers = [(Field::TrackingNumber, number), (Field::ScanText, name)];
    put(&mut labels, vec![owned(number, &person, &parcel, &numbers)]).await;
    let document = Document {
        document_id: DocumentId::generate().to_string(),
        owner_ref: person.clone(),
        media_type: "text/plain".into(),
        data: CANARIES.join(" ").into_bytes().into(),
    };
    labels.put_documents(PutDocumentsRequest { documents: vec![document] }).await.unwrap();
    let mut accounts = world::vault(&bed, "accounts", tenant);
    let fields = vec![CredentialField { name: "key".into(), value: secret.into() }];
    let account_id = AccountId::generate().to_string();
    accounts.put_credentials(PutCredentialsRequest { account_id, fields }).await.unwrap();
    // Values given where refs belong, too.
    reveal(&mut orders, Flow::OrderView, &[Field::Name], &[name, &person]).await;
    let request = MatchManyRequest { field: Field::Email as i32, values: vec![email.into()] };
    orders.match_many(request).await.unwrap();
    try_put(&mut labels, vec![owned("k", name, order, &[])]).await.unwrap_err();

    let scanned = scan(&bed.admin).await;
    assert_eq!(scanned.hits, Vec::<String>::new());
    assert!(scanned.columns > 50 && scanned.bytes > 2_000, "scanned too little");
    // The scan finds what is there: once in clear and once as a bare hash.
    sqlx::query("create table vault.control (a text, b bytea)").execute(&bed.admin).await.unwrap();
    let hash = digest(&SHA256, email.as_bytes());
    let plant = sqlx::query("insert into vault.control values ($1, $2)");
    plant.bind(format!("x{name}x")).bind(hash.as_ref()).execute(&bed.admin).await.unwrap();
    assert_eq!(scan(&bed.admin).await.hits.len(), 2);
    assert_eq!(bed.stop().await, Vec::<String>::new());
}

#[derive(Default)]
struct Scanned {
    hits: Vec<String>,
    columns: usize,
    bytes: usize,
}

/// Bytes to look for: the value, its folds and encodings, and its bare hash.
fn forms(canary: &str) -> Vec<Vec<u8>> {
    let squeezed: String = canary.chars().filter(|c| !c.is_whitespace()).collect();
    let texts = [canary.to_owned(), canary.to_lowercase(), canary.to_uppercase(), squeezed];
    let mut forms = Vec::new();
    for text in texts {
        let bytes = text.as_bytes();
        let hex = |upper: bool| -> String {
            let one = |b: &u8| if upper { format!("{b:02X}") } else { format!("{b:02x}") };
            bytes.iter().map(one).collect()
        };
        forms.push(hex(false).into_bytes());
        forms.push(hex(true).into_bytes());
        forms.push(digest(&SHA256, bytes).as_ref().to_vec());
        // Base64 at its three alignments, without the ends that depend on neighbours.
        for shift in 0..3 {
            let cut = bytes.len() - (bytes.len() - shift) % 3;
            forms.push(STANDARD.encode(&bytes[shift..cut]).into_bytes());
        }
        forms.push(text.into_bytes());
    }
    forms
}

async fn scan(db: &PgPool) -> Scanned {
    let columns = "select table_schema::text, table_name::text, column_name::text
          from information_schema.columns
         where table_schema not in ('pg_catalog', 'information_schema')";
    let columns: Vec<(String, String, String)> =
        sqlx::query_as(columns).fetch_all(db).await.unwrap();
    let wanted: Vec<(&str, Vec<Vec<u8>>)> = CANARIES.iter().map(|c| (*c, forms(c))).collect();
    let mut scanned = Scanned { columns: columns.len(), ..Scanned::default() };
    for (schema, table, column) in columns {
        // bytea as it is; anything else as its text.
        let sql = format!(
            "select case when pg_typeof({column}) = 'bytea'::regtype
                    then decode(substr({column}::text, 3), 'hex')
                    else convert_to({column}::text, 'UTF8') end
               from {schema}.{table} where {column} is not null"
        );
        let rows: Vec<Vec<u8>> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(db).await.unwrap();
        for row in rows {
            scanned.bytes += row.len();
            for (canary, forms) in &wanted {
                if forms.iter().any(|form| row.windows(form.len()).any(|part| part == form)) {
                    scanned.hits.push(format!("{canary} in {schema}.{table}.{column}"));
                }
            }
        }
    }
    scanned
}
