//! Delivery dates by counting working days.
//!
//! Owns the arithmetic of hand-over and transit. Knows no holidays of its own: a day that the
//! tariff's calendar does not reach is unknown, and then no date is promised.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime, Weekday};

use super::{
    exact::Day,
    quote::{Note, NoteCode},
    request::ShipOption,
    sheet::{Calendar, TransitDays},
};

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayName {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl From<Weekday> for DayName {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

/// When a parcel arrives, by the tariff's own table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transit {
    /// Day the carrier takes it over.
    pub handover: Day,
    /// First day it may be delivered.
    pub earliest: Day,
    /// Last day it should be delivered.
    pub latest: Day,
    /// Days between the wanted ship date and `latest` that do not count, for the explanation.
    pub skipped: Vec<Day>,
}

/// Counts from the ship date to the delivery dates.
///
/// # Errors
/// The note that says why no date can be promised.
pub(super) fn transit(
    calendar: &Calendar,
    days: &TransitDays,
    ship_date: Day,
    options: &BTreeSet<ShipOption>,
    now: OffsetDateTime,
) -> Result<(Transit, Option<Note>), Note> {
    let count = Count { calendar, days, saturday: options.contains(&ShipOption::Saturday) };
    let late = now.date() == ship_date.0 && now.time() > calendar.cutoff.0;
    let mut handover = ship_date.0;
    if late {
        handover = count.next(handover)?;
    }
    handover = count.until(handover, Count::collects)?;
    let earliest = count.add(handover, days.days_min)?;
    let latest = count.add(handover, days.days_max)?;
    let mut skipped = Vec::new();
    let mut day = ship_date.0;
    while day < latest {
        let counts = count.works(day) || (day == handover);
        if !counts {
            skipped.push(Day(day));
        }
        day = count.next(day)?;
    }
    let note = late.then(|| {
        let text = format!(
            "after the cut-off of {} on {ship_date}; handed over on {}",
            calendar.cutoff,
            Day(handover)
        );
        Note::new(NoteCode::AfterCutoff, text)
    });
    let transit =
        Transit { handover: Day(handover), earliest: Day(earliest), latest: Day(latest), skipped };
    Ok((transit, note))
}

struct Count<'a> {
    calendar: &'a Calendar,
    days: &'a TransitDays,
    saturday: bool,
}

impl Count<'_> {
    fn closed(&self, day: Date) -> bool {
        self.calendar.holidays.contains(&Day(day)) || self.days.holidays.contains(&Day(day))
    }

    fn collects(&self, day: Date) -> bool {
        let open = !self.calendar.holidays.contains(&Day(day));
        open && self.calendar.collection_days.contains(&day.weekday().into())
    }

    fn works(&self, day: Date) -> bool {
        let working = self.calendar.working_days.contains(&day.weekday().into());
        working && !self.closed(day)
    }

    /// A Saturday counts only as the day of delivery, and only when it was ordered.
    fn delivers(&self, day: Date) -> bool {
        let saturday = self.saturday && day.weekday() == Weekday::Saturday && !self.closed(day);
        saturday || self.works(day)
    }

    fn next(&self, day: Date) -> Result<Date, Note> {
        let next = day.next_day().filter(|d| *d <= self.calendar.known_to.0);
        next.ok_or_else(|| {
            let text = format!("holidays are known to {} only", self.calendar.known_to);
            Note::new(NoteCode::CalendarEnds, text)
        })
    }

    fn until(&self, mut day: Date, wanted: fn(&Self, Date) -> bool) -> Result<Date, Note> {
        if day > self.calendar.known_to.0 {
            // Says the same as counting past the end.
            day = self.next(day)?;
        }
        while !wanted(self, day) {
            day = self.next(day)?;
        }
        Ok(day)
    }

    fn add(&self, handover: Date, days: u8) -> Result<Date, Note> {
        let mut day = handover;
        for left in (1..=days).rev() {
            let wanted = if left == 1 { Self::delivers } else { Self::works };
            day = self.until(self.next(day)?, wanted)?;
        }
        // With no transit day the parcel arrives on the day of hand-over.
        self.until(day, Self::delivers)
    }
}
