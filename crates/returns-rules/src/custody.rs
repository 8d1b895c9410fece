//! Where the goods of a line are: counters that always add up.
//!
//! Units are counted by place and by the parcel they travel in, so a late scan of one label never
//! moves the units of another. Deliberately absent: who may do what ([`crate::case`] decides).

use std::collections::BTreeMap;

use crate::goods::{Disposition, Extra, Grade, LabelNo, Place, Spot};

/// The counters cannot follow: the change was not made for this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the counters do not hold what the change moves")]
pub struct Uncounted;

/// Units of one line, by place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Custody {
    advised: u32,
    cells: BTreeMap<(Place, Option<LabelNo>), u32>,
    inspected: BTreeMap<Grade, u32>,
    held: BTreeMap<Grade, u32>,
    disposed: BTreeMap<(Grade, Disposition), u32>,
    kept: u32,
    extra: BTreeMap<Extra, (u32, u32)>,
}

fn add<K: Ord>(map: &mut BTreeMap<K, u32>, key: K, units: u32) -> Result<(), Uncounted> {
    let count = map.entry(key).or_default();
    *count = count.checked_add(units).ok_or(Uncounted)?;
    Ok(())
}

fn sub<K: Ord>(map: &mut BTreeMap<K, u32>, key: &K, units: u32) -> Result<(), Uncounted> {
    let count = map.get_mut(key).ok_or(Uncounted)?;
    *count = count.checked_sub(units).ok_or(Uncounted)?;
    if *count == 0 {
        map.remove(key);
    }
    Ok(())
}

impl Custody {
    /// Units the buyer announced.
    #[must_use]
    pub const fn advised(&self) -> u32 {
        self.advised
    }

    /// Units in a place.
    #[must_use]
    pub fn at(&self, place: Place) -> u32 {
        self.cells.range((place, None)..=(place, Some(LabelNo::MAX))).map(|(_, n)| n).sum()
    }

    /// Units in a place that travel under one label, or under none.
    #[must_use]
    pub fn at_in(&self, place: Place, label: Option<LabelNo>) -> u32 {
        self.cells.get(&(place, label)).copied().unwrap_or_default()
    }

