//! Rules, rates and the nomenclature in memory: read once, on the first use, so that a process that
//! never crosses a border pays nothing for it.

use std::sync::Arc;

use colibri_customs_rules::{
    assess::Shipped,
    declare::SdrRates,
    fx::Fx,
    hs::{Index, Nomenclature},
};
use colibri_kit::fault::{BoxError, Fault};
use colibri_screening::Restrictions;
use tokio::sync::OnceCell;

use crate::config::Config;

/// What decisions are made from.
#[derive(Debug)]
pub struct Book {
    /// Rules, tariff, exchange rates, taxes.
    pub shipped: Shipped,
    /// Special drawing rights.
    pub sdr: SdrRates,
    /// What restricts goods.
    pub restrictions: Restrictions,
    /// Six-digit codes that exist.
    pub nomenclature: Nomenclature,
    /// Their search, and the words that descriptions are judged by.
    pub index: Index,
}

/// A file of the operator's is no such file.
#[derive(Debug, thiserror::Error)]
enum FileError {
    #[error("{0} holds no duty rate")]
    NoRate(String),
}

impl Book {
    fn read(config: &Config) -> Result<Self, BoxError> {
        let mut shipped = Shipped::read()?;
        if !config.tariffs.is_empty() {
            shipped.tariff = Default::default();
        }
        for path in &config.tariffs {
            let text = std::fs::read_to_string(path)?;
            let tab = path.extension().is_some_and(|extension| extension == "tsv");
            let name = path.file_name().map(|n| n.to_string_lossy()).unwrap_or_default();
            let report = shipped.tariff.load(&text, if tab { '\t' } else { ',' }, &name);
            for refused in &report.refused {
                tracing::warn!(file = %name, "not loaded from {name}: {refused}");
            }
            if report.loaded == 0 {
                return Err(FileError::NoRate(name.into_owned()).into());
            }
        }
        if !config.rates.is_empty() {
            let text = std::fs::read_to_string(&config.rates)?;
            shipped.fx = Fx::read("European Central Bank", &text)?;
        }
        for (ids, enabled) in [(&config.rules_on, true), (&config.rules_off, false)] {
            for id in ids {
                shipped.rules.switch(id, enabled)?;
            }
        }
        let sdr = match config.sdr.as_str() {
            "" => SdrRates::shipped()?,
            path => SdrRates::read(&std::fs::read_to_string(path)?)?,
        };
        let restrictions = match config.restrictions.as_str() {
            "" => Restrictions::shipped()?,
            path => Restrictions::read(&std::fs::read_to_string(path)?)?,
        };
        let (nomenclature, index) = (Nomenclature::shipped()?, Index::shipped()?);
        Ok(Self { shipped, sdr, restrictions, nomenclature, index })
    }
}

/// The book, once somebody needs it.
#[derive(Debug)]
pub struct Books {
    config: Config,
    book: OnceCell<Arc<Book>>,
}

impl Books {
    /// Nothing is read yet.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self { config: config.clone(), book: OnceCell::new() }
    }

    /// The book, read on a thread of its own the first time.
    ///
    /// # Errors
    /// [`Fault::Bug`] when a file of the operator's cannot be read; the next call tries again.
    pub async fn get(&self) -> Result<Arc<Book>, Fault> {
        let read = || async {
            let config = self.config.clone();
            let read = tokio::task::spawn_blocking(move || Book::read(&config));
            read.await.map_err(Fault::bug)?.map(Arc::new).map_err(Fault::bug)
        };
        self.book.get_or_try_init(read).await.cloned()
    }
}
