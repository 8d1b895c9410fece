//! Import of a file of articles: every row has exactly one fate, and the same request again answers
//! the same report.

use aws_lc_rs::digest;
use colibri_channels::import::{Limits, plain};
use colibri_events::customs::v1::*;
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{ImportId, TenantId};
use prost::Message as _;

use super::skus::check_all;
use crate::{
    Customs, error, settle,
    store::{skus, tenants},
    world::Book,
};

/// Bytes of a file: it travels in one message of at most 4 MiB.
const FILE_BYTES_MAX: usize = 3 * 1024 * 1024;
/// Bytes of a workbook inflated: ten times the file, where real ones stay below five.
const INFLATED_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Cells of a workbook: 20,000 rows of 50 columns.
const CELLS_MAX: usize = 1_000_000;

/// Names of the columns, the article first; in the order of [`input`].
const COLUMNS: [(&str, &[&str]); 11] = [
    ("sku", &["sku", "article", "article number", "reference", "artikelnummer", "referencia"]),
    ("description", &["description", "customs description", "beschreibung", "descripcion"]),
    ("hs6", &["hs6", "hs", "hs code", "code sh", "tariff code", "hs code 6"]),
    ("cn8", &["cn8", "cn", "cn code", "code nc", "nc8", "warennummer"]),
    ("hts10", &["hts10", "hts", "hts code", "htsus"]),
    ("origin_country", &["origin", "origin country", "country of origin", "pays d origine"]),
    ("composition", &["composition", "material", "matiere", "zusammensetzung"]),
    ("gtin", &["gtin", "ean", "upc", "barcode"]),
    ("manufacturer_id", &["manufacturer id", "mpn", "manufacturer part number"]),
    ("confirmed", &["confirmed", "confirme", "bestatigt", "confirmado"]),
    ("excise", &["excise", "accise"]),
];

/// A yes in the languages of the headers; a no is any of the others, or nothing.
const YES: [&str; 9] = ["yes", "y", "true", "1", "x", "oui", "ja", "si", "sí"];
const NO: [&str; 7] = ["", "no", "n", "false", "0", "non", "nein"];

/// Imports a file.
///
/// # Errors
/// `CUS0002`, `CUS0003`, `CUS0004`, or the `CHN` code of the file as a whole; nothing is kept then.
pub async fn import(
    shell: &Shell<Customs>,
    tenant: TenantId,
    actor: &str,
    request: ImportSkusRequest,
) -> Result<ImportSkusReport, Fault> {
    let workbook = check(&request)?;
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(request.format.as_bytes());
    context.update(b"\0");
    context.update(&request.data);
    let fingerprint = context.finish().as_ref().to_vec();
    if let Some(done) = done(shell, tenant, &request.request_id, &fingerprint).await? {
        return Ok(done);
    }
    let book = shell.state.books.get().await?;
    let rows = shell.state.config.import_rows_max;
    let data = request.data;
    let work = move || read(&data, workbook, rows, &book);
    let (good, mut report) = tokio::task::spawn_blocking(work).await.map_err(Fault::bug)??;
    let mut cx = shell.begin(tenant).await?;
    tenants::change(cx.db(), tenant).await?;
    let now = cx.now();
    let changed = skus::put(cx.db(), tenant, &good, actor, now).await?;
    report.waiting = settle::release(&mut cx, tenant, Some(&changed)).await?;
    let bytes = report.encode_to_vec();
    let kept = (fingerprint.as_slice(), bytes.as_slice());
    if tenants::keep_import(cx.db(), tenant, &request.request_id, kept, now).await? {
        cx.commit().await?;
        return Ok(report);
    }
    // The same request ran beside this one and was faster: its report is the one.
    cx.rollback().await;
    let other = done(shell, tenant, &request.request_id, &fingerprint).await?;
    other.ok_or_else(|| Fault::bug("an import is kept and not found"))
}

/// Whether it is a workbook.
fn check(request: &ImportSkusRequest) -> Result<bool, Fault> {
    let id = &request.request_id;
    if !(1..=100).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(error::request("request_id", "is 1 to 100 printable ASCII characters"));
    }
    if request.data.len() > FILE_BYTES_MAX {
        let fault = Fault::resource_exhausted(error::LIMIT, "the file is larger than 3 MiB");
        return Err(fault.field("data", "TOO_LONG", "has more than 3145728 bytes"));
    }
    match request.format.as_str() {
        _ if request.data.is_empty() => Err(error::request("data", "is empty")),
        "csv" => Ok(false),
        "xlsx" => Ok(true),
        _ => Err(error::request("format", "is csv or xlsx")),
    }
}

