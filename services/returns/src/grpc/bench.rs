//! The bench: counted, graded, disposed of.

use std::collections::BTreeMap;

use colibri_events::returns::v1::{
    AnswerStockRequest, DisposeRequest, Found, GradeRequest, GradeResponse, ReceiveRequest,
    ReceiveResponse, Return,
};
use colibri_kit::{
    fault::Fault,
    service::{Cx, Shell},
};
use colibri_returns_rules::{
    case::{Action, Actor, LineNo},
    fraud::{self, Signal},
    goods::{Extra, Grade, LabelNo, Place},
    grade::{NotGraded, SecondCheck, second_check},
    reason::{self, Party},
};
use time::OffsetDateTime;

use super::{Who, checks, counter, read, return_id};
use crate::{
    Returns,
    domain::words::{self, word},
    error::field,
    open::{self, Open, command_key},
    store::{labels, quality, rest},
};

/// The criterion that says whether it was used for more than to see and try.
const USED: &str = "no_use_beyond_trying";
/// Lines of one count.
const COUNTED_MAX: usize = 200;

/// Counts what came.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0006`, `RET0007`, `RET0008`.
pub async fn receive(
    shell: &Shell<Returns>,
    who: &Who,
    request: ReceiveRequest,
) -> Result<ReceiveResponse, Fault> {
    let id = return_id(&request.return_id)?;
    checks::request_id(&request.request_id)?;
    if request.counted.len() > COUNTED_MAX {
        return Err(field("counted", "TOO_MANY", "at most 200 lines"));
    }
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    let (now, actor) = (cx.now(), words::person(&who.subject));
    "bench".clone_into(&mut open.actor);
    let label = LabelNo::try_from(request.label).ok().filter(|label| *label > 0);
    if label.is_some_and(|label| open.case.label(label).is_none()) {
        return Err(field("label", "UNKNOWN", "no such label of this return"));
    }
    let mut found = expected(&open, label);
    for (at, counted) in request.counted.iter().enumerate() {
        if counted.units == 0 {
            continue;
        }
        let key = command_key("receive", &request.request_id, at);
        let path = format!("counted[{at}]");
        count(&mut cx, &mut open, &mut found, (counted, label), (key, now, actor), &path).await?;
    }
    if request.complete {
        complete(&mut cx, &mut open, &mut found, label, request.weight_g).await?;
    }
    open.finish(&mut cx).await?;
    cx.commit().await?;
    let shown = read::one(shell, who.tenant, id, false).await?;
    Ok(ReceiveResponse { r#return: Some(shown), found: found.into_values().collect() })
}

/// What the parcel should hold, before the count.
fn expected(open: &Open, label: Option<LabelNo>) -> BTreeMap<LineNo, Found> {
    let way = [Place::Arrived, Place::InTransit, Place::Dropped, Place::AtBuyer];
    let lines = open.case.lines().iter().filter_map(|(number, line)| {
        let custody = line.custody();
        let expected: u32 = match label {
            Some(_) => way.iter().map(|place| custody.at_in(*place, label)).sum(),
            None => way.iter().map(|place| custody.at(*place)).sum(),
        };
        let sku = open.row.about.sku(*number).to_owned();
        let found = Found { line: u32::from(*number), sku, expected, ..Found::default() };
        (expected > 0).then_some((*number, found))
    });
    lines.collect()
}

async fn count(
    cx: &mut Cx<Returns>,
    open: &mut Open,
    found: &mut BTreeMap<LineNo, Found>,
    (counted, label): (&colibri_events::returns::v1::CountedLine, Option<LabelNo>),
    (key, now, actor): (u128, OffsetDateTime, Actor),
    path: &str,
) -> Result<(), Fault> {
    let known = words::line(counted.line).filter(|line| open.case.lines().contains_key(line));
    if let Some(line) = known {
        let surplus = |open: &Open| {
            open.case.lines().get(&line).map_or(0, |line| line.custody().extra(Extra::Surplus))
        };
        let before = surplus(open);
        let action = Action::Receive { line, label, units: counted.units };
        open.must(key, now, actor, action, path)?;
        let sku = open.row.about.sku(line).to_owned();
        let new = || Found { line: u32::from(line), sku, ..Found::default() };
        let entry = found.entry(line).or_insert_with(new);
        entry.counted += counted.units;
        entry.surplus += surplus(open) - before;
        if counted.serial_differs {
            let evidence = BTreeMap::new();
            let signal = Signal { code: "F03".to_owned(), at: now, evidence, explained: false };
            open.signal(cx, signal).await?;
        }
        return Ok(());
    }
    if counted.line != 0 {
        return Err(field(format!("{path}.line"), "UNKNOWN", "no such line of the order"));
    }
    // Another article: it lies beside what was advised, and a person decides.
    let first = open.row.about.lines.keys().next().copied();
    let beside = first.ok_or_else(|| Fault::bug("a return without lines"))?;
    let action = Action::ReceiveForeign { line: beside, units: counted.units };
    open.must(key, now, actor, action, path)?;
    let new = || Found { sku: counted.sku.clone(), ..Found::default() };
    found.entry(0).or_insert_with(new).foreign += counted.units;
    let evidence = BTreeMap::from([("units".to_owned(), i64::from(counted.units))]);
    let signal = Signal { code: "F02".to_owned(), at: now, evidence, explained: false };
    open.signal(cx, signal).await
}

/// Nothing else is in the parcel: what is missing is a question, and a signal when weights agree.
async fn complete(
    cx: &mut Cx<Returns>,
    open: &mut Open,
    found: &mut BTreeMap<LineNo, Found>,
    label: Option<LabelNo>,
    weight_g: u32,
) -> Result<(), Fault> {
    let mut missing = 0;
    for one in found.values_mut() {
        one.missing = one.expected.saturating_sub(one.counted);
        missing += one.missing;
    }
    let Some(label) = label else { return Ok(()) };
    let (tenant, id) = (open.row.tenant_id, open.row.return_id);
    let all = labels::of(cx.db(), tenant, &[id]).await?;
    let wanted = i16::try_from(label).ok();
    let Some(label) = all.into_iter().find(|known| Some(known.number) == wanted) else {
        return Ok(());
    };
    if missing == 0 {
        return counter::weigh(cx, open, &label, weight_g).await;
    }
    let unit = |line: &LineNo| open.row.about.lines.get(line).and_then(|line| line.weight_g);
    let weights = found.iter().filter(|(line, _)| **line != 0);
    let counted: Option<u64> =
        weights.map(|(line, one)| Some(u64::from(unit(line)?) * u64::from(one.counted))).sum();
    let limits = open.rules.settings.limits;
    let agrees = counted.filter(|_| weight_g > 0).and_then(|counted| {
        let counted = i64::try_from(counted).ok()?;
        let most = limits.weight_grams.max(counted * limits.weight_percent / 100);
        Some((i64::from(weight_g) - counted).abs() <= most)
    });
    if agrees == Some(true) {
        let evidence = BTreeMap::from([
            ("units_missing".to_owned(), i64::from(missing)),
            ("measured_grams".to_owned(), i64::from(weight_g)),
        ]);
        let at = cx.now();
        let signal = Signal { code: "F08".to_owned(), at, evidence, explained: false };
        open.signal(cx, signal).await?;
    }
    Ok(())
}

/// Grades counted units.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0006`, `RET0007`, `RET0008`.
pub async fn grade(
    shell: &Shell<Returns>,
    who: &Who,
    request: GradeRequest,
) -> Result<GradeResponse, Fault> {
    let id = return_id(&request.return_id)?;
    checks::request_id(&request.request_id)?;
    let line = line(request.line)?;
    let photos = checks::photos("photo_ids", &request.photo_ids)?;
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    let now = cx.now();
    "bench".clone_into(&mut open.actor);
    let about = open.row.about.lines.get(&line);
    let category = about.map_or("", |line| line.category.as_str());
    let definitions = open.rules.grades(category);
    let definitions = definitions.ok_or_else(|| Fault::bug("no grades are defined"))?;
    let answers = request.criteria.iter().map(|c| (c.code.clone(), c.yes)).collect();
    let computed = definitions.grade(&answers).map_err(|why| match why {
        NotGraded::Unanswered(missing) => {
            let text = missing.into_iter().collect::<Vec<_>>().join(", ");
            field("criteria", "UNANSWERED", &text)
        }
        NotGraded::Undefined => field("criteria", "UNDEFINED", "no definition fits"),
    })?;
    if photos.len() < usize::from(computed.definition.photos) {
        let text = format!("at least {} photos", computed.definition.photos);
        return Err(field("photo_ids", "MISSING", &text));
    }
    let grade = match request.set_grade.as_str() {
        "" => computed.definition.grade,
        text => {
            checks::code("set_because", &request.set_because)?;
            words::grade(text).ok_or_else(|| field("set_grade", "UNKNOWN", "A to E, or Q"))?
        }
    };
    photos_of(&mut cx, &open, &photos).await?;
    let key = command_key("grade", &request.request_id, 0);
    let action = Action::Inspect { line, grade, units: request.units };
    open.must(key, now, words::person(&who.subject), action, "units")?;
    note_grading(&mut cx, &open, who, &request, (line, grade, computed.definition.grade)).await?;
    if let Some(signal) = fraud::worn(request.units, used(&request), choice(&open, line), now) {
        open.signal(&mut cx, signal).await?;
    }
    let value = open.case.lines().get(&line).map_or(0, |l| l.ledger().value_of(request.units));
    let limit = open.rules.settings.second_check_above;
    // Drawn by lot that nobody at the bench can choose, and that a repeated call draws again.
    let lot = u8::try_from(words::key(&["lot", &request.request_id, &id.to_string()]) % 100);
    let second = second_check(grade, false, value, limit, lot.unwrap_or_default());
    let set = definitions.grades.iter().find(|known| known.grade == grade);
    let proposed = set.map(|known| known.dispositions.iter().map(word).collect());
    let response = GradeResponse {
        r#return: None,
        computed: word(&computed.definition.grade),
        grade: word(&grade),
        because: computed.because.into_iter().collect(),
        dispositions: proposed.unwrap_or_default(),
        second_check: second.map_or("", second_word).to_owned(),
    };
    open.finish(&mut cx).await?;
    cx.commit().await?;
    let shown = read::one(shell, who.tenant, id, false).await?;
    Ok(GradeResponse { r#return: Some(shown), ..response })
}

/// Who graded what, for statistics of our own work.
async fn note_grading(
    cx: &mut Cx<Returns>,
    open: &Open,
    who: &Who,
    request: &GradeRequest,
    (line, grade, computed): (LineNo, Grade, Grade),
) -> Result<(), Fault> {
    let Actor::Person(inspector) = words::person(&who.subject) else { return Ok(()) };
    let about = open.row.about.lines.get(&line);
    let (at, tenant) = (cx.now(), open.row.tenant_id);
    let new = quality::Grading {
        return_id: open.row.return_id,
        request_id: &request.request_id,
        at,
        inspector: inspector.cast_signed(),
        site_id: open.sale.site_id,
        category: about.map_or("", |line| line.category.as_str()),
        units: i32::try_from(request.units).unwrap_or(i32::MAX),
        low: !matches!(grade, Grade::A | Grade::B),
        overruled: grade != computed,
    };
    quality::graded(cx.db(), tenant, new).await
}

/// Do the criteria say that it was used beyond trying?
fn used(request: &GradeRequest) -> bool {
    request.criteria.iter().any(|criterion| criterion.code == USED && !criterion.yes)
}

/// Was it sent back by choice, as unused, and not for what somebody has done wrong?
fn choice(open: &Open, line: LineNo) -> bool {
    let reason = open.row.about.lines.get(&line).map_or("", |line| line.reason.as_str());
    let first = reason.split('/').next().unwrap_or_default();
    // No reason is told on a withdrawal.
    let known = reason::all().get(if first.is_empty() { "WD" } else { first });
    known.is_some_and(|known| known.party == Party::Consignee)
}

const fn second_word(check: SecondCheck) -> &'static str {
    match check {
        SecondCheck::NotTheItem => "not_the_item",
        SecondCheck::Reduced => "reduced",
        SecondCheck::Value => "value",
        SecondCheck::Lot => "lot",
    }
}

/// Photos of the bench belong to the order, and to this return from now on.
async fn photos_of(cx: &mut Cx<Returns>, open: &Open, photos: &[uuid::Uuid]) -> Result<(), Fault> {
    if photos.is_empty() {
        return Ok(());
    }
    let (tenant, id) = (open.row.tenant_id, open.row.return_id);
    let known = rest::photos(cx.db(), tenant, open.row.order_id).await?;
    let fine = |wanted: &uuid::Uuid| {
        let of = known.iter().find(|photo| photo.document_id == *wanted);
        of.is_some_and(|photo| photo.return_id.is_none_or(|of| of == id))
    };
    if !photos.iter().all(fine) {
        return Err(field("photo_ids", "UNKNOWN", "no such photo of this order"));
    }
    rest::bind_photos(cx.db(), tenant, id, photos).await.map(drop)
}

fn line(number: u32) -> Result<LineNo, Fault> {
    words::line(number).ok_or_else(|| field("line", "UNKNOWN", "no such line of the order"))
}

/// Lets graded units go for good.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0006`, `RET0007`, `RET0008`.
pub async fn dispose(
    shell: &Shell<Returns>,
    who: &Who,
    request: DisposeRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    checks::request_id(&request.request_id)?;
    let line = line(request.line)?;
    let grade = words::grade(&request.grade);
    let grade = grade.ok_or_else(|| field("grade", "UNKNOWN", "A to E, or Q"))?;
    let disposition = words::disposition(&request.disposition);
    let disposition =
        disposition.ok_or_else(|| field("disposition", "UNKNOWN", "no such disposition"))?;
    if !request.evidence.is_empty() {
        checks::code("evidence", &request.evidence)?;
    }
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    let (now, actor) = (cx.now(), words::person(&who.subject));
    "bench".clone_into(&mut open.actor);
    let units = request.units;
    if request.release {
        let key = command_key("release", &request.request_id, 0);
        let action = Action::Hold { line, grade, units, on: false };
        open.must(key, now, actor, action, "units")?;
    }
    let evidence = !request.evidence.is_empty();
    let key = command_key("dispose", &request.request_id, 0);
    let action = Action::Dispose { line, grade, disposition, units, evidence };
    open.must(key, now, actor, action, "units")?;
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}

/// The owner of the stock answers.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0006`, `RET0008`.
pub async fn answer_stock(
    shell: &Shell<Returns>,
    who: &Who,
    request: AnswerStockRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    let answer = words::stock(&request.answer);
    let answer =
        answer.ok_or_else(|| field("answer", "UNKNOWN", "confirmed, blocked or handled"))?;
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    "stock".clone_into(&mut open.actor);
    let action = Action::StockAnswer { number: request.booking, answer };
    let (now, actor) = (cx.now(), words::person(&who.subject));
    open.must(command_key("", "", 0), now, actor, action, "booking")?;
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}
