//! What a tenant's choices depend on, parsed: tariffs, accounts, rules, exchange rates.
//!
//! Owns the cache. An entry counts for one generation; whoever decides reads the generation in the
//! same transaction. A transaction that changes something reads afresh and leaves nothing here: it
//! may still be rolled back.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use colibri_types::{AccountId, Country, TenantId};

use crate::domain::{Day, FxTable, Place, SelectionRules, Tariff};

/// A carrier account that may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Id in accounts.
    pub id: AccountId,
    /// The tenant's own name for it.
    pub code: String,
    /// Id in the carrier registry.
    pub carrier: String,
    /// Countries parcels may leave from; empty: any.
    pub origins: BTreeSet<Country>,
}

/// Everything of one tenant at one generation.
#[derive(Debug, Clone)]
pub struct Book {
    /// Which one.
    pub generation: i64,
    tariffs: HashMap<Country, Vec<Tariff>>,
    accounts: Vec<Account>,
    /// Absent: they cannot be read, so nothing can be chosen.
    pub rules: Option<SelectionRules>,
    /// Absent: prices in different currencies cannot be compared.
    pub fx: Option<FxTable>,
}

/// Tariffs for an origin, by whether the tenant can use them.
#[derive(Debug, Default)]
pub struct Usable {
    /// With an account.
    pub tariffs: Vec<Tariff>,
    /// Without.
    pub without_account: Vec<Tariff>,
}

impl Book {
    /// Orders accounts and sorts tariffs by origin.
    #[must_use]
    pub fn new(
        generation: i64,
        tariffs: Vec<Tariff>,
        mut accounts: Vec<Account>,
        rules: Option<SelectionRules>,
        fx: Option<FxTable>,
    ) -> Self {
        accounts.sort_by(|one, other| (&one.code, one.id).cmp(&(&other.code, other.id)));
        let mut by_origin: HashMap<Country, Vec<Tariff>> = HashMap::new();
        for tariff in tariffs {
            by_origin.entry(tariff.sheet().origin.country).or_default().push(tariff);
        }
        Self { generation, tariffs: by_origin, accounts, rules, fx }
    }

    /// The account that would ship with a carrier from a country: the first by code.
    #[must_use]
    pub fn account(&self, carrier: &str, origin: Country) -> Option<&Account> {
        self.accounts.iter().find(|account| {
            let allowed = account.origins.is_empty() || account.origins.contains(&origin);
            account.carrier == carrier && allowed
        })
    }

    /// Tariffs of the origin's country that have not ended before the day of shipping.
    #[must_use]
    pub fn usable(&self, origin: &Place, ship_date: Day) -> Usable {
        let mut usable = Usable::default();
        for tariff in self.tariffs.get(&origin.country).into_iter().flatten() {
            let sheet = tariff.sheet();
            if sheet.valid_to < ship_date {
                continue;
            }
            let list = match self.account(&sheet.carrier, origin.country) {
                Some(_) => &mut usable.tariffs,
                None => &mut usable.without_account,
            };
            list.push(tariff.clone());
        }
        usable
    }
}

/// The books of many tenants, each at the generation it was last needed.
#[derive(Debug)]
pub struct Books {
    held: Mutex<HashMap<TenantId, Arc<Book>>>,
    tenants_max: usize,
}

impl Books {
    /// Holds at most so many tenants.
    #[must_use]
    pub fn new(tenants_max: usize) -> Self {
        Self { held: Mutex::new(HashMap::new()), tenants_max }
    }

    /// The book of exactly that generation.
    #[must_use]
    pub fn get(&self, tenant: TenantId, generation: i64) -> Option<Arc<Book>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&tenant).filter(|book| book.generation == generation).cloned()
    }

    /// Keeps a book whose generation is committed.
    pub fn put(&self, tenant: TenantId, book: Arc<Book>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= self.tenants_max && !held.contains_key(&tenant) {
            // Any one: with more tenants than places no order of eviction helps for long.
            if let Some(other) = held.keys().next().copied() {
                held.remove(&other);
            }
        }
        held.insert(tenant, book);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::domain::demo_tariffs;

    fn account(code: &str, carrier: &str, origins: &[Country]) -> Account {
        Account {
            id: AccountId::generate(),
            code: code.to_owned(),
            carrier: carrier.to_owned(),
            origins: origins.iter().copied().collect(),
        }
    }

    fn book(generation: i64, accounts: Vec<Account>) -> Book {
        Book::new(generation, demo_tariffs().unwrap(), accounts, None, None)
    }

    #[test]
    fn the_first_account_by_code_that_ships_from_there_is_taken() {
        let accounts = vec![
            account("c", "ups", &[]),
            account("b", "ups", &[Country::DE]),
            account("a", "colissimo", &[]),
        ];
        let book = book(1, accounts);
        let code = |carrier, origin| book.account(carrier, origin).map(|a| a.code.as_str());
        assert_eq!(code("ups", Country::DE), Some("b"));
        assert_eq!(code("ups", Country::FR), Some("c"));
        assert_eq!(code("colissimo", Country::FR), Some("a"));
        assert_eq!(code("gls", Country::FR), None);
    }

    #[test]
    fn tariffs_of_other_origins_and_ended_ones_are_left_out() {
        let book = book(1, vec![account("a", "ups", &[])]);
        let origin = Place { country: Country::FR, postcode: None };
        let usable = book.usable(&origin, "2026-11-22".parse().unwrap());
        let carriers = |tariffs: &[Tariff]| -> BTreeSet<String> {
            tariffs.iter().map(|t| t.sheet().carrier.clone()).collect()
        };
        assert_eq!(carriers(&usable.tariffs), ["ups".to_owned()].into());
        assert_eq!(carriers(&usable.without_account), ["colissimo".to_owned()].into());
        assert!(usable.tariffs.iter().all(|t| t.sheet().origin.country == Country::FR));
        let later = book.usable(&origin, "2099-01-01".parse().unwrap());
        assert!(later.tariffs.is_empty() && later.without_account.is_empty());
    }

    #[test]
    fn a_book_counts_for_its_own_generation_and_places_are_limited() {
        let books = Books::new(2);
        let tenants: Vec<TenantId> = (0..3).map(|_| TenantId::generate()).collect();
        for tenant in &tenants {
            books.put(*tenant, Arc::new(book(7, Vec::new())));
        }
        let last = *tenants.last().unwrap();
        assert!(books.get(last, 7).is_some());
        assert!(books.get(last, 8).is_none());
        assert_eq!(tenants.iter().filter(|t| books.get(**t, 7).is_some()).count(), 2);
    }
}