/// The report of an import that was done under this request id.
async fn done(
    shell: &Shell<Customs>,
    tenant: TenantId,
    request_id: &str,
    fingerprint: &[u8],
) -> Result<Option<ImportSkusReport>, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let known = tenants::import(cx.db(), tenant, request_id).await?;
    cx.rollback().await;
    let Some((kept, report)) = known else { return Ok(None) };
    if kept != fingerprint {
        let reason = "the request id was used for another file";
        return Err(Fault::already_exists(error::REQUEST_REUSED, reason));
    }
    let report = ImportSkusReport::decode(report.as_slice()).map_err(Fault::bug)?;
    Ok(Some(ImportSkusReport { known_request: true, ..report }))
}

type Read = (Vec<SkuInput>, ImportSkusReport);

fn read(data: &[u8], workbook: bool, rows: usize, book: &Book) -> Result<Read, Fault> {
    let limits = Limits {
        csv_bytes: FILE_BYTES_MAX,
        xlsx_bytes: FILE_BYTES_MAX,
        inflated_bytes: INFLATED_BYTES_MAX,
        cells: CELLS_MAX,
        rows,
        ..Limits::default()
    };
    let names = COLUMNS.map(|(_, names)| names);
    let table = plain::read(data, workbook, &limits, &names).map_err(|error| {
        let (place, meaning) = (format!("data/row {}", error.row), error.code.meaning());
        let code = error.code.as_str();
        Fault::reject(code, meaning).field(place, code, meaning)
    })?;
    let mut report = ImportSkusReport {
        import_id: ImportId::generate().to_string(),
        rows: u32::try_from(table.len()).unwrap_or(u32::MAX),
        ..ImportSkusReport::default()
    };
    let mut good: Vec<SkuInput> = Vec::new();
    for line in table {
        let row = u32::try_from(line.row).unwrap_or(u32::MAX);
        let told = |code: &str, column: &str, detail: &str, sku: &str| SkuRowReport {
            row,
            column: column.to_owned(),
            code: code.to_owned(),
            detail: detail.to_owned(),
            sku: sku.to_owned(),
        };
        let asked = match line.cells {
            Ok(cells) => input(&cells),
            Err(error) => {
                let at = error.column.map(|column| column.to_string()).unwrap_or_default();
                report.refused += 1;
                report.reports.push(told(error.code.as_str(), &at, error.code.meaning(), ""));
                continue;
            }
        };
        let sku = asked.as_ref().map_or("", |asked| asked.sku.as_str()).to_owned();
        let refused = match asked {
            Ok(asked) if good.iter().any(|earlier| earlier.sku == asked.sku) => {
                vec![error::finding(error::FIELD, "sku", "stands in the file twice")]
            }
            Ok(asked) => {
                let (kept, mut results) = check_all(std::slice::from_ref(&asked), book);
                let result = results.pop().unwrap_or_default();
                good.extend(kept);
                for warning in &result.warnings {
                    let (code, detail) = (warning.code.as_str(), warning.detail.as_str());
                    let line = told(code, &warning.field, detail, &sku);
                    report.reports.push(line);
                }
                if result.kept && result.warnings.is_empty() {
                    report.reports.push(told("", "", "", &sku));
                }
                result.refused
            }
            Err(finding) => vec![finding],
        };
        match refused.is_empty() {
            true => report.kept += 1,
            false => report.refused += 1,
        }
        for one in refused {
            report.reports.push(told(&one.code, &one.field, &one.detail, &sku));
        }
    }
    Ok((good, report))
}

/// The article of a row.
fn input(cells: &[String]) -> Result<SkuInput, Finding> {
    let cell = |name: &str| {
        let at = COLUMNS.iter().position(|(known, _)| *known == name);
        at.and_then(|at| cells.get(at)).cloned().unwrap_or_default()
    };
    let flag = |name: &str| {
        let word = cell(name).to_lowercase();
        let (yes, no) = (YES.contains(&word.as_str()), NO.contains(&word.as_str()));
        let wrong = || error::finding(error::FIELD, name, "is yes or no");
        (yes || no).then_some(yes).ok_or_else(wrong)
    };
    Ok(SkuInput {
        sku: cell("sku"),
        description: cell("description"),
        hs6: cell("hs6"),
        cn8: cell("cn8"),
        hts10: cell("hts10"),
        origin_country: cell("origin_country"),
        composition: cell("composition"),
        gtin: cell("gtin"),
        manufacturer_id: cell("manufacturer_id"),
        confirmed: flag("confirmed")?,
        excise: flag("excise")?,
    })
}