    /// Units in a place, by the label they travel under; those under none first.
    pub fn by_label(&self, place: Place) -> impl Iterator<Item = (Option<LabelNo>, u32)> + '_ {
        let cells = self.cells.range((place, None)..=(place, Some(LabelNo::MAX)));
        cells.map(|((_, label), units)| (*label, *units))
    }

    /// Units of that grade that still wait for a disposition.
    #[must_use]
    pub fn inspected(&self, grade: Grade) -> u32 {
        self.inspected.get(&grade).copied().unwrap_or_default()
    }

    /// Units of that grade that a person has to let go first.
    #[must_use]
    pub fn held(&self, grade: Grade) -> u32 {
        self.held.get(&grade).copied().unwrap_or_default()
    }

    /// Units with a grade, disposed ones included.
    #[must_use]
    pub fn graded(&self, grade: Grade) -> u32 {
        let gone = self.disposed.iter().filter(|((g, _), _)| *g == grade);
        self.inspected(grade) + gone.map(|(_, units)| units).sum::<u32>()
    }

    /// Units that went that way, whatever their grade.
    #[must_use]
    pub fn disposed(&self, disposition: Disposition) -> u32 {
        let gone = self.disposed.iter().filter(|((_, d), _)| *d == disposition);
        gone.map(|(_, units)| units).sum()
    }

    /// Units of a grade that went that way.
    #[must_use]
    pub fn disposed_of(&self, grade: Grade, disposition: Disposition) -> u32 {
        self.disposed.get(&(grade, disposition)).copied().unwrap_or_default()
    }

    /// Units the buyer may keep: not returned, and paid for all the same.
    #[must_use]
    pub const fn kept(&self) -> u32 {
        self.kept
    }

    /// Units found beside the advised ones, since the beginning.
    #[must_use]
    pub fn extra(&self, extra: Extra) -> u32 {
        self.extra.get(&extra).map_or(0, |(found, _)| *found)
    }

    /// Of those, how many nobody has decided about.
    #[must_use]
    pub fn extra_open(&self, extra: Extra) -> u32 {
        self.extra.get(&extra).map_or(0, |(found, handled)| found.saturating_sub(*handled))
    }

    /// A scan moved them; nobody has counted them.
    #[must_use]
    pub fn assumed(&self) -> u32 {
        self.at(Place::InTransit) + self.at(Place::Arrived)
    }

    /// Units that were counted at the bench.
    #[must_use]
    pub fn received_so_far(&self) -> u32 {
        self.at(Place::Received) + self.at(Place::Inspected) + self.at(Place::Disposed)
    }

    /// Units that stand for something: announced and not called off.
    #[must_use]
    pub fn standing(&self) -> u32 {
        self.advised.saturating_sub(self.at(Place::Cancelled))
    }

    /// Is every unit at an end, and every found thing decided about?
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        Place::ALL.iter().all(|place| place.is_end() || self.at(*place) == 0)
            && self.extra_open(Extra::Surplus) == 0
            && self.extra_open(Extra::Foreign) == 0
    }

    /// What people are shown: `3 of 5 received`, by the place furthest on.
    #[must_use]
    pub fn summary(&self) -> Option<(Place, u32, u32)> {
        let there = Place::ALL.iter().rev().find(|place| self.at(**place) > 0)?;
        Some((*there, self.at(*there), self.advised))
    }

    pub(crate) fn advise(&mut self, units: u32) -> Result<(), Uncounted> {
        self.advised = self.advised.checked_add(units).ok_or(Uncounted)?;
        add(&mut self.cells, (Place::AtBuyer, None), units)
    }

    pub(crate) fn shift(
        &mut self,
        (from, old): (Place, Option<LabelNo>),
        (to, new): (Place, Option<LabelNo>),
        units: u32,
    ) -> Result<(), Uncounted> {
        sub(&mut self.cells, &(from, old), units)?;
        self.kept = self.kept.min(self.at(Place::NotReturned));
        add(&mut self.cells, (to, new), units)
    }

    pub(crate) fn keep(&mut self, label: Option<LabelNo>, units: u32) -> Result<(), Uncounted> {
        self.shift((Place::AtBuyer, label), (Place::NotReturned, None), units)?;
        self.kept = self.kept.checked_add(units).ok_or(Uncounted)?;
        Ok(())
    }

    pub(crate) fn grade(&mut self, grade: Grade, units: u32) -> Result<(), Uncounted> {
        self.shift((Place::Received, None), (Place::Inspected, None), units)?;
        add(&mut self.inspected, grade, units)?;
        if grade.is_held() { add(&mut self.held, grade, units) } else { Ok(()) }
    }

    pub(crate) fn hold(&mut self, grade: Grade, units: u32, on: bool) -> Result<(), Uncounted> {
        if on { add(&mut self.held, grade, units) } else { sub(&mut self.held, &grade, units) }
    }

    pub(crate) fn dispose(
        &mut self,
        grade: Grade,
        disposition: Disposition,
        units: u32,
    ) -> Result<(), Uncounted> {
        self.shift((Place::Inspected, None), (Place::Disposed, None), units)?;
        sub(&mut self.inspected, &grade, units)?;
        add(&mut self.disposed, (grade, disposition), units)
    }

    pub(crate) fn correct(&mut self, from: Spot, to: Place, units: u32) -> Result<(), Uncounted> {
        match from {
            Spot::In(_) => {}
            Spot::Graded(grade) => {
                sub(&mut self.inspected, &grade, units)?;
                self.clip_held(grade);
            }
            Spot::Disposed(grade, disposition) => {
                sub(&mut self.disposed, &(grade, disposition), units)?;
                if to == Place::Inspected {
                    add(&mut self.inspected, grade, units)?;
                }
            }
        }
        let mut left = units;
        for (label, there) in self.by_label(from.place()).collect::<Vec<_>>() {
            let taken = left.min(there);
            if taken > 0 {
                self.shift((from.place(), label), (to, None), taken)?;
            }
            left -= taken;
        }
        if left == 0 { Ok(()) } else { Err(Uncounted) }
    }

    fn clip_held(&mut self, grade: Grade) {
        let there = self.inspected(grade);
        if let Some(held) = self.held.get_mut(&grade) {
            *held = (*held).min(there);
        }
    }

    pub(crate) fn find(&mut self, extra: Extra, units: u32) -> Result<(), Uncounted> {
        let (found, _) = self.extra.entry(extra).or_default();
        *found = found.checked_add(units).ok_or(Uncounted)?;
        Ok(())
    }

    pub(crate) fn handle(&mut self, extra: Extra, units: u32) -> Result<(), Uncounted> {
        let (found, handled) = self.extra.get_mut(&extra).ok_or(Uncounted)?;
        *handled = handled.checked_add(units).filter(|n| *n <= *found).ok_or(Uncounted)?;
        Ok(())
    }
}
