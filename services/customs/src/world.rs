//! Rules, rates and the nomenclature in memory: read once, on the first use, so that a process that
//! never crosses a border pays nothing for it.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use colibri_customs_rules::{
    assess::Shipped,
    declare::SdrRates,
    fx::Fx,
    hs::{Index, Nomenclature},
    tariff::{Areas, Published, Tariff},
};
use colibri_kit::fault::{BoxError, Fault};
use colibri_screening::Restrictions;
use tokio::{sync::Mutex, task::JoinHandle};

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
            if let Some((form, path)) = published(path) {
                publish(&mut shipped.tariff, form, path)?;
                continue;
            }
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

/// A file in the form that an authority publishes: `uk-measures:/srv/uk.csv`.
fn published(entry: &Path) -> Option<(Published, &Path)> {
    let (form, path) = entry.to_str()?.split_once(':')?;
    Some((form.parse().ok()?, Path::new(path)))
}

/// Reads it as `colibri tariff import` does.
fn publish(tariff: &mut Tariff, form: Published, path: &Path) -> Result<(), BoxError> {
    let text = std::fs::read_to_string(path)?;
    let name = path.file_name().map(|n| n.to_string_lossy()).unwrap_or_default();
    let report = tariff.import(form, &text, &Areas::default(), &name);
    for (what, rows) in [("not loaded", &report.refused), ("not computed", &report.unread)] {
        if let Some(first) = rows.first() {
            let count = rows.len();
            tracing::warn!(file = %name, count, "{what} from {name}: {count} rows, first {first}");
        }
    }
    match report.loaded {
        0 => Err(FileError::NoRate(name.into_owned()).into()),
        _ => Ok(()),
    }
}

/// The book, once somebody needs it.
#[derive(Debug)]
pub struct Books {
    config: Config,
    book: Once<Book>,
}

impl Books {
    /// Nothing is read yet.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self { config: config.clone(), book: Once::default() }
    }

    /// The book, read on a thread of its own the first time.
    ///
    /// # Errors
    /// [`Fault::Bug`] when a file of the operator's cannot be read; the next call tries again.
    pub async fn get(&self) -> Result<Arc<Book>, Fault> {
        if let Some(book) = self.book.value.get() {
            return Ok(book.clone());
        }
        let config = self.config.clone();
        self.book.get(move || Book::read(&config)).await
    }
}

/// A value that is made once, on a thread of its own. Who is waiting for it may give up: what was begun
/// goes on and is there for the next one, who would run out of time too if it began anew.
#[derive(Debug)]
struct Once<T> {
    value: OnceLock<Arc<T>>,
    making: Mutex<Option<JoinHandle<Result<T, BoxError>>>>,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self { value: OnceLock::new(), making: Mutex::default() }
    }
}

impl<T: Send + 'static> Once<T> {
    async fn get(
        &self,
        make: impl FnOnce() -> Result<T, BoxError> + Send + 'static,
    ) -> Result<Arc<T>, Fault> {
        let mut making = self.making.lock().await;
        if let Some(value) = self.value.get() {
            return Ok(value.clone());
        }
        let handle = making.get_or_insert_with(|| tokio::task::spawn_blocking(make));
        // Dropped here, the handle stays where the next one finds it.
        let made = handle.await;
        *making = None;
        let value = made.map_err(Fault::bug)?.map_err(Fault::bug)?;
        Ok(self.value.get_or_init(|| Arc::new(value)).clone())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn whoever_gives_up_waiting_leaves_the_value_to_the_others() {
        let (once, (started, mut began)) = (Once::default(), tokio::sync::mpsc::channel(1));
        let (go, wait) = mpsc::channel::<()>();
        let first = once.get(move || {
            started.blocking_send(()).unwrap();
            wait.recv().unwrap();
            Ok(1)
        });
        tokio::select! {
            _ = first => panic!("it has not been let go"),
            begun = began.recv() => begun.unwrap(),
        }
        // The first one is gone; what it began is what the next ones get.
        let others = [2, 3].map(|other| once.get(move || Ok(other)));
        go.send(()).unwrap();
        for other in others {
            assert_eq!(*other.await.unwrap(), 1);
        }
    }

    #[test]
    fn a_tariff_is_read_as_its_authority_publishes_it() {
        let file = std::env::temp_dir().join(format!("colibri-uk-{}.csv", std::process::id()));
        let head = "commodity__code,measure__type__id,measure__type__description,            measure__additional_code__code,measure__duty_expression,            measure__effective_start_date,measure__effective_end_date,            measure__geographical_area__id,measure__excluded_geographical_areas__ids,            measure__quota__order_number,measure__regulation__id";
        let row = "6109100000,103,Third country duty,,12.00%,2021-01-01,,1011,,,C1";
        std::fs::write(&file, format!("{head}\n{row}\n")).unwrap();
        let entry = format!("uk-measures:{}", file.display());
        let (form, path) = published(Path::new(&entry)).unwrap();
        assert_eq!((form, path), (Published::UkMeasures, file.as_path()));
        let mut tariff = Tariff::default();
        publish(&mut tariff, form, path).unwrap();
        assert!(tariff.version.contains("colibri-uk"));
        std::fs::write(&file, "neither,nor\n1,2\n").unwrap();
        assert!(publish(&mut tariff, form, path).is_err(), "a file without a rate is refused");
        std::fs::remove_file(&file).unwrap();
        for own in ["/srv/duties.csv", "C:/duties.csv", "uk:/srv/x.csv"] {
            assert!(published(Path::new(own)).is_none(), "{own}");
        }
    }

    #[tokio::test]
    async fn what_failed_is_tried_again() {
        let once = Once::default();
        assert!(once.get(|| Err("no such file".into())).await.is_err());
        assert_eq!(*once.get(|| Ok(2)).await.unwrap(), 2);
    }
}
