//! Tracking answers as a carrier might break them: whatever is changed in what a simulator said,
//! nothing panics, a broken parcel leaves its neighbours alone, and a broken scan the other scans.

use colibri_carriers::{
    HttpResponse, PollReply, read_payload,
    sim::{Desk, ScanFaults},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::{Suite, open, worlds};

/// What a carrier said about parcels at their end, and what is read out of it.
struct Said {
    desk: Desk,
    numbers: Vec<String>,
    answer: HttpResponse,
    replies: Vec<PollReply>,
}

impl Said {
    fn of(mut desk: Desk, most: usize) -> Self {
        let shipment = desk.shipment();
        let count = desk.carrier.polling().unwrap().batch_max().min(most);
        let buy = |_| desk.sold(&shipment).labels[0].tracking_number.clone();
        let numbers: Vec<String> = (0..count).map(buy).collect();
        desk.wait_until(desk.sim.last_scan_at().unwrap()).unwrap();
        let (answer, replies) = desk.poll(&numbers).unwrap();
        assert!(replies.iter().all(|reply| matches!(reply, PollReply::Track(_))));
        Self { desk, numbers, answer, replies }
    }

    /// Every reader of such answers; what the poll makes of it.
    fn read(&self, body: Vec<u8>) -> Option<Vec<PollReply>> {
        let _ = read_payload(self.desk.id(), &body);
        let _ = self.desk.carrier.push().map(|push| push.parse(&body));
        let answer = HttpResponse { body: body.into(), ..self.answer.clone() };
        self.desk.carrier.polling().unwrap().response(&answer, &self.numbers).ok()
    }

    /// Asserts what a change must leave as it was.
    fn assert_stands(&self, body: Vec<u8>, change: &Change) {
        let replies = self.read(body);
        let id = self.desk.id();
        if let Some(broken) = &change.parcel {
            let replies = replies.as_ref().unwrap_or_else(|| panic!("{id}: {}", change.what));
            for (number, reply) in self.numbers.iter().zip(&self.replies) {
                let stands = number == broken || replies.contains(reply);
                assert!(stands, "{id}: {} cost a neighbour: {replies:?}", change.what);
            }
        }
        if let Some(scans) = change.scans {
            let kept = replies.iter().flatten().map(|reply| match reply {
                PollReply::Track(track) => track.scans.len(),
                _ => 0,
            });
            let kept = kept.max().unwrap_or_default();
            assert!(kept + 1 >= scans, "{id}: {} cost {scans} - {kept} scans", change.what);
        }
    }

    /// The one asked number that a text names.
    fn owner(&self, text: &str) -> Option<String> {
        let mut named = self.numbers.iter().filter(|number| text.contains(number.as_str()));
        let first = named.next()?;
        named.next().is_none().then(|| first.clone())
    }

    /// Scans of the only parcel.
    fn scans(&self) -> Option<usize> {
        match self.replies.as_slice() {
            [PollReply::Track(track)] => Some(track.scans.len()),
            _ => None,
        }
    }
}

/// What was changed, and what must stand.
#[derive(Clone, Default)]
struct Change {
    /// Where and to what, for a failing test's message.
    what: String,
    /// The only parcel that it may cost, where it lies inside of one beside others.
    parcel: Option<String>,
    /// It lies inside one of so many scans.
    scans: Option<usize>,
}

fn odd_values() -> Vec<Value> {
    vec![
        json!(null),
        json!(""),
        json!("\u{e9}\u{1f4e6}\u{0}"),
        json!("9999-99-99T99:99:99+99:99"),
        json!(-1.5),
        json!(u64::MAX),
        json!(true),
        json!([]),
        json!({}),
        json!([[], {}, null]),
        json!({ "a": 1 }),
    ]
}

/// Every place below a value, as JSON pointers.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| places(item, &format!("{at}/{i}"), all));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, item)| places(item, &format!("{at}/{name}"), all));
        }
        _ => {}
    }
}

/// What a change at this place must leave alone.
fn change_at(said: &Said, whole: &Value, at: &str) -> Change {
    let mut change = Change { what: at.to_owned(), ..Change::default() };
    let ends = at.match_indices('/').map(|(end, _)| end).chain([at.len()]);
    for end in ends {
        let node = whole.pointer(&at[..end]).unwrap();
        if said.numbers.len() > 1 && change.parcel.is_none() {
            change.parcel = said.owner(&node.to_string());
        }
        let inside = end < at.len();
        if let (Value::Array(items), true) = (node, inside) {
            change.scans = change.scans.or(said.scans().filter(|scans| *scans == items.len()));
        }
    }
    change
}

fn removed(whole: &Value, at: &str) -> Option<Value> {
    let mut whole = whole.clone();
    let (parent, last) = at.rsplit_once('/')?;
    match whole.pointer_mut(parent)? {
        Value::Array(items) => drop(items.remove(last.parse().ok()?)),
        Value::Object(members) => drop(members.remove(last)?),
        _ => return None,
    }
    Some(whole)
}

