//! Import of a file of orders: every row has exactly one fate, and the same request again answers
//! the same report.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use colibri_channels::import::{self, ImportReport as Read, ImportedOrder, Limits, Options};
use colibri_events::orders::v1::{
    Explanation, ImportReport, ImportRequest, OrderState, RowReport, SubmitResult,
};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{ImportId, TenantId};
use prost::Message as _;
use tokio::sync::Semaphore;

use crate::{
    Orders,
    domain::{
        canonical::{self, Meaning, Source},
        holds,
        intake::Input,
    },
    error, store,
    store::channel::Import,
    submit::{self, Door},
};

/// Bytes of a file: it travels in one message of at most 4 MiB.
const FILE_BYTES_MAX: usize = 3 * 1024 * 1024;
/// Bytes of a workbook inflated: ten times the file, where real ones stay below five.
const INFLATED_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Cells of a workbook: 20,000 rows of 50 columns.
const CELLS_MAX: usize = 1_000_000;
/// Files read at once: each may need 100 MiB while it is read.
static READERS: Semaphore = Semaphore::const_new(2);

/// Imports a file.
///
/// # Errors
/// `ORD0003`, `ORD0009`, `ORD0011`, or the `CHN` code of the file as a whole.
pub async fn import(
    shell: &Shell<Orders>,
    tenant: TenantId,
    request: ImportRequest,
) -> Result<ImportReport, Fault> {
    let workbook = check(&request)?;
    let mut context = hmac::Context::with_key(&shell.state.key);
    context.update(request.format.as_bytes());
    context.update(b"\0");
    context.update(&request.data);
    let fingerprint = context.sign().as_ref().to_vec();
    if let Some(done) = done(shell, tenant, &request.request_id, &fingerprint).await? {
        return Ok(done);
    }
    let read = read(shell, workbook, request.data).await?;
    if let Some(stopped) = &read.stopped {
        let place = format!("data/row {}", stopped.row);
        let code = stopped.code;
        return Err(Fault::reject(code.as_str(), code.meaning()).field(
            place,
            code.as_str(),
            code.meaning(),
        ));
    }
    let report = commit(shell, tenant, read).await?;
    let kept = Import {
        import_id: report.import_id.parse().map_err(Fault::bug)?,
        fingerprint: fingerprint.clone(),
        report: report.encode_to_vec(),
    };
    let mut cx = shell.begin(tenant).await?;
    let now = cx.now();
    let first =
        store::channel::keep_import(cx.db(), tenant, &request.request_id, &kept, now).await?;
    cx.commit().await?;
    if first {
        return Ok(report);
    }
    // The same request ran beside this one and was faster: its report is the one.
    let other = done(shell, tenant, &request.request_id, &fingerprint).await?;
    other.ok_or_else(|| Fault::bug("an import is kept and not found"))
}

/// Insists on the form of a request id.
///
/// # Errors
/// `ORD0009`.
pub fn check_request_id(id: &str) -> Result<(), Fault> {
    if (1..=100).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    Err(error::request("request_id", "is 1 to 100 printable ASCII characters"))
}

/// Whether it is a workbook.
fn check(request: &ImportRequest) -> Result<bool, Fault> {
    check_request_id(&request.request_id)?;
    if request.data.len() > FILE_BYTES_MAX {
        let fault = Fault::resource_exhausted(error::LIMIT, "the file is larger than 3 MiB");
        return Err(fault.field("data", "TOO_LONG", "has more than 3145728 bytes"));
    }
    if request.data.is_empty() {
        return Err(error::request("data", "is empty"));
    }
    match request.format.as_str() {
        "csv" => Ok(false),
        "xlsx" => Ok(true),
        _ => Err(error::request("format", "is csv or xlsx")),
    }
}

/// The report of an import that was done under this request id.
async fn done(
    shell: &Shell<Orders>,
    tenant: TenantId,
    request_id: &str,
    fingerprint: &[u8],
) -> Result<Option<ImportReport>, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let known = store::channel::import(cx.db(), tenant, request_id).await?;
    cx.rollback().await;
    let Some(known) = known else { return Ok(None) };
    if known.fingerprint != fingerprint {
        let reason = "the request id was used for another file";
        return Err(Fault::already_exists(error::REQUEST_REUSED, reason));
    }
    let report = ImportReport::decode(known.report.as_slice()).map_err(Fault::bug)?;
    Ok(Some(ImportReport { known_request: true, ..report }))
}

/// Reads the file on a thread of its own: it is pure work that may take a second.
async fn read(
    shell: &Shell<Orders>,
    workbook: bool,
    data: prost::bytes::Bytes,
) -> Result<Read, Fault> {
    let limits = Limits {
        csv_bytes: FILE_BYTES_MAX,
        xlsx_bytes: FILE_BYTES_MAX,
        inflated_bytes: INFLATED_BYTES_MAX,
        cells: CELLS_MAX,
        rows: shell.state.config.import_rows_max,
        ..Limits::default()
    };
    let options = Options { limits, ..Options::default() };
    let turn = READERS.acquire().await.map_err(Fault::bug)?;
    let work = move || {
        if workbook {
            import::read_xlsx(&data, &options)
        } else {
            import::read_csv(&data, &options)
        }
    };
    let read = tokio::task::spawn_blocking(work).await.map_err(Fault::bug)?;
    drop(turn);
    Ok(read)
}

/// Takes the orders in, in batches, and reports every row.
async fn commit(
    shell: &Shell<Orders>,
    tenant: TenantId,
    read: Read,
) -> Result<ImportReport, Fault> {
    let mut report =
        ImportReport { import_id: ImportId::generate().to_string(), ..ImportReport::default() };
    let mut rows: BTreeMap<u64, Vec<RowReport>> = BTreeMap::new();
    for error in read.refused() {
        report.refused += 1;
        let column = error.field.map(|field| field.as_str().to_owned()).unwrap_or_default();
        let (code, detail) = (error.code.as_str().to_owned(), error.code.meaning().to_owned());
        let line = RowReport { row: row(error.row), column, code, detail, order_id: String::new() };
        rows.entry(error.row).or_default().push(line);
    }
    let mut batch: Vec<(Vec<u64>, Input)> = Vec::new();
    let source = Source { channel: "csv".to_owned(), file: true, ..Source::default() };
    for ImportedOrder { order, rows: of } in read.orders {
        match canonical::read(order, &source) {
            Meaning::Order(input) => batch.push((of, *input)),
            Meaning::Gone { .. } | Meaning::NotOurs => {
                let detail = "nothing of the order is to be shipped".to_owned();
                let code = error::FIELD.to_owned();
                let reason = Explanation { code, field: String::new(), detail };
                refuse(&mut report, &mut rows, &of, &[reason], error::FIELD);
            }
        }
    }
    while !batch.is_empty() {
        let rest = batch.split_off(batch.len().min(submit::ORDERS_MAX));
        let (of, inputs): (Vec<_>, Vec<_>) =
            std::mem::replace(&mut batch, rest).into_iter().unzip();
        let done = submit::submit(shell, tenant, inputs, Door::Plain).await?;
        for (of, result) in of.iter().zip(done.results) {
            note(&mut report, &mut rows, of, result);
        }
    }
    let taken = rows.len();
    report.rows = u32::try_from(taken).unwrap_or(u32::MAX);
    report.reports = rows.into_values().flatten().collect();
    Ok(report)
}

fn row(row: u64) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

/// Notes what became of an order on each of its rows.
fn note(
    report: &mut ImportReport,
    rows: &mut BTreeMap<u64, Vec<RowReport>>,
    of: &[u64],
    result: SubmitResult,
) {
    if !result.refused.is_empty() {
        let code = result.refused.clone();
        return refuse(report, rows, of, &result.reasons, &code);
    }
    match result.state() {
        _ if result.replayed => report.replayed += 1,
        OrderState::Held => report.held += 1,
        _ => report.accepted += 1,
    }
    for (index, number) in of.iter().enumerate() {
        let fine = RowReport {
            row: row(*number),
            order_id: result.order_id.clone(),
            ..RowReport::default()
        };
        // What an order waits for stands on its first row.
        let waits = |reason: &Explanation| RowReport {
            column: reason.field.clone(),
            code: reason.code.clone(),
            // The general sentence: this one is stored and must quote nothing.
            detail: holds::detail(&reason.code).to_owned(),
            ..fine.clone()
        };
        let lines = rows.entry(*number).or_default();
        if index == 0 && !result.reasons.is_empty() {
            lines.extend(result.reasons.iter().map(waits));
        } else {
            lines.push(fine);
        }
    }
}

/// Notes on each row of an order that it was not taken in, and why.
fn refuse(
    report: &mut ImportReport,
    rows: &mut BTreeMap<u64, Vec<RowReport>>,
    of: &[u64],
    reasons: &[Explanation],
    code: &str,
) {
    report.refused += u32::try_from(of.len()).unwrap_or(u32::MAX);
    for number in of {
        for reason in reasons {
            let line = RowReport {
                row: row(*number),
                column: reason.field.clone(),
                code: code.to_owned(),
                detail: reason.detail.clone(),
                order_id: String::new(),
            };
            rows.entry(*number).or_default().push(line);
        }
    }
}