fn replaced(whole: &Value, at: &str, by: Value) -> Value {
    let mut whole = whole.clone();
    *whole.pointer_mut(at).unwrap() = by;
    whole
}

fn break_json(said: &Said, whole: &Value) {
    let mut all = Vec::new();
    places(whole, "", &mut all);
    for at in &all {
        let change = change_at(said, whole, at);
        let told = |to: &str| Change { what: format!("{at}: {to}"), ..change.clone() };
        for odd in odd_values() {
            let body = replaced(whole, at, odd.clone()).to_string().into_bytes();
            said.assert_stands(body, &told(&odd.to_string()));
        }
        if let Some(without) = removed(whole, at) {
            said.assert_stands(without.to_string().into_bytes(), &told("(removed)"));
        }
        let here = whole.pointer(at).unwrap();
        let wrapped = replaced(whole, at, json!([here]));
        said.assert_stands(wrapped.to_string().into_bytes(), &told("(in a list)"));
        if let Some([only]) = here.as_array().map(Vec::as_slice) {
            let bare = replaced(whole, at, only.clone());
            let body = bare.to_string().into_bytes();
            let read = said.read(body).unwrap_or_default();
            // A list of one that comes as the one itself is the habit of some translators.
            assert_eq!(
                read,
                said.replies,
                "{}: one instead of a list of one, {at}",
                said.desk.id()
            );
        }
    }
}

/// Where each element of a document begins and ends, with where its content does.
fn elements(text: &str) -> Vec<[usize; 4]> {
    let (mut open, mut all, mut at) = (Vec::new(), Vec::new(), 0);
    while let Some(start) = text[at..].find('<').map(|found| at + found) {
        let end = start + text[start..].find('>').unwrap() + 1;
        let tag = &text[start..end];
        if tag.starts_with("</") {
            let (begin, inner): (usize, usize) = open.pop().unwrap();
            all.push([begin, inner, start, end]);
        } else if !tag.starts_with("<?") && !tag.starts_with("<!") && !tag.ends_with("/>") {
            open.push((start, end));
        }
        at = end;
    }
    assert!(open.is_empty());
    all.sort_unstable();
    all
}

fn name(text: &str, element: &[usize; 4]) -> String {
    let tag = &text[element[0] + 1..element[1] - 1];
    tag.split_whitespace().next().unwrap_or_default().to_owned()
}

fn break_xml(said: &Said, text: &str) {
    let all = elements(text);
    let scans = said.scans().expect("XML answers are about one parcel");
    let count = |wanted: &str| all.iter().filter(|e| name(text, e) == wanted).count();
    for element in &all {
        let [begin, inner, close, end] = *element;
        // Inside an element that stands as often as there are scans: inside one of them.
        let inside = all.iter().any(|outer| {
            outer[0] < begin && end < outer[3] && count(&name(text, outer)) >= scans && scans > 1
        });
        let at = name(text, element);
        let told = |to: &str| Change {
            what: format!("{at}: {to}"),
            parcel: None,
            scans: inside.then_some(scans),
        };
        let with = |from: usize, to: usize, by: &str| {
            let mut body = text.to_owned();
            body.replace_range(from..to, by);
            body.into_bytes()
        };
        let itself = &text[begin..end];
        for odd in ["", "?", "-1.5", "\u{e9}\u{1f4e6}", "99/99/9999 99:99", "<a/>", "<![CDATA[]]>"]
        {
            said.assert_stands(with(inner, close, odd), &told(odd));
        }
        said.assert_stands(with(begin, end, ""), &told("(removed)"));
        said.assert_stands(with(begin, end, &format!("{itself}{itself}")), &told("(twice)"));
        let renamed = format!("<other>{}</other>", &text[inner..close]);
        said.assert_stands(with(begin, end, &renamed), &told("(renamed)"));
        let nested = format!("<other>{itself}</other>");
        let _ = said.read(with(begin, end, &nested));
    }
}

#[test]
fn whatever_is_broken_costs_itself_and_nothing_else() {
    let alone = worlds(51).into_iter().map(|desk| Said::of(desk, 1));
    let beside = worlds(52).into_iter().map(|desk| Said::of(desk, 2));
    for said in alone.chain(beside.filter(|said| said.numbers.len() > 1)) {
        let text = std::str::from_utf8(&said.answer.body).unwrap();
        match serde_json::from_str::<Value>(text) {
            Ok(whole) => break_json(&said, &whole),
            Err(_) => break_xml(&said, text),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_flipped_bytes_make_a_panic(
        seed in 0_u64..4,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let faults = ScanFaults { unknown_code: 0.2, out_of_order: 0.2, ..ScanFaults::default() };
        for carrier in colibri_carriers::all() {
            let said = Said::of(open(*carrier, seed, faults), 3);
            let mut body = said.answer.body.to_vec();
            for (at, byte) in &flips {
                let at = at.index(body.len());
                body[at] = *byte;
                let _ = said.read(body.clone());
            }
            body.truncate(cut.index(body.len()));
            let _ = said.read(body);
        }
    }
}
